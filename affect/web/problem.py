"""What can go wrong, as the web says it: a status, a code, and two sentences."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import HTTPException, SecurityError

from affect import errors, jobs

STATUS = {
    errors.UnreadableMedia.code: 415,
    errors.NoVideoStream.code: 422,
    errors.MediaTooLarge.code: 413,
    errors.UploadRejected.code: 400,
    errors.ResultNotFound.code: 404,
    errors.JobNotFinished.code: 409,
    errors.QueueFull.code: 503,
    errors.DiskFull.code: 507,
}


@dataclass(frozen=True)
class Problem:
    """A status for the protocol, a stable code for programs, two sentences for people."""

    status: int
    code: str
    sentence: str
    advice: str


_NOT_FOUND = Problem(
    404, errors.JobNotFound.code, "There is nothing at this address.", errors.JobNotFound.advice
)
_HTTP = {
    400: Problem(
        400,
        "bad-request",
        "This page had grown old, or the request was not complete.",
        "Load the page again and repeat what you did.",
    ),
    403: Problem(
        403,
        "foreign-origin",
        "Another web site asked for this, so it was refused.",
        "Open Affect in a tab of its own and do it there.",
    ),
    404: _NOT_FOUND,
    405: Problem(
        405, "wrong-method", "This address cannot be used that way.", "Go to the first page."
    ),
    416: Problem(416, "wrong-range", "The video does not reach that far.", "Ask for less."),
    500: Problem(
        500, "error", "Something went wrong here, not with your video.", errors.AffectError.advice
    ),
}
UNKNOWN_HOST = Problem(
    400,
    "unknown-host",
    "This server does not answer to the name it was asked under.",
    "Open it as 127.0.0.1 or localhost, or add the name to the setting trusted_hosts.",
)


def too_large(max_bytes: int) -> Problem:
    """What is said of a file over the limit, by the server and by the page before it sends."""
    return _told(jobs.too_large(max_bytes))


def of(error: Exception, max_bytes: int) -> Problem:
    """The problem that an error is, where videos of at most max_bytes are taken."""
    if isinstance(error, errors.JobNotFound):
        return _NOT_FOUND
    if isinstance(error, errors.AffectError):
        return _told(error)
    if isinstance(error, SecurityError):
        return UNKNOWN_HOST
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status == 413:
        return too_large(max_bytes)
    if status in _HTTP:
        return _HTTP[status]
    general = _HTTP[400] if status < 500 else _HTTP[500]
    return Problem(status, general.code, general.sentence, general.advice)


def _told(error: errors.AffectError) -> Problem:
    return Problem(STATUS.get(error.code, 500), error.code, error.sentence, error.advice)
