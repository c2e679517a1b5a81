"""Real workers on real videos: they are killed, stopped, cancelled and deleted under."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from affect.errors import DiskFull, FolderUnusable, JobNotFound
from affect.jobs import Jobs, State
from affect.settings import Settings
from tests.jobs.conftest import (
    SLACK,
    THOROUGH,
    await_busy,
    await_end,
    await_that,
    files_in,
    opened,
    send,
    workers_of,
)


def data_of(jobs: Jobs) -> Path:
    return jobs._settings.data


def the_worker(jobs: Jobs) -> psutil.Process:
    (worker,) = workers_of(os.getpid())
    return worker


def test_a_video_becomes_a_report(working: Jobs, brief_video: bytes) -> None:
    job = await_end(working, send(working, brief_video).id)
    assert (job.state, job.attempts, job.percent) == (State.SUCCEEDED, 1, 100)
    assert job.started_at is not None and job.finished_at is not None
    assert job.created_at <= job.started_at <= job.finished_at
    assert job.elapsed_s > 0
    report = json.loads((working.results(job.id) / "report.json").read_text())
    assert report["video"]["name"] == "me.mp4"
    assert report["summary"]["dominant"] == job.dominant is not None
    assert working.video(job.id) is None and working.thumbnail(job.id) is None
    await_that(lambda: not list((data_of(working) / "jobs" / job.id).glob("video*")))


def test_who_waits_for_a_worker_that_does_not_start_is_told(
    settings: Settings, brief_video: bytes
) -> None:
    with opened(settings) as jobs:
        (settings.data / ".affect-scratch").touch()
        jobs.start()
        job = send(jobs, brief_video)
        await_that(lambda: jobs.get(job.id).stage is not None)
        assert jobs.get(job.id).stage == "The worker does not start. It is tried again and again."


def test_what_cannot_be_deleted_keeps_nobody_from_their_turn(
    settings: Settings, brief_video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(settings) as jobs:
        stuck, gone = send(jobs, brief_video), send(jobs, brief_video)
        remove = jobs._storage.remove

        def refuse(job_id: str) -> None:
            if job_id == stuck.id:
                raise FolderUnusable("It could not be removed.")
            remove(job_id)

        with monkeypatch.context() as patched:
            patched.setattr(jobs._storage, "remove", refuse)
            patched.setattr(jobs._ledger, "expired", lambda _: (stuck.id, gone.id))
            jobs._engine._delete_old()
        assert [job.id for job in jobs.find([stuck.id, gone.id])] == [stuck.id]


def test_what_is_tried_again_keeps_its_video_on_a_full_disk(
    settings: Settings, brief_video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(settings) as jobs:
        job = send(jobs, brief_video)
        assert jobs._ledger.claim(job.id)

        def full(*_: object) -> None:
            raise DiskFull("There is not enough room on the disk.")

        with monkeypatch.context() as patched, pytest.raises(DiskFull):
            patched.setattr(jobs._ledger, "give_up", full)
            jobs._engine._give_up(job.id)
        assert jobs._storage.video(job.id) is not None
        jobs._engine._give_up(job.id)
        assert jobs.get(job.id).state is State.QUEUED


def test_a_video_is_kept_for_who_wants_it(working: Jobs, brief_video: bytes) -> None:
    job = await_end(working, send(working, brief_video, keep=True).id)
    video = working.video(job.id)
    assert video is not None and video.read_bytes() == brief_video
    working.delete(job.id)
    assert not (data_of(working) / "jobs" / job.id).exists()


def test_only_this_machine_can_reach_it(working: Jobs, brief_video: bytes) -> None:
    await_end(working, send(working, brief_video).id)
    processes = [psutil.Process(), *workers_of(os.getpid())]
    listening = [
        connection.laddr
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert 8787 not in {address.port for address in listening}


def test_progress_and_the_face_are_seen_meanwhile(working: Jobs, long_video: bytes) -> None:
    job = await_busy(working, send(working, long_video, THOROUGH).id)
    assert job.stage is not None and job.total_s == pytest.approx(60, abs=1)
    await_that(lambda: working.get(job.id).percent > 2)
    later = working.get(job.id)
    assert later.remaining_s is not None and later.remaining_s > 0
    await_that(lambda: working.thumbnail(job.id) is not None)
    assert (working.thumbnail(job.id) or b"").startswith(b"\x89PNG")
    working.delete(job.id)


def test_cancel_stops_the_worker_in_time(
    working: Jobs, long_video: bytes, brief_video: bytes
) -> None:
    job = await_busy(working, send(working, long_video, THOROUGH).id)
    worker = the_worker(working)
    cancelled = working.cancel(job.id)
    assert cancelled.state is State.CANCELLED
    following = send(working, brief_video)
    free_after = await_that(lambda: working.get(following.id).state is not State.QUEUED)
    assert free_after < 3 * SLACK
    assert worker.is_running()  # the model stays loaded
    assert working.get(job.id) == cancelled
    assert not (data_of(working) / "jobs" / job.id).exists()
    await_end(working, following.id)


def test_delete_while_running_removes_everything(working: Jobs, long_video: bytes) -> None:
    job = await_busy(working, send(working, long_video, THOROUGH).id)
    working.delete(job.id)
    with pytest.raises(JobNotFound):
        working.get(job.id)
    with pytest.raises(JobNotFound):
        working.delete(job.id)
    left = [path for path in files_in(data_of(working)) if job.id in str(path)]
    assert not left


def test_a_worker_that_does_not_stop_is_killed(working: Jobs, long_video: bytes) -> None:
    job = await_busy(working, send(working, long_video, THOROUGH).id)
    worker = the_worker(working)
    worker.send_signal(signal.SIGSTOP)
    working.cancel(job.id)
    worker.wait(timeout=3 * SLACK)
    assert working.get(job.id).state is State.CANCELLED


def test_a_killed_worker_costs_one_attempt(
    working: Jobs, busy_video: bytes, brief_video: bytes
) -> None:
    """The job that was killed is done once in the end, those that wait are not touched."""
    job = await_busy(working, send(working, busy_video, THOROUGH, keep=True).id)
    waiting = send(working, brief_video)
    the_worker(working).kill()
    again_after_s = await_that(lambda: working.get(job.id).attempts == 2)
    assert again_after_s < 10 * SLACK
    done = await_end(working, job.id)
    assert (done.state, done.attempts) == (State.SUCCEEDED, 2)
    folder = data_of(working) / "jobs" / job.id
    await_that(lambda: {path.name for path in folder.iterdir()} == {"results", "video.mp4"})
    other = await_end(working, waiting.id)
    assert (other.state, other.attempts) == (State.SUCCEEDED, 1)


def test_what_takes_its_worker_down_three_times_has_failed(
    working: Jobs, long_video: bytes
) -> None:
    """Killed, crashed, and hanging until its lease expires."""
    job = send(working, long_video, THOROUGH, keep=True)
    deaths = (signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP)
    for attempt, death in enumerate(deaths, 1):
        await_busy(working, job.id, attempt)
        the_worker(working).send_signal(death)
        await_that(lambda: working.get(job.id).state is not State.RUNNING)
    failed = working.get(job.id)
    assert (failed.state, failed.attempts) == (State.FAILED, 3)
    assert failed.error_code == "job" and failed.error_sentence and failed.error_advice
    assert working.video(job.id) is None
    await_that(lambda: not (data_of(working) / "jobs" / job.id).exists())


def test_a_worker_that_hangs_before_it_begins_is_replaced(
    working: Jobs, brief_video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    await_end(working, send(working, brief_video).id)
    monkeypatch.setattr("affect.jobs.engine.START_S", 0.0)
    the_worker(working).send_signal(signal.SIGSTOP)
    job = await_end(working, send(working, brief_video).id)
    assert (job.state, job.attempts) == (State.SUCCEEDED, 1)
