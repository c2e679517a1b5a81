"""The engine: again and again it looks at the ledger and sees that what it says gets done.

It keeps nothing that it could not find out anew: which worker holds which job, and since when a
job has been silent. All decisions rest on the ledger and on a monotonic clock.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from affect.contracts import Limits
from affect.errors import AffectError, DiskFull, FolderUnusable
from affect.jobs.job import State
from affect.jobs.ledger import Ledger
from affect.jobs.storage import Storage
from affect.settings import Settings

if TYPE_CHECKING:
    from distributed import Future

    from affect.jobs.workers import Workers

TICK_S = 0.5
GRACE_S = 1.5  # in which a worker ends a job nobody wants by itself
START_S = 30.0  # in which a worker imports what a first job needs
AGAIN_S = 5.0
CLEAN_S = 60.0

log = logging.getLogger(__name__)


class Engine:
    """Runs in one thread of the server until told to stop."""

    def __init__(self, settings: Settings, ledger: Ledger, storage: Storage) -> None:
        self._settings = settings
        self._ledger = ledger
        self._storage = storage
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._futures: dict[str, Future] = {}
        self._sent: dict[str, float] = {}  # or last seen to run
        self._unwanted: dict[str, float] = {}
        self._heard: dict[str, tuple[int, float]] = {}
        self._cleaned: float | None = None

    def wake(self) -> None:
        """Look at the ledger now."""
        self._wake.set()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped; when the cluster cannot be reached, try again."""
        # Ctrl-C, which a terminal sends to all its processes, is for the server, which ends what
        # is started here: processes inherit from this thread that they do not hear it.
        resource_tracker.ensure_running()  # when it starts it lets this thread hear it again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while not self._stop.is_set():
            try:
                self._work()
            except (AffectError, OSError) as error:  # the cluster is away
                log.error("the engine starts again in %.0f s: %s", AGAIN_S, error)
                self._stop.wait(AGAIN_S)
            except Exception:
                log.exception("the engine stopped; it starts again in %.0f s", AGAIN_S)
                self._stop.wait(AGAIN_S)

    def _work(self) -> None:
        # Importing Dask takes a second or two, which the first page must not wait for.
        from affect.jobs.workers import Workers

        self._futures, self._sent, self._unwanted, self._heard = {}, {}, {}, {}
        self._delete_old()
        try:
            workers = Workers(self._settings.scheduler, self._storage.scratch)
        except Exception as error:
            why = error.sentence if isinstance(error, AffectError) else "The worker does not start."
            self._ledger.tell_waiting(f"{why} It is tried again and again.")
            raise
        try:
            self._ledger.tell_waiting(None)
            if workers.own:
                # Own workers die with their server, so nobody works on these any more.
                for job_id in self._ledger.beats():
                    self._give_up(job_id)
            while not self._stop.is_set():
                self._wake.clear()
                self._collect()
                self._stop_unwanted(workers)
                self._stop_silent(workers)
                self._stop_deaf(workers)
                self._submit(workers)
                self._delete_old()
                self._wake.wait(TICK_S)
            if workers.own:
                self._ledger.release()
        finally:
            workers.close()

    def _collect(self) -> None:
        """Take back what ended; what ended without a word in the ledger is given up."""
        for job_id in [job_id for job_id, future in self._futures.items() if future.done()]:
            future = self._futures.pop(job_id)
            self._forget(job_id)
            if future.status != "finished":
                log.warning("job %s: its worker died or could not take it", job_id)
            self._give_up(job_id)

    def _stop_unwanted(self, workers: Workers) -> None:
        """Stop workers that do not notice by themselves that their job was cancelled."""
        wanted = {
            job.id
            for job in self._ledger.find(list(self._futures))
            if job.state is not State.CANCELLED
        }
        now = time.monotonic()
        for job_id in self._futures.keys() - wanted:
            if now - self._unwanted.setdefault(job_id, now) > GRACE_S:
                log.warning("job %s: its worker is stopped, it did not end by itself", job_id)
                self._abandon(job_id, workers)

    def _stop_silent(self, workers: Workers) -> None:
        """Let the leases expire that no worker has kept up."""
        now = time.monotonic()
        before, self._heard = self._heard, {}
        for job_id, beats in self._ledger.beats().items():
            last_beats, since = before.get(job_id, (None, now))
            self._heard[job_id] = (beats, since if beats == last_beats else now)
            if now - self._heard[job_id][1] > self._settings.lease_seconds:
                log.warning("job %s: nothing heard for %.0f s", job_id, now - since)
                self._abandon(job_id, workers)

    def _stop_deaf(self, workers: Workers) -> None:
        """Stop a worker that does not begin its job, or is not done with one that ended."""
        now = time.monotonic()
        for job in self._ledger.find(list(self._futures)):
            if job.state is State.RUNNING:
                self._sent[job.id] = now
            elif now - self._sent[job.id] > self._settings.lease_seconds + START_S:
                log.warning("job %s: its worker neither begins nor ends it", job.id)
                self._abandon(job.id, workers)

    def _abandon(self, job_id: str, workers: Workers) -> None:
        workers.kill()
        self._forget(job_id)
        if future := self._futures.pop(job_id, None):
            future.cancel()
        self._give_up(job_id)

    def _forget(self, job_id: str) -> None:
        for since in (self._sent, self._unwanted):
            since.pop(job_id, None)

    def _give_up(self, job_id: str) -> None:
        attempts = self._settings.attempts
        tried = any(job.attempts >= attempts for job in self._ledger.find([job_id]))
        # What waits again needs its video, however full the disk is.
        change = partial(self._storage.freeing, job_id) if tried else self._storage.lightened
        change(lambda: self._ledger.give_up(job_id, attempts))
        for job in self._ledger.find([job_id]):
            self._storage.settle(job)

    def _submit(self, workers: Workers) -> None:
        """Hand out what is due, no more than can run at once; the rest waits in the ledger."""
        free = workers.ready(_warm_up, self._settings.head, self._settings.runtime)
        free -= len(self._futures)
        due = [job_id for job_id in self._ledger.due() if job_id not in self._futures]
        for job_id in due[: max(0, free)]:
            future = workers.submit(
                _run_job,
                job_id,
                self._settings.data,
                self._settings.limits,
                self._settings.runtime,
            )
            future.add_done_callback(self._done)
            self._futures[job_id], self._sent[job_id] = future, time.monotonic()

    def _done(self, future: Future) -> None:
        # After a failure only the next tick looks again: a job that cannot be taken shall not spin.
        if future.status == "finished":
            self._wake.set()

    def _delete_old(self) -> None:
        """Delete what was kept long enough; once a minute is enough.

        What cannot be deleted is told, and tried again: it shall not keep others from their turn.
        """
        now = time.monotonic()
        if self._cleaned is not None and now - self._cleaned < CLEAN_S:
            return
        self._cleaned = now
        for job_id in self._ledger.expired(self._settings.keep_hours * 3600):
            try:
                delete(job_id, self._ledger, self._storage)
                log.info("job %s: deleted, it was old", job_id)
            except (DiskFull, FolderUnusable, OperationalError) as error:
                log.error("job %s: it is old, but cannot be deleted: %s", job_id, error)
        self._storage.load()


def delete(job_id: str, ledger: Ledger, storage: Storage) -> None:
    """Remove a job and everything that is kept of it, in whatever state it is.

    Whoever works on it is heard no more. The row goes last: while files cannot be removed, the job
    is still there to be deleted.
    """
    storage.freeing(job_id, lambda: ledger.cancel(job_id))
    storage.remove(job_id)
    storage.lightened(lambda: ledger.delete(job_id))


# The server hands these out without ever loading what analyses; only the worker imports that.


def _warm_up(head: str, runtime: str) -> None:
    from affect.jobs.run import warm_up

    warm_up(head, runtime)


def _run_job(job_id: str, data: Path, limits: Limits, runtime: str) -> None:
    from affect.jobs.run import run_job

    run_job(job_id, data, limits, runtime)
