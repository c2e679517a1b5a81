"""One self-contained page that a person can send to another."""

from __future__ import annotations

from affect.contracts import GOOD_POSTURE, VideoReport
from affect.emotions import COLORS
from affect.report.drawing import DARK
from affect.report.html import data_uri, environment
from affect.report.pie import pie
from affect.report.rates import rate
from affect.report.timeline import timeline
from affect.report.words import (
    DISCLAIMER,
    NO_FACE_REASONS,
    clock,
    count,
    leaders,
    likely,
    mostly,
    no_posture,
    notes_of,
    percent,
    sentence,
    stretch,
    unbroken,
)
from affect.resources import folder


def page(report: VideoReport, pictures: dict[str, bytes]) -> str:
    """The report as HTML that fetches nothing.

    Args:
        report: what to tell.
        pictures: PNG files by name, as `write` stores them; "pie" and "timeline" may be absent.
    """
    if report.summary.dominant is not None:
        # Of the page alone: the files beside it are for a light ground.
        pictures = pictures | {
            "pie-dark": pie(report.summary.emotions, DARK),
            "timeline-dark": timeline(report, DARK),
        }
    templates = environment()
    templates.filters.update(
        percent=lambda share: unbroken(percent(share)),
        clock=clock,
        looks=lambda number: count(number, "look", "looks"),
        leaders=lambda emotions: leaders(emotions)[0],
        likely=lambda interval: unbroken(likely(interval)),
        no_posture=no_posture,
        mostly=lambda emotions: unbroken(mostly(emotions)),
        stretch=lambda looks_s: stretch(looks_s, report.options.rate, report.video.duration_s),
    )
    return templates.get_template("report.html").render(
        report=report,
        summary=report.summary,
        pictures={name: data_uri(png) for name, png in pictures.items()},
        colors=COLORS,
        good_posture=GOOD_POSTURE,
        sentence=unbroken(sentence(report.summary, len(report.people))),
        notes=notes_of(report),
        no_face_reasons=NO_FACE_REASONS,
        disclaimer=DISCLAIMER,
        rate=rate(folder("model"), report.model.sha256, report.options.head, report.options.view),
    )
