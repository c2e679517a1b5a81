"""The ledger: one SQLite table that alone says what is to be done and what is done.

Every change is one SQL statement that names the state it expects, so of two who would change a
job only one does. A worker that begins a job takes its *lease*, a random word, and is heard only
while the row still holds it. Cancelling, deleting or giving a job to another worker takes the
lease away. A lease is alive while its count of beats grows; no two clocks need to agree.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    URL,
    create_engine,
    delete,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from affect.contracts import AnalysisOptions, Progress
from affect.errors import AffectError, DiskFull, FolderUnusable, JobError
from affect.jobs.job import Job, State
from affect.jobs.table import Base, Row

BUSY_S = 20.0


@dataclass(frozen=True)
class Lease:
    """The right to work on a job, and the job as it was when the right was given."""

    job: Job
    word: str


# The latter two also where a quota or the file system's largest file is reached.
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
_UNUSABLE = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
ACTIVE = Row.state.in_((State.QUEUED, State.RUNNING))
WAITING_AGAIN = {
    "state": State.QUEUED,
    "lease": None,
    "stage": None,
    "done_s": 0.0,
    "elapsed_s": 0.0,
    "started_at": None,
}


class Ledger:
    """Opens the table at a path; threads and processes may each open it and use it at once."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_S}
        )
        event.listen(self._engine, "connect", _erase_what_is_deleted)
        self._session = sessionmaker(self._engine, expire_on_commit=False)

    def prepare(self, journal: Literal["WAL", "DELETE"]) -> None:
        """Make the table if there is none.

        Args:
            journal: SQLite's way of committing: "WAL" needs every user on this machine,
                "DELETE" also works on a folder that several machines share.

        Raises:
            DiskFull, FolderUnusable: it cannot be written.
        """
        with _room():
            with self._engine.connect() as connection:
                connection.execute(text(f"PRAGMA journal_mode={journal}"))
            Base.metadata.create_all(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # What people do

    def add(self, job_id: str, name: str, options: AnalysisOptions, keep_video: bool) -> Job:
        """Enter a job that waits.

        Raises:
            DiskFull: no room for the row.
        """
        row = Row(
            id=job_id,
            name=name,
            rate=options.rate,
            view=options.view,
            head=options.head,
            keep_video=keep_video,
            state=State.QUEUED,
            created_at=time.time(),
        )
        with _room(), self._session.begin() as session:
            session.add(row)
        return row.job()

    def find(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of the jobs that are known, newest first."""
        query = select(Row).where(Row.id.in_(job_ids)).order_by(Row.number.desc())
        with self._session() as session:
            return tuple(row.job() for row in session.scalars(query))

    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        with self._session() as session:
            query = select(func.count()).select_from(Row).where(Row.state == State.QUEUED)
            return session.scalar(query) or 0

    def cancel(self, job_id: str) -> bool:
        """End a job that waits or runs; false when there is no such job.

        Raises:
            DiskFull: no room to say so.
        """
        ended = {"state": State.CANCELLED, "lease": None, "finished_at": time.time()}
        return self._change(job_id, ACTIVE, ended)

    def delete(self, job_id: str) -> bool:
        """Forget a job, also in the file and its log; false when there is no such job.

        Raises:
            DiskFull: no room to say so.
        """
        with _room():
            with self._session.begin() as session:
                known = session.scalar(delete(Row).where(Row.id == job_id).returning(Row.id))
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        return known is not None

    # What a worker does

    def claim(self, job_id: str) -> Lease | None:
        """Take the lease of a job that waits; None when it does not (any more).

        Raises:
            DiskFull: no room to say so.
        """
        word = secrets.token_hex(16)
        begin = (
            update(Row)
            .where(Row.id == job_id, Row.state == State.QUEUED)
            .values(
                state=State.RUNNING,
                lease=word,
                beats=Row.beats + 1,
                attempts=Row.attempts + 1,
                stage="Loading the model",
                started_at=time.time(),
            )
            .returning(Row)
        )
        with _room(), self._session.begin() as session:
            row = session.scalar(begin)
        return Lease(row.job(), word) if row else None

    def beat(self, lease: Lease, progress: Progress, elapsed_s: float) -> bool:
        """Tell how far the job is, and that the worker lives; false when the lease is gone."""
        news = {
            "beats": Row.beats + 1,
            "stage": progress.stage,
            "done_s": progress.done_s,
            "total_s": progress.total_s,
            "elapsed_s": elapsed_s,
        }
        return self._change(lease.job.id, Row.lease == lease.word, news)

    def succeed(self, lease: Lease, dominant: str | None, partial: bool) -> bool:
        """End the job, its results being in place; false when the lease is gone."""
        ended = {
            "state": State.PARTIAL if partial else State.SUCCEEDED,
            "lease": None,
            "finished_at": time.time(),
            "dominant": dominant,
        }
        return self._change(lease.job.id, Row.lease == lease.word, ended)

    def fail(self, lease: Lease, error: AffectError) -> bool:
        """End the job with its reason; false when the lease is gone."""
        return self._change(lease.job.id, Row.lease == lease.word, _failed(error))

    # What the engine does

    def due(self) -> tuple[str, ...]:
        """Ids of the jobs that wait, the oldest first."""
        query = select(Row.id).where(Row.state == State.QUEUED).order_by(Row.number)
        with self._session() as session:
            return tuple(session.scalars(query))

    def tell_waiting(self, why: str | None) -> None:
        """Say to all who wait what they wait for; None when it is only their turn."""
        waiting = update(Row).where(Row.state == State.QUEUED, Row.stage.is_distinct_from(why))
        with _room(), self._session.begin() as session:
            session.execute(waiting.values(stage=why))

    def beats(self) -> dict[str, int]:
        """Ids of the jobs that run, each with its count of beats."""
        query = select(Row.id, Row.beats).where(Row.state == State.RUNNING)
        with self._session() as session:
            return {row.id: row.beats for row in session.execute(query)}

    def give_up(self, job_id: str, attempts: int) -> None:
        """Nobody works on this job any more: it waits again, or fails if it was tried enough."""
        died = JobError(
            f"The analysis was tried {attempts} times and stopped early each time.",
            "The video may be damaged or need more memory than there is; try a shorter one.",
        )
        running = Row.state == State.RUNNING
        # Failed first: what waits again may be begun by another, with one attempt more, at once.
        if not self._change(job_id, running & (Row.attempts >= attempts), _failed(died)):
            self._change(job_id, running & (Row.attempts < attempts), WAITING_AGAIN)

    def release(self) -> None:
        """Let all that runs wait again without counting the attempt: the server stops."""
        again = WAITING_AGAIN | {"attempts": Row.attempts - 1}
        with self._session.begin() as session:
            session.execute(update(Row).where(Row.state == State.RUNNING).values(again))

    def expired(self, keep_s: float) -> tuple[str, ...]:
        """Ids of the jobs older than so many seconds.

        A job from the future was entered under a wrong clock: it counts as entered now.
        """
        now = time.time()
        with self._session.begin() as session:
            session.execute(update(Row).where(Row.created_at > now).values(created_at=now))
            return tuple(session.scalars(select(Row.id).where(Row.created_at < now - keep_s)))

    def all(self) -> tuple[Job, ...]:
        """Every job, the oldest first."""
        with self._session() as session:
            return tuple(row.job() for row in session.scalars(select(Row).order_by(Row.number)))

    def _change(self, job_id: str, condition: Any, values: dict[str, Any]) -> bool:
        change = update(Row).where(Row.id == job_id, condition).values(values).returning(Row.id)
        with _room(), self._session.begin() as session:
            return session.scalar(change) is not None


@contextmanager
def _room() -> Iterator[None]:
    """Tell a disk that is full or out of order from what is wrong with the program."""
    try:
        yield
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0)
        if code in _FULL:
            raise DiskFull("There is not enough room on the disk.") from error
        if code & 0xFF in _UNUSABLE:  # the rest tells where it arose
            raise FolderUnusable("The folder for data cannot be used.") from error
        raise


def _failed(error: AffectError) -> dict[str, Any]:
    return {
        "state": State.FAILED,
        "lease": None,
        "finished_at": time.time(),
        "error_code": error.code,
        "error_sentence": error.sentence,
        "error_advice": error.advice,
    }


def _erase_what_is_deleted(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA secure_delete=ON")
