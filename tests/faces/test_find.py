from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from affect.contracts import Box, Detection, Frame
from affect.faces import FaceFinder, HaarDetector
from affect.faces.find import NEWCOMERS_EVERY_S

Gray = NDArray[np.uint8]


class Recorded:
    """The real detector, remembering what it was asked."""

    def __init__(self) -> None:
        self._detector = HaarDetector()
        self.searches = 0

    def places(self, gray: Gray) -> tuple[Box, ...]:
        self.searches += 1
        return self._detector.places(gray)

    def rare_places(self, gray: Gray) -> tuple[Box, ...]:
        return self._detector.rare_places(gray)

    def look(self, gray: Gray, places: Iterable[Box]) -> tuple[Detection, ...]:
        return self._detector.look(gray, places)


def test_follows_one_face_and_searches_whole_frames_now_and_then(
    wall: Gray, put_face: Callable[[Gray, int, int], Gray]
) -> None:
    detector = Recorded()
    finder = FaceFinder(detector)
    found = [finder.find(Frame(i, i / 5, put_face(wall, 100 + 6 * i, 120))) for i in range(16)]
    assert all(len(faces) == 1 for faces in found)
    assert {faces[0].track for faces in found} == finder.people()
    assert detector.searches == 1 + 15 // round(5 * NEWCOMERS_EVERY_S)


def test_who_walks_in_is_found_within_two_seconds_beside_who_was_there(
    wall: Gray, put_face: Callable[[Gray, int, int], Gray]
) -> None:
    finder = FaceFinder(HaarDetector())
    one = put_face(wall, 80, 150)
    both = put_face(one, 480, 150)
    counts = [len(finder.find(Frame(i, i / 5, one if i < 6 else both))) for i in range(17)]
    assert counts[:6] == [1] * 6
    assert counts[-3:] == [2] * 3
    assert len(finder.people()) == 2


def test_an_empty_wall_is_nobody(wall: Gray) -> None:
    finder = FaceFinder(HaarDetector())
    assert [finder.find(Frame(i, i / 5, wall)) for i in range(6)] == [()] * 6
    assert finder.people() == frozenset()
