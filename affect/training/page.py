"""An evaluation as a JSON object and as one page that a person can read and send on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from affect.emotions import COLORS
from affect.report.drawing import to_png
from affect.report.html import data_uri, environment
from affect.training.accuracy import Measures
from affect.training.charts import charts, coverage
from affect.training.evaluate import Evaluation


def to_json(evaluation: Evaluation) -> dict[str, object]:
    """Tell everything, as fractions; what is unknown or undefined is null.

    Keys: those of `measures_to_json` for every image that counts, `without_copies` (the same
    without copies of training images, or null), `labels`, `head` (what answered), `emotions`
    (the view), `split`, `model` {name, sha256}, `new_photographs` (as `without_copies`, without
    other crops of photographs in training either).
    """
    fresh, new = evaluation.without_copies, evaluation.new_photographs
    return measures_to_json(evaluation.every) | {
        "labels": evaluation.labels,
        "head": evaluation.head,
        "emotions": evaluation.view,
        "split": evaluation.split,
        "model": asdict(evaluation.model),
        "without_copies": measures_to_json(fresh) if fresh else None,
        "new_photographs": measures_to_json(new) if new else None,
    }


def measures_to_json(measures: Measures) -> dict[str, object]:
    """Tell n, accuracy, interval, macro_f1, macro_f1_interval, ece, classes, per_class, confusion.

    `interval` belongs to the accuracy; `confusion` has a row for each true class in the order
    of `classes`, and in it a column for each answer.
    """
    return {
        "n": measures.n,
        "accuracy": measures.accuracy,
        "interval": list(measures.interval),
        "macro_f1": measures.macro_f1,
        "macro_f1_interval": list(measures.macro_f1_interval),
        "ece": measures.reliability.error,
        "classes": list(measures.per_class),
        "per_class": {label: asdict(one) for label, one in measures.per_class.items()},
        "confusion": measures.confusion.tolist(),
    }


def write(evaluation: Evaluation, out: Path) -> None:
    """Write evaluation.html, evaluation.json and charts as PNG into a folder, made if missing."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = charts(evaluation.every) | {"coverage": to_png(coverage(evaluation.coverage))}
    for name, png in pictures.items():
        (out / f"{name}.png").write_bytes(png)
    (out / "evaluation.json").write_text(json.dumps(to_json(evaluation), indent=2) + "\n")
    (out / "evaluation.html").write_text(page(evaluation, pictures), encoding="utf-8")


def page(evaluation: Evaluation, pictures: dict[str, bytes]) -> str:
    """Tell it as self-contained HTML; `pictures` are the PNG files that `write` draws."""
    templates = environment()
    templates.filters["percent"] = percent
    return templates.get_template("evaluation.html").render(
        evaluation=evaluation,
        every=evaluation.every,
        columns={
            "every face": evaluation.every,
            "without copies of training faces": evaluation.without_copies,
            "new photographs": evaluation.new_photographs,
        },
        coverage=evaluation.coverage,
        mistakes=common_mistakes(evaluation.every),
        pictures={name: data_uri(png) for name, png in pictures.items()},
        colors=COLORS,
    )


def common_mistakes(measures: Measures, most: int = 3) -> list[tuple[str, str, int, float]]:
    """List the most frequent mistakes as (label, answer, faces, share of the label's faces)."""
    labels = list(measures.per_class)
    table = measures.confusion
    found = [
        (labels[i], labels[j], int(table[i, j]), float(table[i, j] / table[i].sum()))
        for i in range(len(labels))
        for j in range(len(labels))
        if i != j and table[i, j]
    ]
    return sorted(found, key=lambda mistake: -mistake[2])[:most]


def percent(share: float | None) -> str:
    """Write a fraction as a percentage with one decimal, "–" for None."""
    return "–" if share is None else f"{100 * share:.1f} %"
