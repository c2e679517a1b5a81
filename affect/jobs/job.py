"""What anyone may know of a job: its state, how far it is, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from affect.contracts import AnalysisOptions


class State(StrEnum):
    """queued → running → succeeded | partial | failed | cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Job:
    """One analysis as the ledger tells it.

    Attributes:
        id: 32 hex digits, 128 random bits: who knows it may see and delete the job.
        name: the file's name as its owner calls it; for showing, never for a path.
        stage: in plain words; None while nothing is known, or it only waits for its turn.
        done_s: seconds of the video seen.
        total_s: its length, None when unknown.
        attempts: how often a worker began it.
        created_at, started_at, finished_at: UTC; None when not yet.
        dominant: the emotion shown most, None without a readable face.
        elapsed_s: seconds the present attempt has taken, by the worker's monotonic clock.
    """

    id: str
    name: str
    state: State
    stage: str | None
    done_s: float
    total_s: float | None
    attempts: int
    keep_video: bool
    options: AnalysisOptions
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str | None
    error_sentence: str | None
    error_advice: str | None
    dominant: str | None
    elapsed_s: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in (State.QUEUED, State.RUNNING)

    @property
    def has_results(self) -> bool:
        """Whether there is a report to read."""
        return self.state in (State.SUCCEEDED, State.PARTIAL)

    @property
    def percent(self) -> int:
        """From 0 to 100; 100 only once there are results."""
        if self.has_results:
            return 100
        if not self.total_s:
            return 0
        return max(0, min(99, int(100 * self.done_s / self.total_s)))

    @property
    def remaining_s(self) -> float | None:
        """Seconds it will take at the pace so far; None when there is nothing to tell it from."""
        if self.state is not State.RUNNING or not self.total_s or self.done_s <= 0:
            return None
        left_s = max(0.0, self.total_s - self.done_s)
        return self.elapsed_s * left_s / self.done_s
