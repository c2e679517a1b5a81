from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affect.emotions import COLORS
from affect.report import pie as room
from affect.report.pie import pie


def picture(png):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), 1), cv2.COLOR_BGR2RGB)


def area(image, label):
    colour = [int(COLORS[label][i : i + 2], 16) for i in (1, 3, 5)]
    return int((image == colour).all(axis=-1).sum())


def test_slices_have_the_emotions_colours_and_the_shares_areas():
    shares = {"angry": 0.1, "happy": 0.6, "sad": 0.0, "surprise": 0.0, "neutral": 0.3}
    image = picture(pie(shares))
    areas = {label: area(image, label) for label in shares}
    assert areas["sad"] == areas["surprise"] == 0
    for label, share in shares.items():
        assert areas[label] / sum(areas.values()) == pytest.approx(share, abs=0.01)


def test_stands_on_white():
    image = picture(pie({"happy": 0.5, "sad": 0.5}))
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()


def test_one_emotion_alone_is_a_whole_disc():
    image = picture(pie({"happy": 1.0, "sad": 0.0}))
    rows, columns = np.nonzero((image == [0xE6, 0x9F, 0x00]).all(axis=-1))
    across = columns.max() - columns.min()
    assert rows.max() - rows.min() == pytest.approx(across, abs=2)
    assert len(rows) == pytest.approx(math.pi / 4 * across**2, rel=0.02)


def test_without_a_share_there_is_no_pie():
    with pytest.raises(ValueError, match="above 0"):
        pie({"happy": 0.0})


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=7))
def test_labels_of_one_side_have_room(shares):
    shares = sorted(shares, reverse=True)
    angles = room._middles(shares, room._start(shares))
    heights = room._heights(angles)
    for right in (True, False):
        side = sorted(
            h for h, a in zip(heights, angles, strict=True) if (math.sin(a) >= 0) == right
        )
        for lower, upper in itertools.pairwise(side):
            assert upper - lower > 0.95 * room._LABEL_GAP
    assert max(map(abs, heights)) < 1.35


@pytest.mark.parametrize(
    "shares",
    [{"surprise": 1.0}, {"happy": 0.997, "surprise": 0.003}, {"sad": 0.5, "surprise": 0.5}],
)
def test_no_label_is_cut_off(shares):
    image = picture(pie(shares))
    assert (image[:, [0, 1, -2, -1]] == 255).all()
