"""What a browser remembers, in one signed cookie: its own analyses, and that it agreed."""

from __future__ import annotations

from flask import session

from affect.jobs import Job
from affect.web.context import context

_MOST = 20


def remember(job: Job) -> None:
    """Put a new analysis first."""
    session.permanent = True
    session["recent"] = [job.id, *session.get("recent", ())][:_MOST]


def forget(job_id: str) -> None:
    """Take an analysis off the list."""
    session["recent"] = [other for other in session.get("recent", ()) if other != job_id]


def jobs() -> tuple[Job, ...]:
    """This browser's analyses that still exist, newest first."""
    return context().jobs.find(session.get("recent", ()))


def agreed() -> bool:
    """Whether consent was given from this browser before."""
    return bool(session.get("agreed"))


def agree() -> None:
    """Keep in mind that consent was given."""
    session.permanent = True
    session["agreed"] = True
