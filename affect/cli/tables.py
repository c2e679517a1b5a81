"""What an evaluation says on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from affect.training.accuracy import Measures
from affect.training.coverage import Coverage
from affect.training.evaluate import Evaluation
from affect.training.page import percent
from affect.training.video import CLIP_LABELS, FIVE, Clip, Talk, accuracy


def evaluation_tables(evaluation: Evaluation) -> tuple[Table, Table, Table, Table]:
    """Measures over all classes; those of each class; the answers each label got; coverage."""
    every = evaluation.every
    further = {
        "without copies": evaluation.without_copies,
        "new photographs": evaluation.new_photographs,
    }
    columns = {"every face": every} | {name: one for name, one in further.items() if one}
    overall = Table(
        "measure",
        *columns,
        title=f"{evaluation.split}, labels {evaluation.labels}, head {evaluation.head}, "
        f"view {evaluation.view}",
    )
    for name, cell in (
        ("faces", lambda one: str(one.n)),
        ("accuracy", lambda one: f"{one.accuracy:.1%} ({_range(one.interval)})"),
        ("macro F1", lambda one: f"{one.macro_f1:.1%} ({_range(one.macro_f1_interval)})"),
        ("calibration error", lambda one: f"{one.reliability.error:.1%}"),
    ):
        overall.add_row(name, *map(cell, columns.values()))
    return overall, _class_table(every), _answer_table(every), _coverage_table(evaluation.coverage)


def _class_table(measures: Measures) -> Table:
    table = Table("label", "faces", "precision", "recall", "F1", box=SIMPLE_HEAD)
    for label, one in measures.per_class.items():
        figures = (percent(one.precision), percent(one.recall), percent(one.f1))
        table.add_row(label, str(one.n), *figures)
    return table


def _answer_table(measures: Measures) -> Table:
    table = Table("label \\ answer", *measures.per_class, box=SIMPLE_HEAD)
    for label, row in zip(measures.per_class, measures.confusion, strict=True):
        table.add_row(label, *map(str, row))
    return table


def _coverage_table(coverage: Coverage) -> Table:
    dropped = percent(coverage.good_dropped)
    table = Table(
        *("readable from", "faces read", "accuracy"),
        box=SIMPLE_HEAD,
        caption=f"The product reads from {coverage.product.threshold:g}; of {coverage.good} "
        f"faces on which FER+'s voters agree it declines {dropped}.",
    )
    for point in coverage.points:
        table.add_row(f"{point.threshold:g}", percent(point.coverage), percent(point.accuracy))
    return table


def _range(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.1%} to {interval[1]:.1%}"


def clip_table(clips: Sequence[Clip]) -> Table:
    """One row a clip, and the mean of each label's."""
    table = Table("clip", *FIVE, "right", box=SIMPLE_HEAD)
    for clip in clips:
        table.add_row(clip.name, *_shares([clip]), "yes" if clip.right else "no")
    table.add_section()
    for label in CLIP_LABELS:
        table.add_row(f"{label}, mean", *_shares([clip for clip in clips if clip.label == label]))
    return table


def _shares(clips: Sequence[Clip]) -> Iterator[str]:
    """The mean share of each emotion in the clips with a readable face."""
    read = [clip.shares for clip in clips if clip.readable]
    for emotion in FIVE:
        yield f"{sum(shares[emotion] for shares in read) / len(read):.0%}" if read else "–"


def talk_table(talks: Sequence[Talk]) -> Table:
    """One row a speaker, one for all."""
    table = Table("speaker", "clips", "of six", "of five")
    speakers = sorted({talk.speaker for talk in talks})
    groups = {name: [talk for talk in talks if talk.speaker == name] for name in speakers}
    for name, group in (groups | {"all": talks}).items():
        shares = ("–" if share is None else f"{share:.1%}" for share in accuracy(group))
        table.add_row(name, str(len(group)), *shares)
    return table
