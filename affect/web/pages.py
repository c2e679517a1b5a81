"""The pages a person sees."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from affect.errors import JobNotFound
from affect.jobs import Job
from affect.report import rates
from affect.resources import folder
from affect.web import card, document, home, recent, result, timeline
from affect.web.api import file_name
from affect.web.context import context
from affect.web.security import csrf
from affect.web.uploads import take_from_page

blueprint = Blueprint("pages", __name__)

# Of the model's description, what everyone should know; the rest is for those who ask.
_FIRST = ("What it must not be used for", "Where it is weak")


@blueprint.before_request
def _check_token() -> None:
    csrf.protect()


@blueprint.get("/")
def index() -> str:
    """The first page."""
    return home.render()


@blueprint.post("/predict")
def predict() -> Response:
    """Take a video; on to its page."""
    return _to(take_from_page())


@blueprint.get("/predict")
def predict_home() -> Response:
    """Nothing to see without a video: home."""
    return redirect(url_for("pages.index"), 303)


@blueprint.post("/example")
def example() -> Response:
    """Analyse the clip that comes with the program."""
    here = context()
    with (folder("static") / "example.mp4").open("rb") as file:
        job = here.jobs.submit(file, "example.mp4", here.settings.options, keep_video=True)
    recent.remember(job)
    return _to(job)


@blueprint.get("/jobs/<job_id>")
def job(job_id: str) -> str:
    """How far it is, or what came out."""
    known = context().jobs.get(job_id)
    return _result_page(known) if known.has_results else _progress_page(known)


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Stop the analysis."""
    return _to(context().jobs.cancel(job_id))


@blueprint.post("/jobs/<job_id>/delete")
def delete(job_id: str) -> Response:
    """Delete everything of it; home."""
    context().jobs.delete(job_id)
    recent.forget(job_id)
    return redirect(url_for("pages.index"), 303)


@blueprint.get("/model")
def model() -> str:
    """What the model is and how often it is right."""
    place, settings = folder("model"), context().settings
    told = rates.rates(place, settings.runtime)
    sections = card.sections(place)
    return render_template(
        "model.html",
        plain=[sections.pop(title, "") for title in _FIRST],
        rest=sections.values(),
        rates=told,
        rate=next(
            (r for r in told if (r.head, r.view) == (settings.head, settings.emotions)), None
        ),
    )


def _to(known: Job) -> Response:
    return redirect(url_for("pages.job", job_id=known.id), 303)


def _progress_page(known: Job) -> str:
    return render_template(
        "progress.html", job=known, has_face=context().jobs.thumbnail(known.id) is not None
    )


def _result_page(known: Job) -> str:
    jobs = context().jobs
    place = jobs.results(known.id)
    try:
        report = document.read(place / "report.json")
    except FileNotFoundError as error:
        raise JobNotFound("There is no such analysis.") from error  # it was deleted just now
    shown = result.of(report, request.args.get("person", type=int))
    posture = shown.figures.posture
    return render_template(
        "predict.html",
        job=known,
        result=shown,
        document=report,
        thumbnails=result.thumbnails(place, report),
        has_video=jobs.video(known.id) is not None,
        units=timeline.UNITS,
        rate=rates.rate(
            folder("model"), report.model.sha256, report.settings.head, report.settings.emotions
        ),
        file_name=lambda name: file_name(known, name),
        # The three variables that templates of the first version of this page know.
        plot_url=_quoted(place / "pie.png"),
        smileindex=round(shown.figures.smile_index or 0.0, 2),
        posture=posture.label if posture else None,
    )


def _quoted(png: Path) -> str | None:
    """A picture as it stands in a data URL."""
    return quote(base64.b64encode(png.read_bytes())) if png.is_file() else None
