"""A body on its way in: what is refused, when, and that nothing stays behind."""

from __future__ import annotations

import http.client
import io
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from affect.jobs import FORM_BYTES, Job, Jobs
from affect.settings import Settings
from affect.web.application import create_app

if TYPE_CHECKING:
    from conftest import Page

Serve = Callable[[Flask], AbstractContextManager[int]]

JOBS = "/api/v1/jobs"
HEAD = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="big.mp4"\r\n'
    b"Content-Type: video/mp4\r\n\r\n"
)
TAIL = b"\r\n--edge--\r\n"
FORM = {"Content-Type": "multipart/form-data; boundary=edge"}


def stored(settings: Settings) -> list[Path]:
    return list((settings.data / "jobs").iterdir())


class Unread(io.RawIOBase):
    """A body that must not be touched."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise AssertionError("the body was read")

    # The client measures a body by going to its end.
    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset + (self._length if whence == io.SEEK_END else 0)
        return self._position

    def tell(self) -> int:
        return self._position


def post_unread(client: FlaskClient, path: str, length: int) -> tuple[int, Any]:
    answer = client.post(path, input_stream=Unread(length), headers=FORM)
    return answer.status_code, answer


@pytest.fixture
def port(app: Flask, serve_app: Serve) -> Iterator[int]:
    with serve_app(app) as port:
        yield port


def post(
    port: int, body: Any, chunked: bool, path: str = JOBS
) -> tuple[int, http.client.HTTPMessage, str]:
    """Send a body, then ask something else on the same connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = dict(FORM)
    if not chunked:
        body = b"".join(body)
        headers["Content-Length"] = str(len(body))
    connection.request("POST", path, body, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    result = answer.status, answer.headers, answer.read().decode()
    ours = connection.sock
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    assert connection.sock is ours
    connection.close()
    return result


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("excess", [1, FORM_BYTES + 1, 10_000_000])
def test_a_body_over_the_limit_is_refused(
    port: int, settings: Settings, chunked: bool, excess: int
) -> None:
    size = settings.limits.max_bytes + excess
    pieces = [b"\0" * 100_000] * (size // 100_000) + [b"\0" * (size % 100_000)]
    status, headers, body = post(port, [HEAD, *pieces, TAIL], chunked)
    assert status == 413
    assert headers["Content-Type"] == "application/problem+json"
    assert "The video is larger than 2 MB." in body
    assert stored(settings) == []


@pytest.mark.parametrize("path", [JOBS, "/predict"])
@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({}, 413, "The video is larger than 2 MB."),
        ({"max_waiting": 1}, 503, "Too many videos are waiting."),
        ({"max_megabytes": 100}, 507, "There is not enough room on the disk for a video."),
    ],
)
def test_a_refused_body_is_not_put_on_the_disk(
    jobs_of: Callable[[Settings], Jobs],
    settings: Settings,
    serve_app: Serve,
    monkeypatch: pytest.MonkeyPatch,
    video: bytes,
    path: str,
    changes: dict[str, float],
    status: int,
    sentence: str,
) -> None:
    settings = settings.model_copy(update=changes)
    jobs = jobs_of(settings)
    waiting = []
    if status == 503:
        waiting.append(jobs.submit(io.BytesIO(video), "a.mp4", settings.options, False).id)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=30_000_000))
    # A body that goes to the disk goes here, and breaks the connection.
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with serve_app(create_app(settings, jobs)) as port:
        told, headers, body = post(port, [HEAD, b"\0" * 12_000_000, TAIL], False, path)
    assert told == status
    assert sentence in body.replace("\N{NO-BREAK SPACE}", " ")
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    kind = "application/problem+json" if path == JOBS else "text/html; charset=utf-8"
    assert headers["Content-Type"] == kind
    assert [folder.name for folder in stored(settings)] == waiting


def test_a_chunked_body_within_the_limit_is_taken(port: int, video: bytes) -> None:
    assert post(port, [HEAD, video, TAIL], chunked=True)[0] == 202


def test_an_announced_size_over_the_limit_is_refused_unread(
    client: FlaskClient, settings: Settings
) -> None:
    too_much = settings.limits.max_bytes + FORM_BYTES + 1
    for path in (JOBS, "/predict"):
        assert post_unread(client, path, too_much)[0] == 413


def test_without_room_on_the_disk_the_body_is_not_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_999))
    for path in (JOBS, "/predict"):
        assert post_unread(client, path, 1000)[0] == 507


def test_what_has_come_in_needs_no_room_any_more(
    client: FlaskClient, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * (len(video) + 1000))
    )
    assert client.post(JOBS, data={"file": (io.BytesIO(video), "a.mp4")}).status_code == 202


def test_with_a_full_queue_the_body_is_not_read(
    client: FlaskClient, settings: Settings, video: bytes
) -> None:
    for _ in range(settings.max_waiting):
        body = {"file": (io.BytesIO(video), "a.mp4")}
        assert client.post(JOBS, data=body).status_code == 202
    for path in (JOBS, "/predict"):
        status, answer = post_unread(client, path, 1000)
        assert status == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert len(stored(settings)) == settings.max_waiting


@pytest.mark.parametrize(
    "content", [b"", b"just text", b"\x00\x01\x02" * 1000, b"#EXTM3U\nfile:///etc/passwd\n"]
)
def test_what_is_no_video_leaves_nothing(
    client: FlaskClient, settings: Settings, content: bytes
) -> None:
    answer = client.post(JOBS, data={"file": (io.BytesIO(content), "film.mp4")})
    assert answer.status_code == 415
    assert stored(settings) == []


@pytest.mark.parametrize(
    "name", ["../../a.mp4", "日本🎬.mp4", "a" * 300 + ".mp4", "a:b.mp4", "C:\\x\\y.MP4", "a\x00b"]
)
def test_a_name_never_reaches_a_path(
    page: Page, settings: Settings, jobs: Jobs, video: bytes, name: str
) -> None:
    answer = page.client.post(JOBS, data={"file": (io.BytesIO(video), name)})
    job = answer.get_json()
    assert answer.status_code == 202
    assert [path.name for path in stored(settings)] == [job["id"]]
    (file,) = (settings.data / "jobs" / job["id"]).iterdir()
    assert file.name.lower() in ("video", "video.mp4")
    assert page.client.get(f"/jobs/{job['id']}").status_code == 200


@pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedRandom:ResourceWarning")
def test_a_dropped_connection_leaves_nothing(port: int, settings: Settings) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", JOBS)
    connection.putheader("Content-Type", FORM["Content-Type"])
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(HEAD + b"\0" * 600_000)
    connection.close()
    # The server must be done with it before it answers the next on the same loop.
    assert post(port, [HEAD, b"no video", TAIL], chunked=False)[0] == 415
    assert stored(settings) == []


def test_who_leaves_while_the_video_is_checked_leaves_no_analysis(
    app: Flask, jobs: Jobs, serve_app: Serve, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, checked = [], jobs.submit
    taken, has_left, answered = threading.Event(), threading.Event(), threading.Event()

    def submit(*given: Any, **named: Any) -> Job:
        sent.append(checked(*given, **named))
        taken.set()
        assert has_left.wait(60)
        notices = request.environ["waitress.client_disconnected"]
        deadline = time.monotonic() + 60
        while not notices():  # its server sees that in its own time
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return sent[0]

    monkeypatch.setattr(jobs, "submit", submit)
    app.teardown_request(lambda _: answered.set())
    with serve_app(app) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", JOBS, b"".join([HEAD, video, TAIL]), FORM)
        assert taken.wait(60)
        connection.close()
        has_left.set()
        assert answered.wait(60)
    assert jobs.find([sent[0].id]) == ()


def test_a_gigabyte_stays_out_of_memory_and_the_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve_app: Serve
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = Settings(data=tmp_path / "data", max_megabytes=1100)
    jobs = Jobs(settings)
    piece = b"\0" * 1_000_000
    pieces = 1000
    size = pieces * len(piece)
    with serve_app(create_app(settings, jobs)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        before = most = psutil.Process().memory_info().rss
        connection.putrequest("POST", JOBS)
        connection.putheader("Content-Type", FORM["Content-Type"])
        connection.putheader("Content-Length", str(len(HEAD) + size + len(TAIL)))
        connection.endheaders(HEAD)
        for i in range(pieces):
            connection.send(piece)
            most = max(most, psutil.Process().memory_info().rss)
            if i % 100 == 50:
                other = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                other.request("GET", "/healthz")
                assert other.getresponse().status == 200
                other.close()
        connection.send(TAIL)
        assert connection.getresponse().status == 415
        most = max(most, psutil.Process().memory_info().rss)
        connection.close()
    jobs.stop()
    assert most - before < 50e6


def test_the_log_holds_no_name_and_no_address(
    client: FlaskClient, video: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        job = client.post(JOBS, data={"file": (io.BytesIO(video), "my secret.mp4")}).get_json()
        client.post(JOBS, data={"file": (io.BytesIO(b"text"), "my secret.mp4")})
        client.delete(f"{JOBS}/{job['id']}")
    assert job["id"] in caplog.text
    assert "secret" not in caplog.text
    assert "127.0.0.1" not in caplog.text
