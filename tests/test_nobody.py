"""Pictures without a face: nobody is found, and no emotion is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import affect
from affect.contracts import VideoReport

HEIGHT, WIDTH = 360, 480
Picture = NDArray[np.uint8]  # (HEIGHT, WIDTH, 3)


def noise(i: int) -> Picture:
    rng = np.random.default_rng(i)
    return rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def gradient(i: int) -> Picture:
    across, down = np.meshgrid(np.linspace(0, 200, WIDTH), np.linspace(0, 55, HEIGHT))
    return np.repeat(((across + down + 9 * i) % 256)[..., None], 3, axis=2).astype(np.uint8)


def checkerboard(i: int) -> Picture:
    down, across = np.mgrid[:HEIGHT, :WIDTH] + 3 * i
    return np.repeat(((down // 30 + across // 30) % 2 * 255)[..., None], 3, axis=2).astype(np.uint8)


def shapes(i: int) -> Picture:
    rng = np.random.default_rng(1)
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for _ in range(12):
        x, y, side = (int(value) for value in rng.integers(20, 300, 3))
        color = [int(value) for value in rng.integers(0, 256, 3)]
        cv2.circle(picture, (x + 4 * i, y), side // 5, color, -1)
        cv2.rectangle(picture, (y, x - 3 * i), (y + side // 3, x - 3 * i + 40), color, -1)
    return picture


def text(i: int) -> Picture:
    picture = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    for line in range(9):
        words = f"{line + i} Say what you see, not what you feel."
        cv2.putText(
            picture, words, (5, 35 + 38 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20)
        )
    return picture


def scenery(i: int) -> Picture:
    """Clouds, hills and leaves have about this spectrum (Field 1987)."""
    rng = np.random.default_rng(3)
    pictures = []
    for power in (1.2, 1.6, 2.0):
        square = np.fft.fftfreq(HEIGHT)[:, None] ** 2 + np.fft.fftfreq(WIDTH)[None] ** 2
        square[0, 0] = 1
        spectrum = np.fft.fft2(rng.normal(size=(HEIGHT, WIDTH))) * square ** (-power / 2)
        plane = np.fft.ifft2(spectrum).real
        pictures.append(np.clip(128 + 55 * plane / plane.std(), 0, 255))
    return np.roll(np.stack(pictures, axis=2), 5 * i, axis=1).astype(np.uint8)


def still_life(i: int) -> Picture:
    """A cup of coffee, a photograph; the camera comes nearer."""
    from skimage import data

    picture = cv2.resize(data.coffee(), (WIDTH, HEIGHT))
    nearer = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0, 1 + 0.03 * i)
    return np.asarray(cv2.warpAffine(picture, nearer, (WIDTH, HEIGHT)), np.uint8)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Iterator[Picture]], Path]:
    """Five pictures a second, as one video."""

    def encode(pictures: Iterator[Picture]) -> Path:
        path = tmp_path / "nobody.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=5, options={"crf": "12"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for picture in pictures:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        return path

    return encode


def says_nobody(report: VideoReport) -> bool:
    """No person, no face, no emotion, nothing derived from one."""
    summary = report.summary
    return (
        report.people == ()
        and not any(moment.faces for moment in report.moments)
        and not summary.emotions
        and summary.coverage == 0
        and (summary.dominant, summary.unreadable, summary.smile_index) == (None, None, None)
    )


def pan(name: str, i: int) -> Picture:
    """A photograph that scikit-image brings along, of which the camera sees ever another part."""
    from skimage import data

    picture = getattr(data, name)()
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    larger = cv2.resize(picture[..., :3], (WIDTH + 57, HEIGHT + 38))
    return np.ascontiguousarray(larger[2 * i : HEIGHT + 2 * i, 3 * i : WIDTH + 3 * i])


@pytest.mark.parametrize("name", ["chelsea", "rocket", "grass", "brick"])
def test_photographs_of_other_things(name: str, write: Callable[[Iterator[Picture]], Path]) -> None:
    """A cat's face is no face; nothing was learned from any of them."""
    report = affect.analyze(write(pan(name, i) for i in range(20)))
    assert report.sampled == 20
    assert says_nobody(report)


@pytest.mark.parametrize(
    "picture", [noise, gradient, checkerboard, shapes, text, scenery, still_life]
)
def test_generated_pictures(
    picture: Callable[[int], Picture], write: Callable[[Iterator[Picture]], Path]
) -> None:
    report = affect.analyze(write(picture(i) for i in range(20)))
    assert report.sampled == 20
    assert says_nobody(report)


def test_a_road_from_above(shared_data: Path) -> None:
    report = affect.analyze(shared_data / "situations" / "no_face_road_from_above.mp4")
    assert report.sampled == 60
    assert says_nobody(report)


def test_a_title_before_somebody_comes(shared_data: Path) -> None:
    report = affect.analyze(shared_data / "situations" / "no_face_then_face_hevc.mov")
    before = [moment for moment in report.moments if moment.time_s < 3.5]
    assert len(before) >= 17
    assert not any(moment.faces for moment in before)
