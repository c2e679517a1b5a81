from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from affect.emotions import COLORS
from affect.report.drawing import DARK
from affect.report.timeline import COLUMNS, ROWS, ribbons, timeline


def rgb(label):
    return np.array([int(COLORS[label][i : i + 2], 16) / 255 for i in (1, 3, 5)])


def at(strip, share):
    return strip[int(share * COLUMNS)]


def test_colour_tells_the_emotion_and_blanks_what_could_not_be_read(make_report):
    plot = ["happy"] * 5 + [None] * 5 + [""] * 5 + ["sad"] * 5
    strip = ribbons(make_report([plot], sure=1.0), 4.0)[0]
    assert strip.shape == (COLUMNS, 4)
    np.testing.assert_allclose(at(strip, 0.1), [*rgb("happy"), 1], atol=1e-6)
    np.testing.assert_allclose(at(strip, 0.9), [*rgb("sad"), 1], atol=1e-6)
    assert at(strip, 0.4)[3] == 0
    np.testing.assert_allclose(at(strip, 0.6), [1, 1, 1, 1])


def test_the_less_sure_the_paler(make_report):
    sure, unsure, guessed = (
        at(ribbons(make_report([["sad"] * 5], sure=sure), 1.0)[0], 0.5) for sure in (1.0, 0.6, 0.21)
    )
    assert (sure[:3] < unsure[:3]).all()
    assert (unsure[:3] < guessed[:3]).all()
    assert (guessed[:3] < 1).all()
    assert guessed.min() < 0.6  # and still to be told from paper


def test_on_dark_paper_the_less_sure_is_darker(make_report):
    sure, guessed = (
        at(ribbons(make_report([["sad"] * 5], sure=sure), 1.0, DARK)[0], 0.5) for sure in (1.0, 0.2)
    )
    paper = np.array([int(DARK.paper[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    np.testing.assert_allclose(sure[:3], rgb("sad"), atol=1e-6)
    assert np.abs(guessed[:3] - paper).sum() < np.abs(sure[:3] - paper).sum()


def test_many_moments_in_a_column_show_what_weighs_most(make_report):
    plot = (["happy"] * 3 + ["angry"]) * 3000
    strip = ribbons(make_report([plot], sure=1.0), 2400.0)[0]
    to_happy, to_angry = (np.abs(strip[:, :3] - rgb(label)).sum(axis=1) for label in plot[2:4])
    assert (to_happy < to_angry).all()
    # Nor is it as sure as if there were no others.
    assert (to_happy > 0.1).all()


def test_a_long_pause_between_pictures_is_a_gap(make_report):
    report = make_report([["happy"] * 10], sure=1.0)
    late = dataclasses.replace(report.moments[-1], time_s=10.0)
    report = dataclasses.replace(report, moments=(*report.moments[:-1], late))
    seen = ribbons(report, 12.0)[0][:, 3] > 0
    assert seen[int(1.5 / 12 * COLUMNS)]
    assert not seen[int(5 / 12 * COLUMNS)]
    assert seen[int(10.1 / 12 * COLUMNS)]


@pytest.mark.parametrize(("moments", "people"), [(1, 1), (10, 3), (3000, 2), (5, ROWS + 20)])
def test_its_size_is_bounded(make_report, moments, people):
    report = make_report(
        [["happy", "sad", None][p % 3 : p % 3 + 1] * moments for p in range(people)]
    )
    png = timeline(report)
    height, width, _ = cv2.imdecode(np.frombuffer(png, np.uint8), 1).shape
    assert width == 1350
    assert height < 1200
    assert len(png) < 200_000
