"""Which pictures are wanted, and which packets must be decoded to get them. No file in sight.

A moment lies every 1/rate seconds from 0. The picture for a moment is the first one shown at or
after it. Where a gap makes one picture the first for several moments, it is given once: sampled
times always rise, and no picture is given twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Picture = TypeVar("Picture")

# Times are rounded, in files and in floating point: this much too early is still on time.
_EARLY_S = 1e-6


def choose(
    pictures: Iterable[tuple[float, Picture]], rate: float
) -> Iterator[tuple[float, Picture]]:
    """The pictures to give, each as soon as it is read.

    Args:
        pictures: seconds since the first picture, and the picture, in the order shown. Those
            before 0 and those whose time goes back are passed over.
        rate: moments a second, above 0.
    """
    reached = -1
    for time_s, picture in pictures:
        moment = math.floor((time_s + _EARLY_S) * rate)
        if moment > reached:
            reached = moment
            yield time_s, picture


def find_wanted(
    times_s: NDArray[np.float64], shown: NDArray[np.bool_], rate: float
) -> NDArray[np.bool_]:
    """Which packets hold a picture to give.

    Args:
        times_s: seconds since the first picture, in the order of decoding, shape (N,).
        shown: false for packets that are decoded but cut from the presentation, shape (N,).
        rate: moments a second, above 0.

    Returns:
        bool, shape (N,).
    """
    order = np.argsort(times_s, kind="stable")
    order = order[shown[order]]
    chosen = choose(zip(times_s[order].tolist(), order.tolist(), strict=True), rate)
    wanted = np.zeros(len(times_s), dtype=bool)
    wanted[[packet for _, packet in chosen]] = True
    return wanted


def find_needed(
    times_s: NDArray[np.float64], key: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which packets the decoder must see for every wanted picture to come out.

    Decoding can start afresh at a key picture that parts the video in two: all decoded before it
    are shown before it, all decoded after it are shown after it. Between two such pictures
    nothing is needed beyond the last wanted one.

    Args:
        times_s: seconds since the first picture, in the order of decoding, shape (N,).
        key: packets that need no other, shape (N,).
        wanted: packets that hold a picture to give, shape (N,).

    Returns:
        bool, shape (N,); true wherever `wanted` is.
    """
    before = np.maximum.accumulate(np.concatenate(([-np.inf], times_s)))[:-1]
    after = np.minimum.accumulate(times_s[::-1])[::-1]
    part = np.cumsum(key & (before < times_s) & (times_s <= after))
    last = np.full(part.max(initial=0) + 1, -1)
    np.maximum.at(last, part[wanted], np.flatnonzero(wanted))
    needed: NDArray[np.bool_] = np.arange(len(times_s)) <= last[part]
    return needed
