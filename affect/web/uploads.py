"""A video in a request becomes a job."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import request

from affect.errors import UploadRejected
from affect.jobs import Job
from affect.web import recent
from affect.web.context import context

_TAKES_VIDEO = {"pages.predict", "api.create"}


def check_room() -> None:
    """Before any body is read: refuse when nothing more can be taken.

    Raises:
        QueueFull, DiskFull: no room.
    """
    if request.method == "POST" and request.endpoint in _TAKES_VIDEO:
        context().jobs.check_room(request.content_length)


def take() -> Job:
    """Hand the form's `file` to the jobs room.

    Raises:
        UploadRejected: there is none.
        MediaError, JobError: it was not accepted.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise UploadRejected("No video was sent.")
    here = context()
    return here.jobs.submit(
        cast(BinaryIO, file.stream),
        file.filename,
        here.settings.options,
        keep_video=bool(request.form.get("keep_video")),
    )


def take_with_consent() -> Job:
    """As `take`, once the person has agreed; the browser remembers both.

    Raises:
        UploadRejected: no consent, or no file.
        MediaError, JobError: it was not accepted.
    """
    if not (recent.agreed() or request.form.get("consent")):
        raise UploadRejected(
            "The video was not analysed, because you have not agreed to it yet.",
            "Tick the box under the video, then send it again.",
        )
    recent.agree()
    job = take()
    recent.remember(job)
    return job
