from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from affect.emotions import COLORS, EMOTIONS, VIEWS, restrict, view_indices

views = st.sampled_from(sorted(VIEWS))
faces = arrays.arrays(
    np.float32,
    st.tuples(st.integers(0, 5), st.just(len(EMOTIONS))),
    elements=st.floats(0, 1, width=32),
)


def test_the_seven_stand_in_fer2013s_order() -> None:
    assert EMOTIONS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_the_views() -> None:
    assert VIEWS["five"] == ("angry", "happy", "sad", "surprise", "neutral")
    assert VIEWS["seed"] == ("angry", "disgust", "fear", "happy", "sad")
    assert VIEWS["seven"] == EMOTIONS


def test_view_indices_name_the_views_classes() -> None:
    for view, labels in VIEWS.items():
        assert tuple(EMOTIONS[i] for i in view_indices(view)) == labels


def test_an_unknown_view_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        view_indices("eight")


def test_one_colour_an_emotion() -> None:
    assert set(COLORS) == set(EMOTIONS)
    assert len(set(COLORS.values())) == len(EMOTIONS)


def test_restrict_renormalises() -> None:
    seven = np.array([0.1, 0.3, 0.2, 0.2, 0.1, 0.0, 0.1], np.float32)
    np.testing.assert_allclose(restrict(seven, "five"), [0.2, 0.4, 0.2, 0.0, 0.2], rtol=1e-6)


def test_a_view_without_any_probability_is_shared_equally() -> None:
    all_neutral = np.eye(7, dtype=np.float32)[[EMOTIONS.index("neutral")]]
    np.testing.assert_allclose(restrict(all_neutral, "seed"), np.full((1, 5), 0.2), rtol=1e-6)


@given(faces, views)
def test_restricted_rows_sum_to_one_and_keep_their_order(
    probabilities: np.ndarray, view: str
) -> None:
    restricted = restrict(probabilities, view)
    assert restricted.dtype == np.float32
    assert restricted.shape == (len(probabilities), len(VIEWS[view]))
    np.testing.assert_allclose(restricted.sum(axis=1), 1, rtol=1e-5)
    assert ((restricted >= 0) & (restricted <= 1)).all()
    chosen = probabilities[:, view_indices(view)]
    for before, after in zip(chosen, restricted, strict=True):
        if before.any():
            assert after[before.argmax()] == after.max()
