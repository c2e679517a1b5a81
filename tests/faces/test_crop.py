import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affect.contracts import Box
from affect.faces.crop import crop

RAMP = np.tile(np.arange(200, dtype=np.uint8), (100, 1))


def test_takes_what_is_in_the_box() -> None:
    face = crop(RAMP, Box(50, 20, 48, 48))
    np.testing.assert_array_equal(face, RAMP[20:68, 50:98])


def test_goes_on_beyond_the_edge_without_stretching() -> None:
    face = crop(RAMP, Box(-24, 0, 48, 48))
    assert (face[:, :24] == 0).all()
    np.testing.assert_array_equal(face[0, 24:], np.arange(24))


@given(st.floats(-150, 250), st.floats(-150, 150), st.floats(1, 300))
def test_any_box_gives_a_face_sized_crop(x: float, y: float, side: float) -> None:
    face = crop(RAMP, Box(x, y, side, side))
    assert face.shape == (48, 48)
    assert face.dtype == np.uint8


def test_turns_a_tilted_head_upright() -> None:
    tilted = np.rot90(RAMP).copy()  # what was right is now up: turned by 90 degrees
    upright = crop(tilted, Box(26, 76, 48, 48), tilt=-90)
    np.testing.assert_allclose(upright.astype(int), RAMP[26:74, 76:124].astype(int), atol=1)
