"""What a training run writes down after each epoch, and the curves drawn from it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from affect.expression import network
from affect.report.drawing import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def read(path: Path) -> list[dict[str, float]]:
    """Read a run's log, one row an epoch; empty without a log."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def joined(path: Path, row: dict[str, float]) -> list[dict[str, float]]:
    """The rows of a run's log and a new one; of an epoch that is repeated only the new one."""
    return [*(earlier for earlier in read(path) if earlier["epoch"] < row["epoch"]), row]


def write(path: Path, rows: list[dict[str, float]]) -> None:
    """Replace a run's log."""
    draft = path.with_suffix(".part")
    with draft.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    draft.replace(path)


def best(rows: list[dict[str, float]]) -> dict[str, float]:
    """Choose the epoch whose weights are kept: the highest sum of both heads' accuracies."""
    return max(rows, key=lambda row: sum(row[head] for head in network.HEADS))


def curves(rows: list[dict[str, float]]) -> Figure:
    """Draw loss and held-out accuracy over the epochs."""
    from matplotlib.figure import Figure  # costs a second, so not before it is needed

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in rows]
    loss.plot(epochs, [row["loss"] for row in rows], color=INK)
    loss.set(xlabel="epoch", ylabel="training loss")
    for head, color in zip(network.HEADS, ("#0072B2", "#D55E00"), strict=True):
        accuracy.plot(epochs, [100 * row[head] for row in rows], color=color, label=head)
    accuracy.set(xlabel="epoch", ylabel="held-out accuracy, %")
    accuracy.legend(frameon=False)
    return figure
