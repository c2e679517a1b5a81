import numpy as np
import pytest
from numpy.typing import NDArray

from affect.contracts import Box, Detection, Frame
from affect.faces.track import FORGET_S, SURE_SCORE, Tracker

Gray = NDArray[np.uint8]
rng = np.random.default_rng(3)
ANNA, BELA = (rng.integers(0, 255, (60, 60), dtype=np.uint8) for _ in range(2))


def scene(time_s: float, *people: tuple[Gray, int, int]) -> tuple[Frame, tuple[Detection, ...]]:
    """A frame with textures standing in for faces, and their true boxes."""
    gray = np.zeros((200, 600), np.uint8)
    found = []
    for texture, x, y in people:
        gray[y : y + 60, x : x + 60] = texture
        found.append(Detection(Box(x, y, 60, 60), SURE_SCORE))
    return Frame(round(time_s * 5), time_s, gray), tuple(found)


def tracks(tracker: Tracker, *scenes: tuple[Frame, tuple[Detection, ...]]) -> list[list[int]]:
    return [[face.track for face in tracker.update(*each)] for each in scenes]


def test_a_moving_face_stays_one_person() -> None:
    tracker = Tracker()
    numbers = tracks(tracker, *(scene(i / 5, (ANNA, 20 + 25 * i, 30 + i)) for i in range(12)))
    assert numbers == [[0]] * 12
    assert tracker.people(12) == {0}


def test_who_was_first_stays_first_when_another_walks_in() -> None:
    tracker = Tracker()
    numbers = tracks(
        tracker,
        scene(0.0, (ANNA, 300, 50)),
        scene(0.2, (BELA, 40, 50), (ANNA, 310, 50)),
        scene(0.4, (BELA, 80, 50), (ANNA, 320, 50)),
    )
    assert numbers == [[0], [1, 0], [1, 0]]


def test_two_people_on_one_frame_are_never_one() -> None:
    (numbers,) = tracks(Tracker(), scene(0.0, (ANNA, 50, 50), (ANNA, 115, 50)))
    assert len(set(numbers)) == 2


def test_people_who_pass_each_other_keep_their_numbers() -> None:
    walk = [scene(i / 5, (ANNA, 20 + 40 * i, 20), (BELA, 420 - 40 * i, 110)) for i in range(11)]
    assert tracks(Tracker(), *walk) == [[0, 1]] * 11


def test_a_like_face_that_jumped_a_little_is_the_same() -> None:
    assert tracks(Tracker(), scene(0.0, (ANNA, 50, 50)), scene(1.0, (ANNA, 120, 60))) == [[0], [0]]


def test_another_face_at_some_distance_is_another_person() -> None:
    assert tracks(Tracker(), scene(0.0, (ANNA, 50, 50)), scene(1.0, (BELA, 120, 60))) == [[0], [1]]


def test_who_was_away_for_long_is_someone_new() -> None:
    first, missed, later = scene(0, (ANNA, 50, 50)), scene(0.5), scene(FORGET_S + 1, (ANNA, 50, 50))
    assert tracks(Tracker(), first, missed, later) == [[0], [], [1]]


def test_looks_far_apart_show_one_person() -> None:
    tracker = Tracker()
    assert tracks(tracker, *(scene(60 * i, (ANNA, 50, 50)) for i in range(4))) == [[0]] * 4
    assert tracker.people(4) == {0}


def test_seen_once_is_noise_unless_there_was_only_one_look() -> None:
    tracker = Tracker()
    tracks(tracker, scene(0.0, (ANNA, 50, 50)))
    assert tracker.people(1) == {0}
    assert tracker.people(2) == frozenset()


@pytest.mark.parametrize(("score", "people"), [(SURE_SCORE - 1, 0), (SURE_SCORE, 1)])
def test_a_person_was_seen_for_sure_at_least_once(score: float, people: int) -> None:
    tracker = Tracker()
    for time_s in (0.0, 0.2, 0.4):
        frame, (found,) = scene(time_s, (ANNA, 50, 50))
        tracker.update(frame, (Detection(found.box, score),))
    assert len(tracker.people(3)) == people
