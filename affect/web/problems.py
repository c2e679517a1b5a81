"""How an error is answered: problem+json (RFC 9457) to programs, a page to people."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from affect import errors
from affect.web import home
from affect.web.context import context
from affect.web.problem import UNKNOWN_HOST, Problem, of

RETRY_AFTER_S = 30

_PLAIN = "text/plain; charset=utf-8"
_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Answer every error of the application in this one way."""
    app.register_error_handler(errors.AffectError, _answer)
    app.register_error_handler(HTTPException, _answer)


def _answer(error: Exception) -> Response:
    problem = of(error, context().settings.limits.max_bytes)
    if problem.status == 500:
        _log.error("request failed: %s", problem.code, exc_info=error)
    response = _body(problem)
    response.status_code = problem.status
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers.setdefault(name, value)
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _body(problem: Problem) -> Response:
    if problem is UNKNOWN_HOST:
        # Whoever asks under a wrong name gets no page, not even one that says so.
        return make_response(f"{problem.sentence} {problem.advice}\n", {"Content-Type": _PLAIN})
    if _asked_by_program():
        response = jsonify(
            type="about:blank",
            title=problem.sentence,
            status=problem.status,
            detail=problem.advice,
            code=problem.code,
        )
        response.content_type = "application/problem+json"
        return response
    if request.endpoint == "pages.predict":
        return make_response(home.render(problem))
    return make_response(render_template("problem.html", problem=problem))


def _asked_by_program() -> bool:
    accepted = request.accept_mimetypes
    wants_json = accepted["application/problem+json"] > accepted["text/html"]
    return request.path.startswith("/api/") or wants_json
