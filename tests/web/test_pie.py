"""The pie as SVG."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affect.emotions import COLORS, VIEWS
from affect.web.pie import RADIUS, slices

weights = st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any)


@given(weights)
def test_slices_are_the_shares_largest_first_and_close_the_circle(parts: list[int]) -> None:
    shares = {label: n / sum(parts) for label, n in zip(VIEWS["five"], parts, strict=True)}
    cut = slices(shares)
    assert {s.emotion: s.share for s in cut} == shares
    assert [s.share for s in cut] == sorted(shares.values(), reverse=True)
    assert all(s.color == COLORS[s.emotion] for s in cut)
    outlines = [[float(n) for n in re.findall(r"-?[\d.]+", s.path)] for s in cut if s.path]
    if outlines:
        assert outlines[0][2:4] == [0, -RADIUS]
        for one, other in itertools.pairwise(outlines):
            assert one[-2:] == pytest.approx(other[2:4])
        assert outlines[-1][-2:] == pytest.approx([0, -RADIUS], abs=0.02)


def test_a_quarter() -> None:
    rest, quarter = slices({"sad": 0.25, "happy": 0.75})
    assert quarter.path == "M0 0L-100.0 0.0A100 100 0 0 1 0.0 -100.0Z"
    assert rest.path == "M0 0L0.0 -100.0A100 100 0 1 1 -100.0 0.0Z"


def test_one_emotion_alone_is_a_circle() -> None:
    whole, none = slices({"angry": 0.0, "sad": 1.0})
    assert (whole.path, whole.label_x, whole.label_y) == (None, 0, 0)
    assert (none.share, none.path, none.label_x) == (0.0, None, None)


def test_small_slices_have_no_room_for_a_label() -> None:
    large, small = slices({"happy": 0.95, "sad": 0.05})
    assert large.label_x is not None
    assert small.label_x is None
    assert small.path is not None
