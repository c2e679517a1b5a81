import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affect.contracts import Box
from affect.faces.boxes import overlaps, rectangles

coordinates = st.floats(-1000, 1000)
sides = st.floats(0.5, 500)
boxes = st.lists(st.builds(Box, coordinates, coordinates, sides, sides), min_size=1, max_size=5)


@given(boxes, boxes)
def test_overlap_is_a_symmetric_fraction(a: list[Box], b: list[Box]) -> None:
    forth, back = overlaps(rectangles(a), rectangles(b)), overlaps(rectangles(b), rectangles(a))
    assert forth.shape == (len(a), len(b))
    np.testing.assert_allclose(forth, back.T)
    assert ((forth >= 0) & (forth <= 1 + 1e-9)).all()


@given(boxes)
def test_a_box_overlaps_itself_wholly(a: list[Box]) -> None:
    np.testing.assert_allclose(np.diag(overlaps(rectangles(a), rectangles(a))), 1)


def test_half_shared() -> None:
    shared = overlaps(rectangles([Box(0, 0, 10, 10)]), rectangles([Box(5, 0, 10, 10)]))
    assert shared[0, 0] == pytest.approx(1 / 3)
