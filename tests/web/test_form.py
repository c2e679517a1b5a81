"""Forms that cannot be taken, and what is said of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

if TYPE_CHECKING:
    from conftest import Page

JOBS = "/api/v1/jobs"


def post_named(client: FlaskClient, name: bytes, path: str = JOBS) -> TestResponse:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % name
    kind = "multipart/form-data; boundary=edge"
    return client.post(path, data=head + b"film\r\n--edge--\r\n", content_type=kind)


@pytest.mark.parametrize("name", [b"caf\xe9.mp4", b"\xff"])
def test_a_name_that_is_not_utf8_is_told(client: FlaskClient, name: bytes) -> None:
    for path in (JOBS, "/predict"):
        answer = post_named(client, name, path)
        assert answer.status_code == 400
        assert "The name of the file cannot be read." in answer.get_data(as_text=True)
        assert "Rename the file" in answer.get_data(as_text=True)


def test_a_broken_form_has_no_video(client: FlaskClient) -> None:
    kind = "multipart/form-data; boundary=edge"
    answer = client.post(JOBS, data=b"--edge\r\nno form", content_type=kind)
    assert (answer.status_code, answer.get_json()["title"]) == (400, "No video was sent.")


@pytest.mark.parametrize(
    "fields", [{"note": "a" * 2_000_000}, {f"field-{i}": "a" for i in range(1001)}]
)
def test_too_much_beside_the_video_is_not_called_a_large_video(
    page: Page, video: bytes, fields: dict[str, str]
) -> None:
    file = FileStorage(io.BytesIO(video), "a.mp4")
    boundary, body = encode_multipart({**fields, "csrf_token": page.token, "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    for path in (JOBS, "/predict"):
        answer = page.client.post(path, data=body, content_type=kind)
        assert answer.status_code == 400
        text = answer.get_data(as_text=True)
        assert "more than a video and a few short fields" in text
        assert "larger than" not in text.partition('id="upload"')[0]
