"""One shape for every error."""

from __future__ import annotations

import inspect
import logging

import pytest
from flask import Flask

from affect import errors
from affect.jobs import Jobs
from affect.settings import Settings
from affect.web import problem
from affect.web.application import create_app


def kinds() -> list[type[errors.AffectError]]:
    return [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.AffectError)
    ]


def failing(app: Flask, error: Exception) -> Flask:
    def fail() -> str:
        raise error

    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/api/v1/fail", "api_fail", view_func=fail)
    return app


@pytest.mark.parametrize("kind", kinds())
def test_every_error_is_answered_in_both_forms(app: Flask, kind: type[errors.AffectError]) -> None:
    client = failing(app, kind("It <b>broke</b>.", "Mend it.")).test_client()
    answer = client.get("/api/v1/fail")
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    status = 404 if kind is errors.JobNotFound else problem.STATUS.get(kind.code, 500)
    assert body["status"] == answer.status_code == status
    assert body["code"] == kind.code
    page = client.get("/fail")
    assert page.status_code == answer.status_code
    assert page.mimetype == "text/html"
    text = page.get_data(as_text=True)
    if kind is errors.JobNotFound:
        assert "There is nothing at this address." in text
    else:
        assert (body["title"], body["detail"]) == ("It <b>broke</b>.", "Mend it.")
        assert "It &lt;b&gt;broke&lt;/b&gt;." in text
        assert "Mend it." in text


def test_an_unknown_error_tells_nothing_of_itself(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = failing(app, RuntimeError("secret")).test_client()
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fail")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
    assert "Something went wrong here" in answer.get_data(as_text=True)
    assert "secret" in caplog.text  # whoever runs the server must be able to find it


def test_a_wrong_address_and_a_missing_result_look_the_same(app: Flask) -> None:
    client = app.test_client()
    pages = [client.get(path) for path in ("/nothing", "/jobs/x", f"/jobs/{'0' * 32}")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.data for page in pages}) == 1


def test_a_wrong_method_says_which_are_right(app: Flask) -> None:
    answer = app.test_client().delete("/predict")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_full_queue_says_when_to_come_back(settings: Settings, jobs: Jobs) -> None:
    app = failing(create_app(settings, jobs), errors.QueueFull("Too many videos are waiting."))
    answer = app.test_client().get("/api/v1/fail")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
