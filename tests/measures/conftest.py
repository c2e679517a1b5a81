"""Readings made to measure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from affect.contracts import Box, Moment, Reading
from affect.emotions import VIEWS


@pytest.fixture(scope="session")
def reading() -> Callable[..., Reading]:
    """A reading of one person with one emotion, or none for an unreadable face."""

    def make(
        emotion: str | None, person: int = 1, ssim: float | None = None, sure: float = 0.8
    ) -> Reading:
        rest = (1 - sure) / 4
        scores = {label: sure if label == emotion else rest for label in VIEWS["five"]}
        return Reading(
            person=person,
            box=Box(0, 0, 10, 10),
            detection_score=50,
            readable=emotion is not None,
            emotion=emotion,
            scores=scores if emotion else None,
            ssim=ssim,
        )

    return make


@pytest.fixture(scope="session")
def moments() -> Callable[..., tuple[Moment, ...]]:
    """Moments at a rate from the faces of each."""

    def make(*faces: tuple[Reading, ...], rate: float = 1.0) -> tuple[Moment, ...]:
        return tuple(Moment(i, i / rate, each) for i, each in enumerate(faces))

    return make
