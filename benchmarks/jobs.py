"""How long the jobs need to do what they promise within some seconds.

Prints what a cancelled job and a killed worker cost, each the slowest of several times; see
benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from affect.contracts import AnalysisOptions
from affect.jobs import Job, Jobs, State
from affect.settings import Settings

VIDEO = Path(__file__).resolve().parent.parent / "static" / "example.mp4"
# Every picture is looked at, for the worker to be busy.
THOROUGH = AnalysisOptions(rate=60)


def seconds_until(so: Callable[[], bool]) -> float:
    """Seconds from now until it is so."""
    start = time.perf_counter()
    while not so():
        time.sleep(0.01)
    return time.perf_counter() - start


def send(jobs: Jobs) -> Job:
    """Send the video."""
    with VIDEO.open("rb") as file:
        return jobs.submit(file, VIDEO.name, THOROUGH, False)


def send_until_busy(jobs: Jobs) -> Job:
    """Send the video and wait until a worker is in the middle of it."""
    job = send(jobs)
    seconds_until(lambda: jobs.get(job.id).done_s > 0)
    return job


def cancel_s(jobs: Jobs) -> float:
    """Seconds from cancelling what runs until the worker has begun with what waits."""
    running, waiting = send_until_busy(jobs), send(jobs)
    jobs.cancel(running.id)
    seconds = seconds_until(lambda: jobs.get(waiting.id).state is not State.QUEUED)
    seconds_until(lambda: jobs.get(waiting.id).finished)
    return seconds


def again_s(jobs: Jobs) -> float:
    """Seconds from the death of a worker until another has begun its job anew."""
    job = send_until_busy(jobs)
    for child in psutil.Process(os.getpid()).children(recursive=True):
        if any("spawn_main" in word for word in child.cmdline()):
            child.kill()
    seconds = seconds_until(lambda: jobs.get(job.id).attempts == 2)
    seconds_until(lambda: jobs.get(job.id).finished)
    return seconds


def main() -> None:
    """Parse, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="default 5")
    times = range(parser.parse_args().times)
    with tempfile.TemporaryDirectory() as folder:
        jobs = Jobs(Settings(data=Path(folder)))
        jobs.start()
        try:
            cancelled = max(cancel_s(jobs) for _ in times)
            killed = max(again_s(jobs) for _ in times)
        finally:
            jobs.stop()
    print("| after | until | at most |\n| --- | --- | ---: |")
    print(f"| cancelling what runs | the next is begun | {cancelled:.1f} s |")
    print(f"| the death of a worker | its job is begun again | {killed:.1f} s |")


if __name__ == "__main__":
    main()
