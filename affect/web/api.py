"""The JSON API: an unguessable id is the key to its job."""

from __future__ import annotations

import errno
import io
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_file, url_for
from werkzeug.datastructures import Range
from werkzeug.utils import secure_filename

from affect.errors import ResultNotFound
from affect.jobs import Job
from affect.web.context import context
from affect.web.uploads import take

blueprint = Blueprint("api", __name__, url_prefix="/api/v1/jobs")

# Address: file in the results folder, its type, whether it is for saving rather than showing.
_FILES = {
    "results.json": ("report.json", "application/json", False),
    "results.csv": ("report.csv", "text/csv", True),
    "report.html": ("report.html", "text/html", True),
    "pie.png": ("pie.png", "image/png", False),
    "timeline.png": ("timeline.png", "image/png", False),
}
# What browsers must be told to play the kinds that they can.
_VIDEO_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".ogv": "video/ogg",
    ".ogg": "video/ogg",
}


@blueprint.post("")
def create() -> tuple[Response, int, dict[str, str]]:
    """Take the video in the form field `file`; 202 and where to ask about it."""
    job = take()
    return _answer(job), 202, {"Location": url_for("api.show", job_id=job.id)}


@blueprint.get("/<job_id>")
def show(job_id: str) -> Response:
    """The state of a job."""
    return _answer(context().jobs.get(job_id))


@blueprint.delete("/<job_id>")
def delete(job_id: str) -> tuple[str, int]:
    """Delete everything of a job."""
    context().jobs.delete(job_id)
    return "", 204


@blueprint.post("/<job_id>/cancel")
def cancel(job_id: str) -> tuple[Response, int]:
    """Ask the analysis to stop."""
    return _answer(context().jobs.cancel(job_id)), 202


@blueprint.get(f"/<job_id>/<any({', '.join(map(repr, _FILES))}):name>")
def result(job_id: str, name: str) -> Response:
    """One of the files of a finished analysis."""
    job = context().jobs.get(job_id)
    file, media_type, save = _FILES[name]
    return _send(job, context().jobs.results(job_id) / file, media_type, name, save)


@blueprint.get("/<job_id>/person-<int:person>.png")
def person(job_id: str, person: int) -> Response:
    """A good face of one person."""
    job = context().jobs.get(job_id)
    name = f"person-{person}.png"
    return _send(job, context().jobs.results(job_id) / name, "image/png", name, save=False)


@blueprint.get("/<job_id>/video")
def video(job_id: str) -> Response:
    """The video, where it was kept; parts of it by `Range`."""
    job = context().jobs.get(job_id)
    path = context().jobs.video(job_id)
    if path is None:
        raise ResultNotFound("This video was not kept.")
    suffix = path.suffix.lower()
    media_type = _VIDEO_TYPES.get(suffix, "application/octet-stream")
    return _send(job, path, media_type, f"video{suffix}", save=False)


@blueprint.get("/<job_id>/face.png")
def face(job_id: str) -> Response:
    """The last face seen while the analysis runs; 204 before there is one."""
    png = context().jobs.thumbnail(job_id)
    if png is None:
        return Response(status=204)
    return send_file(io.BytesIO(png), "image/png", download_name="face.png")


def file_name(job: Job, name: str) -> str:
    """A name for a download: the video's, in plain letters, and what it is."""
    stem = secure_filename(Path(job.name).stem)[:80] or "video"
    return f"{stem}-{name}"


def _send(job: Job, path: Path, media_type: str, name: str, save: bool) -> Response:
    try:
        if not _is_understood(request.range, path.stat().st_size):
            request.environ.pop("HTTP_RANGE", None)  # then all of it is sent: RFC 9110, 14.2
        return send_file(
            path,
            media_type,
            as_attachment=save,
            download_name=file_name(job, name),
            conditional=True,
            max_age=0,
        )
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENAMETOOLONG):
            raise
        raise ResultNotFound("This analysis has no such file.") from error


def _is_understood(asked: Range | None, size: int) -> bool:
    """Whether one part of the file is asked for; one beyond its end is refused by who sends it."""
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1:
        return False
    return asked.ranges[0][0] >= -size  # the last so many bytes are all of it where it has fewer


def _answer(job: Job) -> Response:
    here = url_for("api.show", job_id=job.id)
    failed = job.error_code and {
        "code": job.error_code,
        "title": job.error_sentence,
        "detail": job.error_advice,
    }
    return jsonify(
        id=job.id,
        name=job.name,
        state=job.state.value,
        stage=job.stage,
        progress={
            "percent": job.percent,
            "done_s": job.done_s,
            "total_s": job.total_s,
            "elapsed_s": job.elapsed_s,
            "remaining_s": job.remaining_s,
        },
        attempts=job.attempts,
        keep_video=job.keep_video,
        created_at=_iso(job.created_at),
        started_at=_iso(job.started_at),
        finished_at=_iso(job.finished_at),
        dominant=job.dominant,
        error=failed or None,
        links={
            "self": here,
            "page": url_for("pages.job", job_id=job.id),
            **{name: f"{here}/{name}" for name in _names(job)},
        },
    )


def _names(job: Job) -> tuple[str, ...]:
    """The results there are: without a readable face there is nothing to draw."""
    if not job.has_results:
        return ()
    place = context().jobs.results(job.id)
    return tuple(name for name, (file, *_) in _FILES.items() if (place / file).is_file())


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
