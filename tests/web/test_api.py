"""The JSON API, as a program uses it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from affect.contracts import Progress, VideoReport
from affect.errors import UnreadableMedia
from affect.jobs import Job, Jobs
from affect.report import to_json

if TYPE_CHECKING:
    from conftest import Page, Worker

JOBS = "/api/v1/jobs"


def send(client: FlaskClient, video: bytes, name: str = "clip.mp4", **fields: str) -> TestResponse:
    return client.post(JOBS, data={"file": (io.BytesIO(video), name), **fields})


def test_a_file_is_all_it_needs(client: FlaskClient, video: bytes) -> None:
    answer = send(client, video)
    assert answer.status_code == 202
    job = answer.get_json()
    assert answer.location == f"{JOBS}/{job['id']}"
    assert job["state"] == "queued"
    assert job["name"] == "clip.mp4"
    assert job["progress"]["percent"] == 0
    assert job["error"] is None
    assert "Set-Cookie" not in answer.headers
    assert client.get(answer.location).get_json() == job


def test_progress(client: FlaskClient, job: Job, worker: Worker) -> None:
    worker.begin(job.id, Progress("Looking at faces", 6.0, 24.0, None))
    state = client.get(f"{JOBS}/{job.id}").get_json()
    assert (state["state"], state["stage"], state["attempts"]) == ("running", "Looking at faces", 1)
    assert state["progress"] == {
        "percent": 25,
        "done_s": 6.0,
        "total_s": 24.0,
        "elapsed_s": 4.0,
        "remaining_s": pytest.approx(12.0),
    }
    assert state["started_at"].endswith("+00:00")


def test_the_last_face_seen(client: FlaskClient, job: Job, worker: Worker) -> None:
    assert client.get(f"{JOBS}/{job.id}/face.png").status_code == 204
    worker.begin(job.id)
    worker.show_face(job.id, b"\x89PNG a face")
    answer = client.get(f"{JOBS}/{job.id}/face.png")
    assert (answer.data, answer.mimetype) == (b"\x89PNG a face", "image/png")


def test_failure_has_its_code(client: FlaskClient, job: Job, worker: Worker) -> None:
    worker.fail(job.id, UnreadableMedia("Broken.", "Send another."))
    state = client.get(f"{JOBS}/{job.id}").get_json()
    assert state["state"] == "failed"
    assert state["error"] == {
        "code": "media-unreadable",
        "title": "Broken.",
        "detail": "Send another.",
    }
    assert client.get(f"{JOBS}/{job.id}/results.json").status_code == 409


def test_results(client: FlaskClient, finished: Job, found: VideoReport) -> None:
    links = client.get(f"{JOBS}/{finished.id}").get_json()["links"]
    assert client.get(links["results.json"]).get_json() == to_json(found)
    table = client.get(links["results.csv"])
    assert table.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(table.get_data(as_text=True))))
    assert len(rows) == sum(len(moment.faces) for moment in found.moments)
    for name in ("pie.png", "timeline.png"):
        assert client.get(links[name]).data.startswith(b"\x89PNG")
    page = client.get(links["report.html"])
    assert page.data.lstrip().lower().startswith(b"<!doctype html>")
    assert client.get(f"{JOBS}/{finished.id}/person-2.png").data.startswith(b"\x89PNG")
    for nobody in ("3", "9" * 300):
        assert client.get(f"{JOBS}/{finished.id}/person-{nobody}.png").status_code == 404
    assert client.get(f"{JOBS}/{finished.id}/secret.png").status_code == 404


def test_links_lead_only_to_what_there_is(
    client: FlaskClient, job: Job, worker: Worker, report_of: Callable[..., VideoReport]
) -> None:
    links = client.get(f"{JOBS}/{job.id}").get_json()["links"]
    assert set(links) == {"self", "page"}
    worker.finish(job.id, report_of(lambda _: (), seconds=2))
    links = client.get(f"{JOBS}/{job.id}").get_json()["links"]
    assert set(links) == {"self", "page", "results.json", "results.csv", "report.html"}
    assert {client.get(link).status_code for link in links.values()} == {200}
    missing = client.get(f"{JOBS}/{job.id}/pie.png")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "no-such-file")
    assert "Charts need a face" in missing.get_json()["detail"]


def test_downloads_are_named_after_the_video_in_plain_letters(
    client: FlaskClient, video: bytes, worker: Worker, found: VideoReport
) -> None:
    for name, stem in (("été ../..\\a b.mp4", "a_b"), ("日本🎬.mp4", "video")):
        job_id = send(client, video, name).get_json()["id"]
        worker.finish(job_id, found)
        answer = client.get(f"{JOBS}/{job_id}/results.csv")
        assert answer.headers["Content-Disposition"] == f"attachment; filename={stem}-results.csv"


def test_results_are_not_there_too_early(client: FlaskClient, job: Job) -> None:
    answer = client.get(f"{JOBS}/{job.id}/results.json")
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "not-finished"


def test_a_kept_video_is_sent_in_parts(client: FlaskClient, finished: Job, video: bytes) -> None:
    whole = client.get(f"{JOBS}/{finished.id}/video")
    assert (whole.data, whole.mimetype) == (video, "video/mp4")
    assert whole.headers["Content-Disposition"].startswith("inline; filename=holiday-video.mp4")
    part = client.get(f"{JOBS}/{finished.id}/video", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.data == video[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(video)}"
    beyond = client.get(f"{JOBS}/{finished.id}/video", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    for unknown in ("pictures=1-2", "bytes=0-1,3-4", "bytes=x", "bytes=-99999999"):
        whole = client.get(f"{JOBS}/{finished.id}/video", headers={"Range": unknown})
        assert (whole.status_code, whole.data) == (200, video)


def test_a_video_that_was_not_kept_is_gone(
    client: FlaskClient, video: bytes, worker: Worker, found: VideoReport
) -> None:
    job_id = send(client, video).get_json()["id"]
    worker.finish(job_id, found)
    answer = client.get(f"{JOBS}/{job_id}/video")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no-such-file")
    assert answer.get_json()["title"] == "This video was not kept."


def test_keeping_the_video_can_be_asked_for(client: FlaskClient, video: bytes) -> None:
    for said, kept in {"yes": True, "1": True, "True": True, "false": False, "0": False}.items():
        assert send(client, video, keep_video=said).get_json()["keep_video"] is kept


def test_cancel_and_delete(client: FlaskClient, video: bytes, jobs: Jobs) -> None:
    job_id = send(client, video).get_json()["id"]
    assert client.post(f"{JOBS}/{job_id}/cancel").get_json()["state"] == "cancelled"
    assert client.delete(f"{JOBS}/{job_id}").status_code == 204
    assert client.delete(f"{JOBS}/{job_id}").status_code == 404
    assert jobs.find([job_id]) == ()


@pytest.mark.parametrize("end", ["", "/results.json", "/video", "/face.png", "/person-1.png"])
def test_unknown_deleted_and_malformed_ids_look_the_same(
    client: FlaskClient, page: Page, finished: Job, end: str
) -> None:
    client.delete(f"{JOBS}/{finished.id}")
    answers = [
        client.get(f"{JOBS}/{job_id}{end}") for job_id in ("0" * 32, finished.id, "..%5c", "'--")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].get_json()["code"] == "not-found"
