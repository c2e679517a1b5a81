"""Videos of a moving face, folders for servers, and waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest
from skimage.data import astronaut

from affect.contracts import AnalysisOptions
from affect.jobs import Job, Jobs, State
from affect.settings import Settings

RATE = 25
# Every frame is looked at, so that a worker is busy long enough to be killed at it.
THOROUGH = AnalysisOptions(rate=RATE)
BRIEF = AnalysisOptions()
LEASE_S = 15.0
# How long things take is said for a machine with nothing else to do. Tests run on busy ones, too,
# so they forgive three times as much: they notice what never happens, and measure nothing.
SLACK = 3


@pytest.fixture(scope="session")
def make_video(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Make an MP4 of so many seconds in which the astronaut's face sways; made once each."""
    made: dict[float, Path] = {}
    picture = cv2.cvtColor(astronaut()[:300, 60:460], cv2.COLOR_RGB2BGR)

    def make(seconds: float) -> Path:
        if seconds in made:
            return made[seconds]
        path = tmp_path_factory.mktemp("videos") / "face.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            for number in range(round(seconds * RATE)):
                shift = np.float32([[0.8, 0, 12 * np.sin(number / 9)], [0, 0.8, 0]])
                pixels = cv2.warpAffine(picture, shift, (320, 240))
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "bgr24")))
            container.mux(stream.encode())
        made[seconds] = path
        return path

    return make


@pytest.fixture(scope="session")
def index_first_video(
    make_video: Callable[[float], Path], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """One that can be cut: its index comes first."""
    path = tmp_path_factory.mktemp("index first") / "face.mp4"
    first = {"movflags": "faststart"}
    with av.open(str(make_video(2))) as whole, av.open(str(path), "w", options=first) as container:
        stream = container.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    return path.read_bytes()


@pytest.fixture(scope="session")
def brief_video(make_video: Callable[[float], Path]) -> bytes:
    return make_video(2).read_bytes()


@pytest.fixture(scope="session")
def busy_video(make_video: Callable[[float], Path]) -> bytes:
    """Takes a worker a few seconds when looked at thoroughly."""
    return make_video(4).read_bytes()


@pytest.fixture(scope="session")
def long_video(make_video: Callable[[float], Path]) -> bytes:
    """Takes a worker so long when looked at thoroughly that no test awaits its end."""
    return make_video(60).read_bytes()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", max_megabytes=20, max_waiting=3)


@contextmanager
def opened(settings: Settings) -> Iterator[Jobs]:
    """A server's jobs; they are begun once `start` is called."""
    jobs = Jobs(settings)
    try:
        yield jobs
    finally:
        jobs.stop()


@contextmanager
def started(settings: Settings) -> Iterator[Jobs]:
    with opened(settings) as jobs:
        jobs.start()
        yield jobs


@pytest.fixture
def idle(settings: Settings) -> Iterator[Jobs]:
    """Jobs that are taken and never begun."""
    with opened(settings) as jobs:
        yield jobs


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """Jobs with a real engine and worker, shared by a file's tests to start but once."""
    data = tmp_path_factory.mktemp("data")
    with started(Settings(data=data, max_megabytes=20, lease_seconds=LEASE_S)) as jobs:
        yield jobs


def send(jobs: Jobs, video: bytes, options: AnalysisOptions = BRIEF, keep: bool = False) -> Job:
    return jobs.submit(BytesIO(video), "me.mp4", options, keep)


def await_that(what: Callable[[], bool], seconds: float = 120) -> float:
    """Wait until it is so; how long that took. Other processes send no events."""
    begin = time.monotonic()
    while not what():
        assert time.monotonic() - begin < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - begin


def await_end(jobs: Jobs, job_id: str, seconds: float = 120) -> Job:
    await_that(lambda: jobs.get(job_id).finished, seconds)
    return jobs.get(job_id)


def await_busy(jobs: Jobs, job_id: str, attempts: int = 1) -> Job:
    """Wait until a worker is in the middle of the video."""

    def busy() -> bool:
        job = jobs.get(job_id)
        assert not job.finished, job
        return job.state is State.RUNNING and job.attempts == attempts and job.done_s > 0

    await_that(busy)
    return jobs.get(job_id)


def workers_of(pid: int) -> list[psutil.Process]:
    """The worker processes of a server."""
    return [
        child
        for child in psutil.Process(pid).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
        and any("spawn_main" in word for word in child.cmdline())
    ]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
