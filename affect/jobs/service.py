"""The front door: what a server may ask of the jobs. Answers come from the ledger and the disk."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import DatabaseError

from affect.contracts import AnalysisOptions
from affect.errors import (
    DiskFull,
    FolderUnusable,
    JobNotFinished,
    JobNotFound,
    QueueFull,
    SettingsError,
)
from affect.jobs.engine import Engine, delete
from affect.jobs.job import Job, State
from affect.jobs.ledger import Ledger
from affect.jobs.storage import Storage, too_large
from affect.media import open_video
from affect.settings import Settings

ID = re.compile(r"[0-9a-f]{32}")
NAME_LENGTH = 255
FORM_BYTES = 64_000  # what a form adds to the video in it
# The body as it comes in, the file of its form, and the video, which is also room for its results.
COPIES = 3

log = logging.getLogger(__name__)


class Jobs:
    """All jobs of one folder of data; one server has it at a time.

    Raises:
        SettingsError: another server has the folder, or it or its ledger cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"data": Path(os.path.realpath(settings.data))})
        self._storage = Storage(self._settings.data)
        try:
            self._storage.prepare()
            self._lock = self._storage.lock.open("w")
        except OSError as error:
            raise SettingsError(
                f"The folder for data cannot be used: {error.strerror}.",
                "Choose one that can be written to, with AFFECT_DATA.",
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise SettingsError(
                "Another server already works in this folder for data.",
                "Use that one, stop it, or choose another folder with AFFECT_DATA.",
            ) from error
        self._ledger = Ledger(self._storage.ledger)
        try:
            # SQLite's faster journal needs every user on this machine; a cluster's workers are not.
            self._ledger.prepare("DELETE" if settings.scheduler else "WAL")
            self._clean()
        except (DiskFull, FolderUnusable) as error:
            self._lock.close()
            raise SettingsError(
                f"The ledger {self._storage.ledger} cannot be written.",
                "See that the disk has room and the folder may be written to, then start again.",
            ) from error
        except (DatabaseError, LookupError, ValueError, OverflowError) as error:
            self._lock.close()
            raise SettingsError(
                f"The ledger {self._storage.ledger} is damaged, or of another version.",
                "Move the whole folder away, for without its ledger nothing in it is kept, "
                "or choose another with AFFECT_DATA.",
            ) from error
        self._engine = Engine(self._settings, self._ledger, self._storage)
        self._thread = threading.Thread(target=self._engine.run, name="jobs", daemon=True)
        self._door = threading.Lock()
        self._arriving = 0

    def start(self) -> None:
        """Begin to work on the jobs, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the folder to others; what runs goes on at the next start."""
        self._engine.stop()
        if self._thread.is_alive():
            self._thread.join()
        self._ledger.close()
        self._lock.close()

    def check_room(self, length: int | None, copies: int = COPIES) -> None:
        """See whether an upload would be taken, before it is read.

        Args:
            length: announced size of the body in bytes, None when unknown.
            copies: how many of it the disk is still to take.

        Raises:
            QueueFull: too many jobs wait.
            DiskFull: not enough room for it, or for the largest video where its size is unknown.
            MediaTooLarge: the announced size is over the limit.
        """
        with self._door:
            self._check_queue()
        limit = self._settings.limits.max_bytes
        if length is not None and length > limit + FORM_BYTES:
            raise too_large(limit)
        self._storage.check_free(copies * (limit if length is None else min(length, limit)))

    def submit(
        self, stream: BinaryIO, name: str, options: AnalysisOptions, keep_video: bool
    ) -> Job:
        """Take a video to be analysed. The same video twice makes two jobs that share one file.

        Args:
            stream: the bytes; read to its end, never held in memory as a whole.
            name: what its owner calls it; shown, never used as a path.
            options: how to analyse it.
            keep_video: keep it with the results instead of deleting it after the analysis.

        Raises:
            QueueFull, DiskFull, MediaError: it is not taken, and nothing of it is left.
        """
        with self._place():
            limits = self._settings.limits
            job_id = secrets.token_hex(16)  # 128 random bits
            begin = time.monotonic()
            try:
                video = self._storage.receive(job_id, stream, name, limits.max_bytes)
                size = video.stat().st_size
                with open_video(video, limits):
                    pass
                job = self._ledger.add(job_id, _shown(name), options, keep_video)
            except BaseException:
                with suppress(FolderUnusable):  # why it is not taken is the news
                    self._storage.remove(job_id)
                raise
        log.info("job %s: %d bytes came in %.1f s", job_id, size, time.monotonic() - begin)
        self._engine.wake()
        return job

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            JobNotFound: unknown, deleted or malformed id.
        """
        for job in self.find([job_id]):
            return job
        raise JobNotFound("There is no such analysis.")

    def find(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of the jobs that are known, newest first."""
        return self._ledger.find([job_id for job_id in job_ids if ID.fullmatch(job_id)])

    def cancel(self, job_id: str) -> Job:
        """End a job that waits or runs; one that has finished stays as it is.

        Raises:
            JobNotFound: no such job.
            FolderUnusable: it has ended, but its video could not be removed.
        """
        self.get(job_id)
        if self._storage.freeing(job_id, lambda: self._ledger.cancel(job_id)):
            self._engine.wake()
            log.info("job %s: cancelled", job_id)
        job = self.get(job_id)
        if job.state is State.CANCELLED:
            self._storage.remove(job_id)
        return job

    def delete(self, job_id: str) -> None:
        """Remove a job and everything that is kept of it, in whatever state it is.

        Raises:
            JobNotFound: no such job.
            DiskFull, FolderUnusable: something stayed, and with it the job, to be deleted later.
        """
        self.get(job_id)
        delete(job_id, self._ledger, self._storage)
        self._engine.wake()
        log.info("job %s: deleted", job_id)

    def results(self, job_id: str) -> Path:
        """Find the folder with what the report room wrote.

        Raises:
            JobNotFound: no such job.
            JobNotFinished: there are no results, or not yet.
        """
        job = self.get(job_id)
        if not job.finished:
            raise JobNotFinished("The analysis has not finished.")
        if not job.has_results:
            raise JobNotFinished("The analysis ended without results.", "Send the video again.")
        return self._storage.results(job_id)

    def video(self, job_id: str) -> Path | None:
        """Find the video, once analysed and if it was to be kept.

        Raises:
            JobNotFound: no such job.
        """
        job = self.get(job_id)
        return self._storage.video(job_id) if job.has_results and job.keep_video else None

    def thumbnail(self, job_id: str) -> bytes | None:
        """PNG of the last face seen, while the job runs.

        Raises:
            JobNotFound: no such job.
        """
        if self.get(job_id).state is not State.RUNNING:
            return None
        try:
            return self._storage.face(job_id).read_bytes()
        except FileNotFoundError:
            return None

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold a place in the queue while a video comes in."""
        with self._door:
            self._check_queue()
            self._arriving += 1
        try:
            yield
        finally:
            with self._door:
                self._arriving -= 1

    def _check_queue(self) -> None:
        if self._ledger.waiting() + self._arriving >= self._settings.max_waiting:
            raise QueueFull("Too many videos are waiting.")

    def _clean(self) -> None:
        """Remove what a server that died left lying about."""
        jobs = self._ledger.all()
        self._storage.sweep({job.id for job in jobs})
        for job in jobs:
            if job.has_results and not self._storage.results(job.id).is_dir():
                with suppress(FolderUnusable):  # its deletion was broken off
                    self._storage.remove(job.id)
                    self._ledger.delete(job.id)
            else:
                self._storage.settle(job)


def _shown(name: str) -> str:
    """Make a person's name for a file fit to be shown: no folders, nothing unprintable, short."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(letter for letter in last if letter.isprintable())
    return printable.strip()[:NAME_LENGTH] if printable.strip(" .") else "video"
