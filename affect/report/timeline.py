"""The timeline: a ribbon a person, colour by emotion, opacity by confidence."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.contracts import VideoReport
from affect.emotions import COLORS, VIEWS
from affect.report import axis
from affect.report.drawing import LIGHT, Theme, strength, to_png
from affect.report.words import clock

COLUMNS: Final = 900
ROWS: Final = 12
_HALF: Final = 0.37


def timeline(report: VideoReport, theme: Theme = LIGHT) -> bytes:
    """A PNG of the people read most often, up to `ROWS` of them.

    Its size does not grow with the video's length: moments that fall into one of the
    `COLUMNS` are drawn as one, in the colour of the emotion most probable on average.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch, Rectangle
    from matplotlib.ticker import FixedLocator, FuncFormatter

    people = report.people[:ROWS]
    emotions = report.summary.emotions
    by_share = sorted(emotions, key=lambda label: -emotions[label])  # as the pie has them
    rate = report.options.rate
    end_s = axis.end_s(report.moments[-1].time_s, report.video.duration_s, rate)
    ribbon, head, foot = 0.5, 0.5, 0.62
    height = ribbon * len(people) + head + foot
    figure = Figure(figsize=(9, height))
    axes = figure.add_axes((0.11, foot / height, 0.85, ribbon * len(people) / height))
    axes.set_facecolor(theme.paper)
    unread: dict[str, Any] = {"edgecolor": theme.line, "linewidth": 0.8}
    unseen: dict[str, Any] = {**unread, "facecolor": theme.paper, "hatch": "////"}
    for row, strip in enumerate(ribbons(report, end_s, theme)):
        place = (0, row - _HALF), end_s, 2 * _HALF
        axes.add_patch(Rectangle(*place, **unseen))
        axes.add_patch(Rectangle(*place, **unread, fill=False, clip_on=False, zorder=3))
        axes.imshow(
            strip[np.newaxis],
            extent=(0, end_s, row + _HALF, row - _HALF),
            aspect="auto",
            interpolation="nearest",
            zorder=2,
        )
    axes.set(xlim=(0, end_s), ylim=(len(people) - 0.5, -0.5))
    axes.set_yticks(range(len(people)), [f"Person {person.id}" for person in people])
    axes.xaxis.set_major_locator(FixedLocator(axis.ticks(end_s)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: clock(value)))
    axes.tick_params(length=0, labelsize=11, labelcolor=theme.ink, pad=6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    told: dict[str, Any] = {
        "frameon": False,
        "handlelength": 0.9,
        "handleheight": 0.9,
        "columnspacing": 1.3,
    }
    figure.legend(
        handles=[Patch(color=COLORS[label], label=label) for label in by_share],
        loc="upper left",
        bbox_to_anchor=(0.1, 1.0),
        ncols=len(by_share),
        fontsize=11,
        labelcolor=theme.ink,
        **told,
    )
    figure.legend(
        handles=[
            Patch(**unseen, label="no face seen"),
            Patch(**unread, facecolor=theme.paper, label="face unclear"),
        ],
        loc="lower left",
        bbox_to_anchor=(0.1, 0.0),
        ncols=2,
        fontsize=10,
        labelcolor=theme.faint,
        borderpad=0.1,
        **told,
    )
    hidden = len(report.people) - len(people)
    figure.text(
        0.96,
        0.08 / height,
        "fainter: less sure" + (f" · not shown: {hidden} more people" if hidden else ""),
        color=theme.faint,
        fontsize=10,
        horizontalalignment="right",
        verticalalignment="bottom",
    )
    return to_png(figure, theme)


def ribbons(report: VideoReport, end_s: float, theme: Theme = LIGHT) -> NDArray[np.float32]:
    """Colours over time of the first `ROWS` people.

    Returns:
        float32 RGBA in [0, 1], shape (people, `COLUMNS`, 4): the emotion's colour, nearer to
        the paper's the less sure; the paper's alone where a face could not be read;
        transparent where a person was not seen.
    """
    from matplotlib.colors import to_rgb

    labels = VIEWS[report.options.view]
    people = min(len(report.people), ROWS)
    scores = np.zeros((people, COLUMNS, len(labels)), dtype=np.float32)
    faces = np.zeros((people, COLUMNS), dtype=np.float32)
    seen = np.zeros((people, COLUMNS), dtype=np.bool_)
    times_s = [moment.time_s for moment in report.moments]
    ends_s = axis.held(times_s, end_s, report.options.rate)
    for moment, until_s in zip(report.moments, ends_s, strict=True):
        first = min(int(moment.time_s / end_s * COLUMNS), COLUMNS - 1)
        last = max(first + 1, math.ceil(until_s / end_s * COLUMNS - 1e-6))
        for face in moment.faces:
            if face.person > people:
                continue
            stretch = face.person - 1, slice(first, last)
            seen[stretch] = True
            if face.scores is not None:
                scores[stretch] += [face.scores[label] for label in labels]
                faces[stretch] += 1
    chosen = scores.argmax(axis=-1)
    confidence = scores.max(axis=-1) / np.maximum(faces, 1)
    colours = np.array([to_rgb(COLORS[label]) for label in labels], dtype=np.float32)
    strong = np.vectorize(strength, otypes=[np.float32])(confidence, len(labels))
    strong = np.where(faces > 0, strong, 0)[..., np.newaxis]
    paper = np.array(to_rgb(theme.paper), dtype=np.float32)
    on_paper = paper + strong * (colours[chosen] - paper)
    return np.concatenate([on_paper, seen[..., np.newaxis]], axis=-1, dtype=np.float32)
