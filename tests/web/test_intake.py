"""What is kept of a body on its way in."""

from __future__ import annotations

import errno
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from waitress.adjustments import Adjustments

from affect.errors import DiskFull, MediaTooLarge, QueueFull
from affect.jobs import FORM_BYTES, Jobs
from affect.settings import Settings
from affect.web.context import Context
from affect.web.intake import Body

IN_MEMORY = 1000


@pytest.fixture
def here(settings: Settings, jobs: Jobs) -> Context:
    return Context(settings, jobs)


def body_of(here: Context, announced: int = 0) -> Body:
    return Body(here, Adjustments(inbuf_overflow=IN_MEMORY), announced)


def fill(here: Context, video: bytes) -> list[str]:
    return [
        here.jobs.submit(io.BytesIO(video), "a.mp4", here.settings.options, False).id
        for _ in range(here.settings.max_waiting)
    ]


def test_a_body_with_room_is_kept(here: Context) -> None:
    body = body_of(here)
    pieces = [bytes([i]) * 700 for i in range(5)]
    for piece in pieces:
        body.append(piece)
    assert len(body) == 3500
    assert body.getfile().read() == b"".join(pieces)
    body.close()


def test_a_small_body_is_taken_without_asking(here: Context, video: bytes) -> None:
    fill(here, video)
    body = body_of(here)
    body.append(b"token")
    assert body.getfile().read() == b"token"
    body.close()


def test_an_announced_size_counts_before_it_has_come(here: Context) -> None:
    body = body_of(here, announced=here.settings.limits.max_bytes + FORM_BYTES + 1)
    body.append(b"\0" * IN_MEMORY)
    with pytest.raises(MediaTooLarge):
        body.getfile().read()


def test_an_unannounced_body_is_dropped_where_it_gets_too_large(here: Context) -> None:
    body = body_of(here)
    body.append(b"\0" * (here.settings.limits.max_bytes + FORM_BYTES))
    kept = body.getfile()
    body.append(b"\0")
    assert kept.closed
    body.append(b"\0" * 50)
    assert len(body) == here.settings.limits.max_bytes + FORM_BYTES + 51
    with pytest.raises(MediaTooLarge):
        body.getfile().read()


@pytest.mark.parametrize("piece", [100, 700, 20_000])
def test_a_disk_that_fills_while_the_body_comes_refuses_it(
    here: Context, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    with Path("/dev/full").open("w+b", buffering=0) as full:  # takes nothing, and says so
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda _: full)
        body = body_of(here)
        for _ in range(300):
            body.append(b"\0" * piece)
        assert len(body) == 300 * piece
        with pytest.raises(DiskFull, match="not enough room on the disk"):
            body.getfile().read()
        form = {"Content-Type": "multipart/form-data; boundary=e", "Content-Length": str(len(body))}
        given = {"wsgi.input": body.getfile(), "wsgi.input_terminated": True}
        answer = client.post("/api/v1/jobs", headers=form, environ_overrides=given)
        assert (answer.status_code, answer.get_json()["code"]) == (507, "disk-full")
        body.close()


def test_a_folder_that_takes_nothing_is_told_by_the_application(
    here: Context, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    body = body_of(here)
    for _ in range(30):
        body.append(b"\0" * 700)
    form = {"Content-Type": "multipart/form-data; boundary=e", "Content-Length": str(len(body))}
    given = {"wsgi.input": body.getfile(), "wsgi.input_terminated": True}
    answer = client.post("/api/v1/jobs", headers=form, environ_overrides=given)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "folder-unusable")
    body.close()


def test_what_was_kept_is_closed_when_the_disk_fills(
    here: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Filling(io.FileIO):
        def write(self, piece: Any) -> int:
            if self.tell() + len(piece) > 5000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(piece)

    file = io.BufferedRandom(Filling(tmp_path / "body", "w+"))
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda _: file)
    body = body_of(here)
    for _ in range(20):
        body.append(b"\0" * 700)
    assert file.closed
    with pytest.raises(DiskFull):
        body.getfile().read()
    body.close()


def test_what_was_dropped_stays_refused_when_there_is_room_again(
    here: Context, client: FlaskClient, video: bytes
) -> None:
    waiting = fill(here, video)
    body = body_of(here)
    body.append(b"\0" * IN_MEMORY)
    here.jobs.delete(waiting[0])
    with pytest.raises(QueueFull):
        body.getfile().read()
    form = {"Content-Type": "multipart/form-data; boundary=edge", "Content-Length": str(len(body))}
    given = {"wsgi.input": body.getfile(), "wsgi.input_terminated": True}
    answer = client.post("/api/v1/jobs", headers=form, environ_overrides=given)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "queue-full")
