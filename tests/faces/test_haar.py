from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from affect.contracts import Box, Limits
from affect.faces import SURE_SCORE, HaarDetector
from affect.faces.boxes import overlaps, rectangles
from affect.media import open_video

Gray = NDArray[np.uint8]
FACE = Box(165, 60, 120, 120)


def overlap(a: Box, b: Box) -> float:
    return float(overlaps(rectangles([a]), rectangles([b]))[0, 0])


def test_finds_the_face_and_is_sure(astronaut: Gray) -> None:
    found = HaarDetector().detect(astronaut)
    assert overlap(found[0].box, FACE) > 0.4
    assert found[0].score >= SURE_SCORE
    assert all(face.score < SURE_SCORE for face in found[1:])


@pytest.mark.parametrize("scale", [0.5, 1.5, 3.0])
def test_boxes_are_in_pixels_of_the_given_frame(astronaut: Gray, scale: float) -> None:
    found = HaarDetector().detect(cv2.resize(astronaut, None, fx=scale, fy=scale))
    box = found[0].box
    assert (
        overlap(Box(box.x / scale, box.y / scale, box.width / scale, box.height / scale), FACE)
        > 0.4
    )
    assert box.width == pytest.approx(box.height)


@pytest.mark.parametrize("angle", [-28, 28])
def test_finds_a_tilted_head(astronaut: Gray, angle: float) -> None:
    turn = cv2.getRotationMatrix2D((225, 120), angle, 1.0)
    tilted = cv2.warpAffine(astronaut, turn, (512, 512), borderValue=128)
    found = HaarDetector().detect(tilted)
    assert overlap(found[0].box, FACE) > 0.4
    assert found[0].score >= SURE_SCORE


def test_each_of_two_faces_is_found_once(
    wall: Gray, put_face: Callable[[Gray, int, int], Gray]
) -> None:
    found = HaarDetector().detect(put_face(put_face(wall, 60, 150), 460, 200))
    sure = sorted(face.box.x for face in found if face.score >= SURE_SCORE)
    assert len(sure) == 2
    assert sure[0] < 240 < 440 < sure[1]


def test_looking_elsewhere_finds_nothing(astronaut: Gray) -> None:
    assert HaarDetector().look(astronaut, [Box(380, 380, 100, 100)]) == ()


@pytest.mark.parametrize("corner", [(900, 900), (-300, -300), (200, -300), (-300, 200)])
def test_looking_outside_the_frame_finds_nothing(
    astronaut: Gray, corner: tuple[float, float]
) -> None:
    assert HaarDetector().look(astronaut, [Box(*corner, 100, 100)]) == ()


@pytest.mark.parametrize("picture", ["coffee", "camera", "brick", "grass", "rocket"])
def test_pictures_without_a_face_hold_no_sure_face(picture: str) -> None:
    pixels = getattr(data, picture)()
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels
    assert all(face.score < SURE_SCORE for face in HaarDetector().detect(gray))


def test_road_without_people_holds_no_sure_face(shared_data: Path) -> None:
    path = shared_data / "situations" / "no_face_road_from_above.mp4"
    with open_video(path, Limits()) as video:
        found = [HaarDetector().detect(frame.gray) for frame in video.sample(2)]
    assert len(found) > 20
    assert all(face.score < SURE_SCORE for faces in found for face in faces)


def test_threads_do_not_disturb_each_other(astronaut: Gray) -> None:
    """As on a cluster whose workers have several threads; OpenCV's cascades bear only one."""
    pictures = [astronaut[:, shift : shift + 400].copy() for shift in range(0, 96, 8)]
    alone = [HaarDetector().detect(picture) for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(HaarDetector().detect, pictures))
    assert together == alone
