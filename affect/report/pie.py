"""The pie of emotions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Final

from affect.emotions import COLORS
from affect.report.drawing import LIGHT, Theme, to_png
from affect.report.words import percent

_RADIUS: Final = 1.0
_LABEL_RADIUS: Final = 1.2
_LABEL_GAP: Final = 0.21
_SMALL: Final = 0.08


def pie(emotions: Mapping[str, float], theme: Theme = LIGHT) -> bytes:
    """A PNG of the shares, the largest first, clockwise; shares of 0 are left out.

    Raises:
        ValueError: no share is above 0.
    """
    from matplotlib.figure import Figure  # costs a second, so not before it is needed

    shown = sorted(
        ((label, share) for label, share in emotions.items() if share > 0),
        key=lambda item: -item[1],
    )
    if not shown:
        raise ValueError("a pie needs a share above 0")
    shares = [share for _, share in shown]
    start = _start(shares)
    figure = Figure(figsize=(7.2, 4.0))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.pie(
        shares,
        colors=[COLORS[label] for label, _ in shown],
        radius=_RADIUS,
        startangle=90 - math.degrees(start),
        counterclock=False,
        wedgeprops={"linewidth": 1.5 if len(shown) > 1 else 0, "edgecolor": theme.paper},
    )
    axes.set(xlim=(-2.43, 2.43), ylim=(-1.35, 1.35), aspect="equal")
    angles = _middles(shares, start)
    for (label, share), angle, height in zip(shown, angles, _heights(angles), strict=True):
        side = 1 if math.sin(angle) >= 0 else -1
        beside = math.sqrt(max(_LABEL_RADIUS**2 - height**2, 0.2))  # clear of the pie's edge
        axes.plot(
            [side * abs(math.sin(angle)) * 1.02, side * beside, side * (beside + 0.06)],
            [math.cos(angle) * 1.02, height, height],
            color=theme.faint,
            linewidth=0.9,
        )
        axes.text(
            side * (beside + 0.1),
            height,
            f"{label} {percent(share)}",
            color=theme.ink,
            fontsize=13,
            horizontalalignment="left" if side > 0 else "right",
            verticalalignment="center",
        )
    return to_png(figure, theme)


def _start(shares: Sequence[float]) -> float:
    """Angle of the first slice's beginning, clockwise from the top, in radians.

    Small slices come last; their middle is turned to the right, where their labels have room.
    """
    small = sum(share for share in shares if share < _SMALL * sum(shares))
    if small == 0 and len(shares) > 1:
        return 0.0
    return math.tau / 4 + math.tau * (small / sum(shares) if small else 1.0) / 2


def _middles(shares: Sequence[float], start: float) -> list[float]:
    """Angle of each slice's middle, clockwise from the top, in radians."""
    ends = list(itertools.accumulate(shares, initial=0.0))
    return [start + math.pi * (a + b) / ends[-1] for a, b in itertools.pairwise(ends)]


def _heights(angles: Sequence[float]) -> list[float]:
    """Heights of the labels: at their slices, but no two on one side closer than the gap."""
    heights = [_LABEL_RADIUS * math.cos(angle) for angle in angles]
    for right in (True, False):
        side = [i for i, angle in enumerate(angles) if (math.sin(angle) >= 0) == right]
        side.sort(key=lambda i: -heights[i])
        for _ in range(100):  # neighbours push each other apart until all have room
            for upper, lower in itertools.pairwise(side):
                push = max(_LABEL_GAP - (heights[upper] - heights[lower]), 0.0) / 2
                heights[upper] += push
                heights[lower] -= push
    return heights
