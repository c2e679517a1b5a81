"""An application over real jobs, and a stand-in for the worker that needs no network."""

from __future__ import annotations

import gc
import io
import math
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress.wasyncore import close_all
from werkzeug.test import TestResponse

from affect import measures, report
from affect.contracts import (
    AnalysisOptions,
    Box,
    ModelIdentity,
    Moment,
    Progress,
    Reading,
    VideoInfo,
    VideoReport,
)
from affect.emotions import VIEWS
from affect.errors import AffectError
from affect.expression.model import for_runtime, read_card
from affect.jobs import Job, Jobs
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.storage import Storage
from affect.resources import folder
from affect.settings import Settings
from affect.web import document
from affect.web.application import create_app
from affect.web.document import Document
from affect.web.serve import server_of

RATE = 5.0
FIVE = VIEWS["five"]


def reading(person: int, emotion: str | None, confidence: float = 0.8, x: float = 200) -> Reading:
    """A face that shows one emotion; None for one that cannot be read."""
    rest = (1 - confidence) / (len(FIVE) - 1)
    scores = {label: confidence if label == emotion else rest for label in FIVE}
    return Reading(
        person=person,
        box=Box(x, 80, 160, 160),
        detection_score=9.0,
        readable=emotion is not None,
        emotion=emotion,
        scores=scores if emotion else None,
        ssim=0.8 if emotion else None,
    )


def moods(time_s: float) -> tuple[Reading, ...]:
    """Two people: the first is there but for a moment, the second comes later."""
    seen = []
    if not 11 <= time_s < 13:
        mood = ("happy", "happy", "neutral", "happy", "surprise")[int(time_s / 4) % 5]
        seen.append(reading(1, mood, 0.65 + 0.3 * math.sin(time_s)))
    if time_s >= 15:
        seen.append(reading(2, None if time_s < 16 else "sad", 0.7, x=420))
    return tuple(seen)


def make_report(
    faces: Callable[[float], tuple[Reading, ...]] = moods,
    seconds: float = 27,
    partial: bool = False,
    name: str = "holiday.mp4",
) -> VideoReport:
    """A report as the pipeline makes it, of faces told by the time."""
    moments = tuple(Moment(i, i / RATE, faces(i / RATE)) for i in range(math.ceil(seconds * RATE)))
    people = sorted({face.person for moment in moments for face in moment.faces})
    shade = np.linspace(60, 200, 48 * 48).astype(np.uint8).reshape(48, 48)
    return VideoReport(
        video=VideoInfo(name, seconds, 640, 480, 25.0),
        sampled=len(moments),
        partial=partial,
        options=AnalysisOptions(RATE, "five", "ferplus"),
        summary=measures.summarize(moments, "five"),
        people=measures.summarize_people(moments, "five", dict.fromkeys(people, shade)),
        moments=moments,
        model=ModelIdentity(
            "expression", for_runtime(read_card(folder("model")), "onnx")["sha256"]
        ),
    )


def make_video(seconds: float = 1.0, width: int = 320, height: int = 240) -> bytes:
    """A small valid MP4 without a face."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for i in range(round(seconds * 10)):
            picture = np.full((height, width, 3), 40 + 10 * (i % 10), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


class Worker:
    """Does to the ledger and the disk what a worker does, with findings that a test gives."""

    def __init__(self, data: Path) -> None:
        self._storage = Storage(data)
        self._ledger = Ledger(self._storage.ledger)

    def begin(self, job_id: str, progress: Progress | None = None) -> Lease:
        lease = self._ledger.claim(job_id)
        assert lease is not None
        if progress:
            assert self._ledger.beat(lease, progress, elapsed_s=4.0)
        return lease

    def show_face(self, job_id: str, png: bytes) -> None:
        self._storage.show_face(job_id, png)

    def finish(self, job_id: str, found: VideoReport) -> None:
        lease = self.begin(job_id)
        with self._storage.publish(job_id) as folder:
            report.write(found, folder)
        self._ledger.succeed(lease, found.summary.dominant, found.partial)
        for job in self._ledger.find([job_id]):
            self._storage.settle(job)

    def fail(self, job_id: str, error: AffectError) -> None:
        self._ledger.fail(self.begin(job_id), error)

    def close(self) -> None:
        self._ledger.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", max_megabytes=2, max_waiting=5)


@pytest.fixture
def jobs_of() -> Iterator[Callable[[Settings], Jobs]]:
    """Real jobs whose engine is not started: what is sent waits until a test's worker takes it."""
    with ExitStack() as ends:

        def make(settings: Settings) -> Jobs:
            jobs = Jobs(settings)
            ends.callback(jobs.stop)
            return jobs

        yield make


@pytest.fixture
def jobs(settings: Settings, jobs_of: Callable[[Settings], Jobs]) -> Jobs:
    return jobs_of(settings)


@pytest.fixture
def worker(settings: Settings, jobs: Jobs) -> Iterator[Worker]:
    worker = Worker(settings.data)
    yield worker
    worker.close()


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """The port on which waitress serves the application, as `serve` has it do."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = server_of(app, listening)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        # Requests end first: one that ends behind a closed server would never be let go of.
        server.task_dispatcher.shutdown()
        # Sockets may be closed only by the thread that waits for them.
        with suppress(OSError):  # the pull of a request that just ended may have closed it already
            server.trigger.pull_trigger(lambda: close_all(server._map))
        thread.join(timeout=60)
        assert not thread.is_alive()
        # Waitress leaves the file of a body that broke off to the collector: here, not in others.
        gc.collect()


class Client(FlaskClient):
    """A client that reads each answer to its end and closes the file behind it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def app(settings: Settings, jobs: Jobs) -> Flask:
    app = create_app(settings, jobs)
    app.test_client_class = Client
    return app


@pytest.fixture
def serve_app() -> Callable[[Flask], AbstractContextManager[int]]:
    """See `serving`."""
    return serving


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def video() -> bytes:
    return make_video()


@dataclass(frozen=True)
class Page:
    """The first page as a browser has it: its token, and forms that carry it."""

    client: FlaskClient
    token: str

    def post(self, path: str, **fields: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def send(self, video: bytes, name: str = "holiday.mp4", **fields: object) -> TestResponse:
        return self.post(
            "/predict", **{"file": (io.BytesIO(video), name), "consent": "yes", **fields}
        )


@pytest.fixture
def page(client: FlaskClient) -> Page:
    text = client.get("/").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return Page(client, found[1])


@pytest.fixture
def job(page: Page, jobs: Jobs, video: bytes) -> Job:
    """A job that this browser sent and that waits; its video is to be kept."""
    answer = page.send(video, keep_video="yes")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return jobs.get(answer.location.rsplit("/", 1)[-1])


@pytest.fixture
def found() -> VideoReport:
    """What was found in a video of two people."""
    return make_report()


@pytest.fixture
def finished(job: Job, worker: Worker, found: VideoReport, jobs: Jobs) -> Job:
    """The job with results, its video kept."""
    worker.finish(job.id, found)
    return jobs.get(job.id)


@pytest.fixture
def report_of() -> Callable[..., VideoReport]:
    """Make a report: see `make_report`."""
    return make_report


@pytest.fixture
def reading_of() -> Callable[..., Reading]:
    """Make a reading: see `reading`."""
    return reading


@pytest.fixture
def document_of(tmp_path: Path) -> Callable[[VideoReport], Document]:
    """A report as the web room reads it back from the folder."""

    def written(found: VideoReport) -> Document:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        report.write(found, folder)
        return document.read(folder / "report.json")

    return written
