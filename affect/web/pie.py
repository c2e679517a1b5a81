"""The pie of emotions as the parts of an SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from affect.emotions import COLORS

RADIUS = 100.0
_LABEL_RADIUS = 66.0
_SMALLEST_LABELLED = 0.1
_WHOLE = 0.9999


@dataclass(frozen=True)
class Slice:
    """One slice of a pie around (0, 0), the first beginning at the top, clockwise.

    Attributes:
        share: in [0, 1].
        path: its outline, SVG path data; None for the whole circle or for nothing.
        label_x, label_y: where its percentage stands; None when there is no room for it.
    """

    emotion: str
    share: float
    color: str
    path: str | None
    label_x: float | None
    label_y: float | None


def slices(emotions: Mapping[str, float]) -> tuple[Slice, ...]:
    """The shares as slices, the largest first."""
    ordered = sorted(emotions.items(), key=lambda item: -item[1])
    start, cut = 0.0, []
    for emotion, share in ordered:
        labelled = share >= _SMALLEST_LABELLED
        whole = share >= _WHOLE
        x, y = (0.0, 0.0) if whole else _point(start + share / 2, _LABEL_RADIUS)
        cut.append(
            Slice(
                emotion=emotion,
                share=share,
                color=COLORS[emotion],
                path=None if whole or share <= 0 else _outline(start, start + share),
                label_x=x if labelled else None,
                label_y=y if labelled else None,
            )
        )
        start += share
    return tuple(cut)


def _point(turn: float, radius: float) -> tuple[float, float]:
    angle = math.tau * turn
    # Adding zero turns −0.0 into 0.0.
    return round(radius * math.sin(angle), 2) + 0.0, round(-radius * math.cos(angle), 2) + 0.0


def _outline(start: float, end: float) -> str:
    (x0, y0), (x1, y1) = _point(start, RADIUS), _point(end, RADIUS)
    large = int(end - start > 0.5)
    return f"M0 0L{x0} {y0}A{RADIUS:g} {RADIUS:g} 0 {large} 1 {x1} {y1}Z"
