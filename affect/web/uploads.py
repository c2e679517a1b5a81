"""A video in a request becomes a job."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import request
from werkzeug.exceptions import ClientDisconnected

from affect.errors import UploadRejected
from affect.jobs import Job
from affect.web import recent
from affect.web.context import context

_YES = {"yes", "true", "on", "1"}
_TAKES_VIDEO = {"pages.predict", "api.create"}


def check_room() -> None:
    """Before the form is read: refuse when nothing more can be taken.

    Raises:
        QueueFull, DiskFull: no room.
    """
    if request.method == "POST" and request.endpoint in _TAKES_VIDEO:
        # The body has come in already; its form's file and the video are still to be written.
        context().jobs.check_room(request.content_length, copies=2)


def take() -> Job:
    """Hand the form's `file` to the jobs room.

    Raises:
        UploadRejected: there is none.
        MediaError, JobError: it was not accepted.
        ClientDisconnected: who sent it has gone meanwhile, and nobody else could know of it.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise UploadRejected("No video was sent.")
    here = context()
    job = here.jobs.submit(
        cast(BinaryIO, file.stream),
        file.filename,
        here.settings.options,
        keep_video=request.form.get("keep_video", "").lower() in _YES,
    )
    if request.environ.get("waitress.client_disconnected", bool)():
        here.jobs.delete(job.id)
        raise ClientDisconnected
    return job


def take_from_page() -> Job:
    """As `take`; the browser remembers the job, and the consent its page has asked for."""
    if request.form.get("consent"):
        recent.agree()
    job = take()
    recent.remember(job)
    return job
