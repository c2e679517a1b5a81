"""Reports made by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

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
from affect.emotions import VIEWS

MakeReport = Callable[..., VideoReport]


def reading(person: int, emotion: str | None, view: str, sure: float = 0.8) -> Reading:
    labels = VIEWS[view]
    rest = (1 - sure) / (len(labels) - 1)
    return Reading(
        person=person,
        box=Box(10.04 * person, 20.0, 96.0, 96.0),
        detection_score=3.14159,
        readable=emotion is not None,
        emotion=emotion,
        scores=None if emotion is None else {x: sure if x == emotion else rest for x in labels},
        ssim=None if emotion is None else 0.81234,
    )


def _shares(emotions: list[str], view: str) -> dict[str, float]:
    return {label: emotions.count(label) / len(emotions) for label in VIEWS[view]}


@pytest.fixture
def make_report() -> MakeReport:
    """A consistent report: `plots` has for each person an emotion a moment.

    In a plot None stands for unseen and "" for seen but not readable.
    """

    def make(
        plots: list[list[str | None]],
        *,
        name: str = "holiday.mp4",
        view: str = "five",
        rate: float = 5.0,
        duration_s: float | None = None,
        partial: bool = False,
        sure: float = 0.8,
    ) -> VideoReport:
        sampled = max(map(len, plots))
        moments = []
        for index in range(sampled):
            here = [(p, plot[index]) for p, plot in enumerate(plots, 1) if plot[index] is not None]
            faces = tuple(reading(p, emotion or None, view, sure) for p, emotion in here)
            moments.append(Moment(index, index / rate, faces))
        people = []
        for number, plot in enumerate(plots, 1):
            seen = [i for i, emotion in enumerate(plot) if emotion is not None]
            if not seen:
                continue
            shown = [emotion for emotion in plot if emotion]
            shares = _shares(shown, view) if shown else {}
            people.append(
                Person(
                    id=number,
                    first_s=seen[0] / rate,
                    last_s=seen[-1] / rate,
                    faces=len(seen),
                    emotions=shares,
                    dominant=max(shares, key=shares.__getitem__) if shares else None,
                    smile_index=shares.get("happy") if shares else None,
                    posture=Posture(0.81234, "Good", len(shown)) if shown else None,
                    thumbnail=np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8) * 2,
                )
            )
        faces = [face for moment in moments for face in moment.faces]
        shown = [face.emotion for face in faces if face.emotion]
        shares = _shares(shown, view) if shown else {}
        smile = shares.get("happy")
        summary = Summary(
            emotions=shares,
            dominant=max(shares, key=shares.__getitem__) if shares else None,
            smile_index=smile,
            smile_interval=None if smile is None else (max(smile - 0.1, 0), min(smile + 0.1, 1)),
            smile_intensity=None if smile is None else 0.512345,
            posture=Posture(0.81234, "Good", len(shown)) if shown else None,
            coverage=sum(any(f.readable for f in m.faces) for m in moments) / sampled,
            unreadable=1 - len(shown) / len(faces) if faces else None,
            confidence=sure if shown else None,
        )
        assert not shares or math.isclose(sum(shares.values()), 1)
        return VideoReport(
            video=VideoInfo(name, duration_s or sampled / rate, 1920, 1080, 25.0),
            sampled=sampled,
            partial=partial,
            options=AnalysisOptions(rate=rate, view=view),
            summary=summary,
            people=tuple(people),
            moments=tuple(moments),
            model=ModelIdentity("expression", "0123456789abcdef" * 4),
        )

    return make


@pytest.fixture
def report(make_report: MakeReport) -> VideoReport:
    """Two people for twelve seconds, one of whom comes late, leaves and is blurred for a while."""
    first = ["happy"] * 25 + ["neutral"] * 12 + ["happy"] * 15 + ["surprise"] * 3 + ["happy"] * 5
    second = [None] * 15 + ["neutral"] * 10 + [None] * 12 + [""] * 5 + ["sad"] * 6 + ["angry"] * 12
    return make_report([first, second])
