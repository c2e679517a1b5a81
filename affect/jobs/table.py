"""The one table of the ledger, and a row of it as the outside sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from affect.contracts import AnalysisOptions
from affect.jobs.job import Job, State


class Base(DeclarativeBase):
    """Root of the tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        State: Enum(State, native_enum=False, values_callable=list),
    }


class Row(Base):
    """One job; times in seconds since 1970, UTC."""

    __tablename__ = "jobs"

    number: Mapped[int] = mapped_column(primary_key=True)  # the order, whatever the clock says
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rate: Mapped[float]
    view: Mapped[str]
    head: Mapped[str]
    keep_video: Mapped[bool]
    state: Mapped[State] = mapped_column(index=True)
    lease: Mapped[str | None] = mapped_column(default=None)
    beats: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str | None] = mapped_column(default=None)
    done_s: Mapped[float] = mapped_column(default=0.0)
    total_s: Mapped[float | None] = mapped_column(default=None)
    elapsed_s: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[float] = mapped_column(index=True)
    started_at: Mapped[float | None] = mapped_column(default=None)
    finished_at: Mapped[float | None] = mapped_column(default=None)
    error_code: Mapped[str | None] = mapped_column(default=None)
    error_sentence: Mapped[str | None] = mapped_column(default=None)
    error_advice: Mapped[str | None] = mapped_column(default=None)
    dominant: Mapped[str | None] = mapped_column(default=None)

    def job(self) -> Job:
        """As the outside sees it."""
        return Job(
            id=self.id,
            name=self.name,
            state=self.state,
            stage=self.stage,
            done_s=self.done_s,
            total_s=self.total_s,
            attempts=self.attempts,
            keep_video=self.keep_video,
            options=AnalysisOptions(self.rate, self.view, self.head),
            created_at=datetime.fromtimestamp(self.created_at, UTC),
            started_at=_time(self.started_at),
            finished_at=_time(self.finished_at),
            error_code=self.error_code,
            error_sentence=self.error_sentence,
            error_advice=self.error_advice,
            dominant=self.dominant,
            elapsed_s=self.elapsed_s,
        )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
