"""Measures as pictures: who is taken for whom, how each class does, how sure is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from affect.report.drawing import FAINT, INK, PAPER, to_png
from affect.training.accuracy import Measures
from affect.training.coverage import Coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PRECISION: Final = "#0072B2"
_RECALL: Final = "#E69F00"


def charts(measures: Measures) -> dict[str, bytes]:
    """Draw "confusion", "classes" and "calibration", each as a PNG."""
    figures = (confusion(measures), classes(measures), calibration(measures))
    return dict(zip(("confusion", "classes", "calibration"), map(to_png, figures), strict=True))


def confusion(measures: Measures) -> Figure:
    """Draw which answers the faces of each label got."""
    return table(measures.confusion, list(measures.per_class), "the label", "the model's answer")


def table(counts: NDArray[np.int64], labels: Sequence[str], down: str, across: str) -> Figure:
    """Draw counts, shape (labels, labels), each row shaded by its shares."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _empty(6.4, 5.4)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel=across, ylabel=down)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column,
            row,
            f"{100 * share[row, column]:.0f} %\n{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=8,
            color=PAPER if share[row, column] > 0.5 else INK,
        )
    return figure


def classes(measures: Measures) -> Figure:
    """Draw precision and recall of each class as bars."""
    figure, axes = _empty(6.4, 3.6)
    place = np.arange(len(measures.per_class))
    values = measures.per_class.values()
    precision = [100 * (one.precision or 0) for one in values]
    recall = [100 * (one.recall or 0) for one in values]
    axes.bar(place - 0.2, precision, 0.38, color=_PRECISION, label="precision")
    axes.bar(place + 0.2, recall, 0.38, color=_RECALL, label="recall")
    axes.set_xticks(place, list(measures.per_class))
    axes.set(ylabel="%", ylim=(0, 100))
    axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def calibration(measures: Measures) -> Figure:
    """Draw how often answers are right against how sure they were; on the line is honest."""
    sure = measures.reliability
    filled = sure.counts > 0
    figure, axes = _empty(6.4, 4.6)
    axes.plot((0, 100), (0, 100), color=FAINT, linestyle="--", linewidth=1)
    axes.scatter(
        100 * sure.confidence[filled],
        100 * sure.accuracy[filled],
        s=10 + 500 * sure.counts[filled] / measures.n,
        color=_PRECISION,
        alpha=0.8,
    )
    axes.set(xlabel="how sure, %", ylabel="how often right, %", xlim=(0, 103), ylim=(0, 103))
    axes.set_title(
        f"calibration error {100 * sure.error:.1f} %; larger dots hold more faces",
        fontsize=9,
        color=INK,
    )
    return figure


def coverage(declined: Coverage) -> Figure:
    """Draw how often answers are right against the share of faces that are read at all."""
    figure, axes = _empty(6.4, 3.6)
    read = np.array([(point.coverage, point.accuracy) for point in declined.curve], np.float64)
    axes.plot(*(100 * read.T), color=_PRECISION)
    product = declined.product
    if product.accuracy is not None:
        x, y = 100 * product.coverage, 100 * product.accuracy
        axes.plot(x, y, "o", color=_RECALL, markersize=8)
        axes.set_title(
            f"the dot is the product: it reads {x:.1f} % and is right in {y:.1f} % of them",
            fontsize=9,
            color=INK,
        )
    axes.set(xlabel="faces read, %", ylabel="how often right, %", xlim=(0, 103))
    axes.margins(y=0.3)
    return figure


def _empty(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # costs a second, so not before it is needed

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes
