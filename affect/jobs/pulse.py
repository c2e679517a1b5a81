"""The sign of life that a worker gives while it works on a job."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import OperationalError

from affect.contracts import OnProgress, Progress
from affect.errors import Cancelled, DiskFull, FolderUnusable
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.storage import Storage

TELL_S = 0.25
BEAT_S = 1.0
SILENCE_S = 300.0


@contextmanager
def pulse(lease: Lease, ledger: Ledger, storage: Storage) -> Iterator[OnProgress]:
    """Give a function that tells the ledger how far the job is.

    It raises `Cancelled` once the lease is gone. Between its calls, which may be minutes apart, a
    thread goes on telling the same; it stands still if the process does, or after `SILENCE_S`
    without a call: then something hangs, the lease expires, and the worker is replaced.
    """
    begin = time.monotonic()
    latest = Progress(lease.job.stage or "", 0.0, None, None)
    told_s, heard_s = 0.0, begin
    lost, over = threading.Event(), threading.Event()

    def beat() -> None:
        # Where the disk is busy, full or away, the next may get through.
        with suppress(OperationalError, DiskFull, FolderUnusable):
            if not ledger.beat(lease, latest, time.monotonic() - begin):
                lost.set()

    def go_on_beating() -> None:
        while not (over.wait(BEAT_S) or lost.is_set()):
            if time.monotonic() - heard_s > SILENCE_S:
                return
            beat()

    def on_progress(progress: Progress) -> None:
        nonlocal latest, told_s, heard_s
        now_s = heard_s = time.monotonic()
        if progress.stage != latest.stage or now_s - told_s >= TELL_S:
            latest, told_s = replace(progress, face=None), now_s
            beat()
            if progress.face is not None and not lost.is_set():
                storage.show_face(lease.job.id, _png(progress.face))
        if lost.is_set():
            raise Cancelled("The analysis was stopped.")

    thread = threading.Thread(target=go_on_beating, name="pulse", daemon=True)
    thread.start()
    try:
        yield on_progress
    finally:
        over.set()
        thread.join()


def _png(face: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", face)[1].tobytes()
