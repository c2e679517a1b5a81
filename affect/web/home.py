"""The first page: also what someone sees again, with the reason, when a video was refused."""

from __future__ import annotations

from flask import render_template

from affect import errors
from affect.contracts import VIDEO_SUFFIXES
from affect.web import problem, recent, security
from affect.web.context import context
from affect.web.problem import Problem

WRONG_KIND = errors.UnreadableMedia(errors.NOT_A_VIDEO)
EMPTY = errors.UnreadableMedia(errors.EMPTY_FILE)
_THIS_COMPUTER = {"127.0.0.1", "localhost", "::1"}


def render(refused: Problem | None = None) -> str:
    """The page, with what was wrong with the last video, if anything was."""
    settings = context().settings
    here = security.host_name() in _THIS_COMPUTER
    return render_template(
        "index.html",
        refused=refused,
        agreed=recent.agreed(),
        recent=recent.jobs(),
        settings=settings,
        # What the file dialogue offers. The page refuses other names at once; the server does not
        # go by the name but looks at the content.
        extensions=VIDEO_SUFFIXES,
        too_large=problem.too_large(settings.limits.max_bytes),
        wrong_kind=WRONG_KIND,
        empty=EMPTY,
        here="this computer" if here else "the computer behind this page",
    )
