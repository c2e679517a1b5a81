"""Who may ask, and what every answer carries."""

from __future__ import annotations

import io
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from affect.jobs import Job, Jobs
from affect.settings import Settings
from affect.web.security import secret_key, trusted_hosts

if TYPE_CHECKING:
    from conftest import Page

JOBS = "/api/v1/jobs"
GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:5000", "localhost:8080", "[::1]:5000"]
BAD_HOSTS = ["evil.example", "127.0.0.1.nip.io", "localhost.evil.example", "", "127.0.0.1@evil"]


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_its_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", BAD_HOSTS)
@pytest.mark.parametrize("path", ["/", JOBS + "/x", "/static/affect.css", "/healthz"])
def test_other_names_are_refused(client: FlaskClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_further_names_are_a_setting() -> None:
    settings = Settings(host="10.0.0.7", trusted_hosts=("faces.example",))
    assert {"10.0.0.7", "faces.example"} <= trusted_hosts(settings)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:81", "http://["]
)
def test_other_origins_are_refused(
    client: FlaskClient, job: Job, jobs: Jobs, video: bytes, origin: str
) -> None:
    headers = {"Origin": origin}
    body = {"file": (io.BytesIO(video), "a.mp4")}
    answers = [
        client.post(JOBS, data=body, headers=headers),
        client.delete(f"{JOBS}/{job.id}", headers=headers),
        client.post(f"/jobs/{job.id}/delete", headers=headers),
        client.post("/predict", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert answers[0].get_json()["code"] == "foreign-origin"
    assert jobs.get(job.id) == job


def test_its_own_origin_is_taken(client: FlaskClient, video: bytes) -> None:
    body = {"file": (io.BytesIO(video), "a.mp4")}
    answer = client.post(JOBS, data=body, headers={"Origin": "http://localhost"})
    assert answer.status_code == 202


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_forms_need_their_token(
    client: FlaskClient, job: Job, jobs: Jobs, video: bytes, token: str | None
) -> None:
    fields = {} if token is None else {"csrf_token": token}
    for path in ("/predict", "/example", f"/jobs/{job.id}/cancel", f"/jobs/{job.id}/delete"):
        body = {"file": (io.BytesIO(video), "a.mp4"), "consent": "yes", **fields}
        assert client.post(path, data=body).status_code == 400
    assert jobs.get(job.id) == job


def test_a_token_of_another_browser_is_no_token(app: Flask, page: Page, job: Job) -> None:
    stranger = app.test_client()
    stranger.get("/")
    answer = stranger.post(f"/jobs/{job.id}/delete", data={"csrf_token": page.token})
    assert answer.status_code == 400


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "; HttpOnly" in cookie
    assert "; SameSite=Lax" in cookie


def test_every_answer_carries_the_headers(client: FlaskClient, finished: Job) -> None:
    answers = [
        client.get(path)
        for path in (
            *("/", "/model", "/healthz", "/nothing", "/static/affect.css", "/static/nothing"),
            *(f"/jobs/{finished.id}", f"/jobs/{finished.id}?person=9", "/jobs/x"),
            *(f"{JOBS}/{finished.id}", f"{JOBS}/x", f"{JOBS}/{finished.id}/video"),
            *(f"{JOBS}/{finished.id}/report.html", f"{JOBS}/{finished.id}/pie.png"),
        )
    ]
    answers += [client.post("/predict"), client.post(JOBS), client.put("/"), client.get("/predict")]
    assert {answer.status_code for answer in answers} == {200, 303, 400, 404, 405}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert re.findall(r"\S+ 'self' blob:", policy) == ["media-src 'self' blob:"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Permissions-Policy"] == "camera=(self), microphone=(self)"


def test_what_can_be_deleted_is_not_cached(client: FlaskClient, finished: Job) -> None:
    for path in (f"/jobs/{finished.id}", f"{JOBS}/{finished.id}/pie.png"):
        assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_pages_hold_no_inline_script_or_style(client: FlaskClient, finished: Job) -> None:
    for path in ("/", "/model", "/nothing", f"/jobs/{finished.id}"):
        text = client.get(path).get_data(as_text=True)
        assert not re.findall(r"<script(?![^>]*\bsrc=)", text)
        assert not re.findall(r"<style|\sstyle=|\son\w+=", text)
        assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)


def test_the_key_is_of_the_data_folder_and_its_owners(tmp_path: Path) -> None:
    key = secret_key(tmp_path / "one")
    assert len(key) == 32
    assert secret_key(tmp_path / "one") == key
    assert secret_key(tmp_path / "two") != key
    assert stat.S_IMODE((tmp_path / "one" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["secret.key"]


def test_a_key_that_a_power_cut_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    key = secret_key(tmp_path)
    assert len(key) == 32 and secret_key(tmp_path) == key
