"""Videos made on the spot. Each picture carries its own number, so that a test can tell which
picture it was given by looking at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container.output import OutputContainer
from numpy.typing import NDArray

from affect.contracts import Frame, Limits
from affect.media import open_video

_BITS = 10


def _numbered_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Above ten upright stripes, white for the one bits of the number; below a moving texture."""
    y, x = np.mgrid[:height, :width]
    gray = (60 + (x * 3 + y * 2 + number * 4) % 128).astype(np.uint8)
    bits = np.array([number >> bit & 1 for bit in range(_BITS)], dtype=np.uint8)
    gray[: height // 2] = np.repeat(bits * 255, -(-width // _BITS))[:width]
    return gray


def _read_number(gray: NDArray[np.uint8]) -> int:
    height, width = gray.shape
    stripe = -(-width // _BITS)
    middle = gray[height // 8 : height * 3 // 8, stripe // 2 :: stripe]
    return sum(int(bit > 128) << place for place, bit in enumerate(middle.mean(axis=0)))


def _add_silence(container: OutputContainer, seconds: float) -> None:
    codec, rate = ("libopus", 48000) if container.format.name == "webm" else ("aac", 44100)
    stream = container.add_stream(codec, rate=rate, layout="mono")
    silence = np.zeros((1, round(seconds * rate)), np.float32)
    frame = av.AudioFrame.from_ndarray(silence, "fltp", "mono")
    frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    sizes = av.AudioFifo()
    sizes.write(frame)
    for piece in sizes.read_many(1024 if codec == "aac" else 960, partial=True):
        container.mux(stream.encode(piece))
    container.mux(stream.encode())


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """Writes a video of numbered pictures into the test's own folder."""

    def make(
        name: str = "video.mp4",
        *,
        times: Sequence[int] = range(100),
        tick: Fraction = Fraction(1, 25),
        size: tuple[int, int] = (160, 96),
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        options: Mapping[str, str] | None = None,
        muxer: str | None = None,
        muxer_options: Mapping[str, str] | None = None,
        title: str = "",
        sound_s: float = 0.0,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", format=muxer, options=dict(muxer_options or {})) as container:
            container.metadata["title"] = title
            stream = container.add_stream(codec, rate=1 / tick, options=dict(options or {}))
            stream.width, stream.height = size
            stream.pix_fmt = pix_fmt
            stream.time_base = stream.codec_context.time_base = tick
            if sound_s:
                _add_silence(container, sound_s)
            for number, time in enumerate(times):
                picture = _numbered_picture(number, *size)
                frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format=pix_fmt)
                frame.pts, frame.time_base = time, tick
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make


@pytest.fixture
def sampled() -> Callable[..., tuple[list[tuple[int, float]], bool]]:
    """Samples a whole file: the number on each picture given, its time, and whether partial."""

    def sample(
        path: Path, rate: float, limits: Limits | None = None
    ) -> tuple[list[tuple[int, float]], bool]:
        with open_video(path, limits or Limits()) as video:
            frames: list[Frame] = list(video.sample(rate))
            assert [frame.index for frame in frames] == list(range(len(frames)))
            return [(_read_number(f.gray), pytest.approx(f.time_s)) for f in frames], video.partial

    return sample
