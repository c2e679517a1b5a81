import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import beta

from affect.contracts import Moment, Reading
from affect.measures.smile import smile_index, smile_interval

Make = Callable[..., Reading]
Put = Callable[..., tuple[Moment, ...]]


def test_happy_faces_over_readable_faces(reading: Make) -> None:
    faces = [reading("happy"), reading("sad"), reading(None), reading("happy"), reading("neutral")]
    assert smile_index(faces) == 0.5


def test_no_readable_face_no_index(reading: Make) -> None:
    assert smile_index([reading(None)]) is None


def test_interval_holds_the_index_and_is_repeatable(reading: Make, moments: Put) -> None:
    seen = moments(*((reading("sad" if i % 7 < 2 else "happy"),) for i in range(60)))
    interval = smile_interval(seen)
    assert interval is not None
    assert 0 <= interval[0] < 42 / 60 < interval[1] <= 1
    assert smile_interval(seen) == interval


def test_looking_more_often_makes_it_no_surer(reading: Make, moments: Put) -> None:
    """Five looks a second at the same seconds say nothing new."""
    labels = ["happy" if i // 4 % 2 else "sad" for i in range(40)]
    once = smile_interval(moments(*((reading(label),) for label in labels)))
    often = smile_interval(
        moments(*((reading(label),) for label in labels for _ in range(5)), rate=5)
    )
    assert once == pytest.approx(often)


def test_changes_that_last_are_less_sure_than_changes_that_alternate(
    reading: Make, moments: Put
) -> None:
    lasting = smile_interval(
        moments(*((reading("happy" if i // 10 % 2 else "sad"),) for i in range(60)))
    )
    brief = smile_interval(moments(*((reading("happy" if i % 2 else "sad"),) for i in range(60))))
    assert lasting is not None and brief is not None
    assert lasting[1] - lasting[0] > 1.5 * (brief[1] - brief[0])


def test_too_few_seconds_say_nothing(reading: Make, moments: Put) -> None:
    assert smile_interval(moments(*((reading("happy"),) for _ in range(5)))) is None


def test_one_who_smiles_beside_one_who_never_does_says_nothing(reading: Make, moments: Put) -> None:
    seen = moments(*[(reading("happy"), reading("sad"))] * 30)
    assert smile_interval(seen) is None


def test_a_smile_throughout_is_not_certainty(reading: Make, moments: Put) -> None:
    brief, longer = (smile_interval(moments(*[(reading("happy"),)] * n)) for n in (9, 90))
    never = smile_interval(moments(*[(reading("sad"),)] * 9))
    assert brief is not None and longer is not None
    looks = 9 / 6
    assert brief == (pytest.approx(beta.ppf(0.025, looks + 0.5, 0.5)), 1)
    assert brief[0] < 0.5 < longer[0] < 1
    assert never == (0, pytest.approx(1 - brief[0]))


def test_few_seconds_are_few_looks(reading: Make, moments: Put) -> None:
    interval = smile_interval(
        moments(*((reading("happy" if i < 6 else "sad"),) for i in range(12)))
    )
    assert interval == pytest.approx(beta.ppf((0.025, 0.975), 1.5, 1.5))


@pytest.mark.parametrize("seconds", [16, 60])
def test_the_truth_lies_in_it_nearly_as_often_as_it_says(
    reading: Make, moments: Put, seconds: int
) -> None:
    """Whoever keeps an expression for four seconds in the mean smiles half of the time."""
    rng, happy, sad = np.random.default_rng(1), reading("happy"), reading("sad")
    held = 0
    for _ in range(150):
        smiles = (rng.integers(2) + np.cumsum(rng.random(seconds) < 0.25)) % 2
        interval = smile_interval(moments(*((happy if smile else sad,) for smile in smiles)))
        assert interval is not None
        held += interval[0] <= 0.5 <= interval[1]
    assert held >= 0.87 * 150


def test_two_hours_take_little_memory(reading: Make, moments: Put) -> None:
    happy, sad = reading("happy"), reading("sad")
    seen = moments(*((happy if i % 7 < 2 else sad,) for i in range(7200)))
    tracemalloc.start()
    interval = smile_interval(seen)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert interval is not None and interval[0] < 2 / 7 < interval[1]
    assert peak < 10e6
