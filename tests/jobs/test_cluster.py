"""A Dask cluster of others: the same jobs on it, and a batch spread over it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from affect.contracts import Limits, VideoReport
from affect.errors import JobError, MediaError, SettingsError
from affect.jobs import State, spread
from affect.pipeline import analyze
from affect.settings import Settings
from tests.jobs.conftest import (
    BRIEF,
    SLACK,
    THOROUGH,
    await_busy,
    await_end,
    await_that,
    opened,
    send,
    started,
)


def cluster_in(scratch: Path, threads: int) -> LocalCluster:
    """One worker process that others can reach."""
    return LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(scratch),
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cluster_in(tmp_path_factory.mktemp("scratch"), threads=1) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def shared(cluster: str, settings: Settings) -> Settings:
    return settings.model_copy(update={"scheduler": cluster})


def test_a_job_is_done_on_the_cluster(shared: Settings, brief_video: bytes) -> None:
    with started(shared) as jobs:
        job = await_end(jobs, send(jobs, brief_video).id)
        assert (job.state, job.attempts) == (State.SUCCEEDED, 1)
        assert (jobs.results(job.id) / "report.json").is_file()


def test_cancel_frees_a_worker_of_the_cluster(
    shared: Settings, long_video: bytes, brief_video: bytes
) -> None:
    with started(shared) as jobs:
        job = await_busy(jobs, send(jobs, long_video, THOROUGH).id)
        jobs.cancel(job.id)
        following = send(jobs, brief_video)
        assert await_that(lambda: jobs.get(following.id).state is not State.QUEUED) < 3 * SLACK
        assert await_end(jobs, following.id).state is State.SUCCEEDED


def test_the_cluster_works_on_while_the_server_is_away(shared: Settings, busy_video: bytes) -> None:
    with started(shared) as jobs:
        job = await_busy(jobs, send(jobs, busy_video, THOROUGH).id)
    with opened(shared) as jobs:
        done = await_end(jobs, job.id)
        assert (done.state, done.attempts) == (State.SUCCEEDED, 1)


def test_without_a_cluster_jobs_wait_and_say_for_what(
    settings: Settings, brief_video: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with started(settings.model_copy(update={"scheduler": "tcp://127.0.0.1:9"})) as jobs:
        job = send(jobs, brief_video)
        await_that(lambda: jobs.get(job.id).stage is not None)
        waiting = jobs.get(job.id)
    assert waiting.state is State.QUEUED and waiting.attempts == 0
    assert (waiting.stage or "").startswith("No Dask scheduler answers at tcp://127.0.0.1:9.")
    assert "No Dask scheduler answers" in caplog.text


def test_what_waited_for_the_cluster_goes_on_when_it_is_there(
    shared: Settings, brief_video: bytes
) -> None:
    with opened(shared) as jobs:
        job = send(jobs, brief_video)
        jobs._ledger.tell_waiting("No Dask scheduler answers.")
        jobs.start()
        assert await_end(jobs, job.id).state is State.SUCCEEDED


def test_workers_of_several_threads_give_each_video_its_own_result(
    make_video: Callable[[float], Path], tmp_path: Path
) -> None:
    videos = [make_video(2), make_video(3)]
    with cluster_in(tmp_path / "scratch", threads=2) as cluster:
        results = dict(spread(videos, BRIEF, Limits(), cluster.scheduler_address))
    for video in videos:
        here = analyze(video, rate=BRIEF.rate)
        there = results[video]
        assert isinstance(there, VideoReport)
        assert there.summary == here.summary


def test_a_batch_is_spread(
    cluster: str, make_video: Callable[[float], Path], tmp_path: Path
) -> None:
    good, bad = make_video(2), tmp_path / "bad.mp4"
    bad.write_text("no video")
    results = dict(spread([good, bad], BRIEF, Limits(), cluster))
    assert isinstance(results[good], VideoReport)
    assert isinstance(results[bad], MediaError)


def test_what_listens_but_is_no_scheduler_is_an_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(SettingsError, match="No Dask scheduler"),
    ):
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        list(spread([Path("a.mp4")], BRIEF, Limits(), address))


def test_a_batch_without_a_cluster_is_an_error() -> None:
    with pytest.raises(SettingsError, match="No Dask scheduler"):
        list(spread([Path("a.mp4")], BRIEF, Limits(), "tcp://127.0.0.1:9"))


def test_a_cluster_that_goes_away_costs_what_it_has_not_done(
    make_video: Callable[[float], Path], tmp_path: Path
) -> None:
    video = make_video(2)
    copies = [tmp_path / f"{number}.mp4" for number in range(3)]
    for copy in copies:
        copy.symlink_to(video)
    with cluster_in(tmp_path / "scratch", threads=1) as cluster:
        batch = spread(copies, BRIEF, Limits(), cluster.scheduler_address)
        _, first = next(batch)
        cluster.close()
        rest = [result for _, result in batch]
    assert isinstance(first, VideoReport)
    assert len(rest) == 2
    assert isinstance(rest[-1], JobError) and "cluster" in rest[-1].sentence
