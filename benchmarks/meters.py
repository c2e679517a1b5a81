"""Clock and scales."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def best_s(*actions: Callable[[], object], repeats: int) -> list[float]:
    """Seconds of each action's fastest try, the one least disturbed by other work.

    They take turns, so that what else the machine does slows all of them alike.
    """
    tries: list[list[float]] = [[] for _ in actions]
    for _ in range(repeats):
        for action, taken in zip(actions, tries, strict=True):
            start = time.perf_counter()
            action()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in tries]


def rss_mb() -> float:
    """Memory of this process now, in MB."""
    return float(psutil.Process().memory_info().rss) / 1_000_000


def forget_highest() -> None:
    """Let `highest_mb` begin anew, on Linux."""
    Path("/proc/self/clear_refs").write_text("5")


def highest_mb() -> float:
    """Highest memory of this process so far, as Linux counts it, in MB.

    `getrusage` would count the parent's.
    """
    kilobytes = re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return float(kilobytes[0]) * 1024 / 1e6
