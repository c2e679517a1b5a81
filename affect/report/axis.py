"""Time as the page and the pictures draw it: how long it is, and until when a look stands."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import Final

_LONGEST_HOLD_S: Final = 1.0
_GAP_LOOKS: Final = 1.8  # pictures come a little early or late
_MOST_TICKS: Final = 8
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def end_s(last_s: float, duration_s: float | None, rate: float) -> float:
    """The end of the axis: the video's length, or where that is not known, of its last look.

    Args:
        last_s: when the last look was, seconds.
        duration_s: the video's length; it may be wrong.
        rate: looks a second.
    """
    return duration_s if duration_s and duration_s > last_s else last_s + 1 / rate


def held(times_s: Sequence[float], length_s: float, rate: float) -> list[float]:
    """Until when each look stands for the video: until the next, or the end, if that is near.

    Beyond that it stands for its own time only, and what follows is a gap. Where a video has few
    pictures looks are farther apart than was asked for; near is what is usual in it, or a second.
    """
    apart_s = [after - before for before, after in itertools.pairwise(times_s)]
    usual_s = max(1 / rate, statistics.median_low(apart_s) if apart_s else 0.0)
    near_s = max(_GAP_LOOKS * usual_s, _LONGEST_HOLD_S)
    return [
        following if following - time_s <= near_s else time_s + usual_s
        for time_s, following in itertools.pairwise([*times_s, length_s])
    ]


def extent(times_s: Sequence[float], duration_s: float | None, rate: float) -> tuple[float, float]:
    """Seconds of the video for which there is a look, and of all of it; as `end_s`."""
    length_s = end_s(times_s[-1] if times_s else 0.0, duration_s, rate)
    ends_s = held(times_s, length_s, rate)
    return sum(end - time_s for time_s, end in zip(times_s, ends_s, strict=True)), length_s


def ticks(length_s: float) -> list[int]:
    """Round times, seconds, not too many to be read."""
    step_s = next((step for step in _STEPS_S if length_s / step <= _MOST_TICKS), _STEPS_S[-1])
    # Not at the very end, where the label would be cut off.
    return list(range(0, math.ceil(length_s * 0.97), step_s))
