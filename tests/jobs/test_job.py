"""What is told of a job's progress."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from affect.contracts import AnalysisOptions
from affect.jobs import Job, State

JOB = Job(
    id="0" * 32,
    name="me.mp4",
    state=State.RUNNING,
    stage="Looking at faces",
    done_s=0.0,
    total_s=10.0,
    attempts=1,
    keep_video=False,
    options=AnalysisOptions(),
    created_at=datetime.now(UTC),
    started_at=None,
    finished_at=None,
    error_code=None,
    error_sentence=None,
    error_advice=None,
    dominant=None,
    elapsed_s=6.0,
)


@pytest.mark.parametrize(
    ("done_s", "total_s", "percent", "remaining_s"),
    [
        (0.0, 10.0, 0, None),
        (2.5, 10.0, 25, 18.0),
        (9.999, 10.0, 99, pytest.approx(0, abs=0.01)),
        (12.0, 10.0, 99, 0.0),  # a header may lie
        (3.0, None, 0, None),
        (3.0, 0.0, 0, None),
    ],
)
def test_percent_and_time_left(
    done_s: float, total_s: float | None, percent: int, remaining_s: float | None
) -> None:
    job = replace(JOB, done_s=done_s, total_s=total_s)
    assert (job.percent, job.remaining_s) == (percent, remaining_s)


@pytest.mark.parametrize("state", State)
def test_every_state_is_one_of_three_kinds(state: State) -> None:
    job = replace(JOB, state=state, done_s=5.0)
    assert job.finished == (state not in {"queued", "running"})
    assert job.has_results == (state in {"succeeded", "partial"})
    assert (job.percent == 100) == job.has_results
    assert (job.remaining_s is not None) == (state == "running")
