"""What a browser remembers: its own analyses, and that it agreed."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, after_this_request, current_app, request, session

from affect.jobs import Job
from affect.web.context import context

_MOST = 100  # browsers keep some 150 for an address

# Each analysis has a cookie of its own: two uploads at once, which may take minutes, would
# overwrite each other's news in a common one.


def remember(job: Job) -> None:
    """Put a new analysis first; what is gone, or too much, is forgotten."""
    kept = {known.id for known in jobs()[: _MOST - 1]}

    @after_this_request
    def _(response: Response) -> Response:
        response.set_cookie(
            _prefix() + job.id,
            "1",
            max_age=current_app.permanent_session_lifetime,
            httponly=True,
            samesite=current_app.config["SESSION_COOKIE_SAMESITE"],
        )
        for job_id in set(_remembered()) - kept:
            response.delete_cookie(_prefix() + job_id)
        return response


def forget(job_id: str) -> None:
    """Take an analysis off the list."""

    @after_this_request
    def _(response: Response) -> Response:
        response.delete_cookie(_prefix() + job_id)
        return response


def jobs() -> tuple[Job, ...]:
    """This browser's analyses that still exist, newest first."""
    return context().jobs.find(tuple(_remembered()))


def agreed() -> bool:
    """Whether consent was given from this browser before."""
    return bool(session.get("agreed"))


def agree() -> None:
    """Keep in mind that consent was given."""
    session.permanent = True
    session["agreed"] = True


def _remembered() -> Iterator[str]:
    prefix = _prefix()
    return (name.removeprefix(prefix) for name in request.cookies if name.startswith(prefix))


def _prefix() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_"
