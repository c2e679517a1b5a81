"""Servers that stop or die, and those that come after them on the same folder."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time

import dask
import psutil
import pytest
from sqlalchemy import update

from affect.jobs import State
from affect.jobs.ledger import Ledger
from affect.jobs.table import Row
from affect.settings import Settings
from tests.jobs.conftest import (
    SLACK,
    THOROUGH,
    await_busy,
    await_end,
    await_that,
    opened,
    send,
    started,
    workers_of,
)

SERVER = """
import sys
from pathlib import Path
from affect.jobs import Jobs
from affect.settings import Settings
jobs = Jobs(Settings(data=Path(sys.argv[1])))
jobs.start()
sys.stdin.read()
"""


def test_a_killed_server_loses_nothing(
    settings: Settings, busy_video: bytes, brief_video: bytes
) -> None:
    with opened(settings) as jobs:
        running, waiting = send(jobs, busy_video, THOROUGH), send(jobs, brief_video)

    command = [sys.executable, "-c", SERVER, str(settings.data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as server:
        ledger = Ledger(settings.data / "ledger.sqlite")

        def busy() -> bool:
            (job,) = ledger.find([running.id])
            return job.done_s > 0

        await_that(busy)
        workers = workers_of(server.pid)
        assert workers
        server.kill()
        server.wait(timeout=20)
    _, survivors = psutil.wait_procs(workers, timeout=3 * SLACK)
    assert not survivors
    ledger.close()
    with sqlite3.connect(settings.data / "ledger.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()

    with started(settings) as jobs:
        done = await_end(jobs, running.id)
        assert (done.state, done.attempts) == (State.SUCCEEDED, 2)
        other = await_end(jobs, waiting.id)
        assert (other.state, other.attempts) == (State.SUCCEEDED, 1)


def test_a_server_that_stops_costs_no_attempt(settings: Settings, long_video: bytes) -> None:
    with started(settings) as jobs:
        job = await_busy(jobs, send(jobs, long_video, THOROUGH).id)
        begin = time.monotonic()
    assert time.monotonic() - begin < 10 * SLACK
    assert not workers_of(psutil.Process().pid)
    with opened(settings) as jobs:
        again = jobs.get(job.id)
        assert (again.state, again.attempts, again.percent) == (State.QUEUED, 0, 0)


def test_stopping_at_once_is_possible(settings: Settings) -> None:
    with started(settings):
        pass
    with opened(settings):
        pass


@pytest.mark.parametrize("shift_s", [-25 * 3600, 1e9])
def test_the_old_goes_at_start_and_the_future_does_not(
    settings: Settings, brief_video: bytes, shift_s: float
) -> None:
    with opened(settings) as jobs:
        job, fresh = send(jobs, brief_video), send(jobs, brief_video)
        folder = settings.data / "jobs" / job.id
        with jobs._ledger._session.begin() as session:
            shifted = time.time() + shift_s
            session.execute(update(Row).where(Row.id == job.id).values(created_at=shifted))
        jobs.start()
        if shift_s < 0:
            await_that(lambda: not jobs.find([job.id]) and not folder.exists())
        else:
            await_that(lambda: jobs.get(job.id).created_at.timestamp() <= time.time())
            assert folder.exists()
        assert jobs.find([fresh.id])


def test_workers_that_dask_gave_up_are_started_anew(
    settings: Settings, brief_video: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It gives up a lost worker whose replacement takes too long, here at once."""
    with started(settings) as jobs:
        await_end(jobs, send(jobs, brief_video).id)
        (worker,) = workers_of(os.getpid())
        with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}):
            worker.kill()
            await_that(lambda: "gone for good" in caplog.text)
        following = await_end(jobs, send(jobs, brief_video).id)
    assert (following.state, following.attempts) == (State.SUCCEEDED, 1)
