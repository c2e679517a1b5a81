"""Reports made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from affect.contracts import (
    AnalysisOptions,
    Box,
    ModelIdentity,
    Moment,
    Person,
    Posture,
    Reading,
    Summary,
    VideoInfo,
    VideoReport,
)


@pytest.fixture
def report() -> VideoReport:
    """One happy face in one of two moments."""
    shares = {"angry": 0.0, "happy": 1.0, "sad": 0.0, "surprise": 0.0, "neutral": 0.0}
    posture = Posture(0.81, "Good", 1)
    face = Reading(1, Box(0, 0, 90, 90), 5.0, True, "happy", shares, None)
    person = Person(1, 0.0, 0.0, 1, shares, "happy", 1.0, posture, np.zeros((48, 48), np.uint8))
    return VideoReport(
        video=VideoInfo("holiday.mp4", 0.4, 320, 240, 25.0),
        sampled=2,
        partial=False,
        options=AnalysisOptions(),
        summary=Summary(shares, "happy", 1.0, (0.21, 1.0), 1.0, posture, 0.5, 0.0, 1.0),
        people=(person,),
        moments=(Moment(0, 0.0, (face,)), Moment(1, 0.2, ())),
        model=ModelIdentity("expression", "0" * 64),
    )
