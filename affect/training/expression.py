"""Train the expression model: data in, best weights, log and curves out."""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import ModelError
from affect.expression import network
from affect.training.augment import augment
from affect.training.configuration import Configuration

WEIGHTS = "best.weights.h5"
LOG = "log.csv"


@dataclass(frozen=True)
class TrainingResult:
    """What a run left behind: paths of weights, log and curves, and the best epoch's figures."""

    weights: Path
    log: Path
    curves: Path
    epoch: int
    accuracy: dict[str, float]


def train(faces: FaceSet, configuration: Configuration, out: Path, resume: bool) -> TrainingResult:
    """Train on the split "Training", choosing the epoch on a part of it that is held out.

    Copies of faces of any other split leave training first, then what `fer2013.clean` drops.
    The weights kept are the moving average at the epoch with the highest sum of both heads'
    held-out accuracies.

    Args:
        faces: must hold the split "Training" with votes.
        configuration: how to train.
        out: folder for weights, log, curves and the state to resume from; made if missing.
        resume: go on after the last whole epoch of an earlier run in `out`.

    Raises:
        DataError: no split "Training".
        ModelError: `out` already holds a run and `resume` is false.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    out.mkdir(parents=True, exist_ok=True)
    if (out / LOG).exists() and not resume:
        raise ModelError(f"{out} already holds a training run.", "Pass --resume to go on with it.")
    keras.utils.set_random_seed(configuration.seed)
    learning, held_out = split_training(faces, configuration)
    batches = _batches(learning, configuration)
    model = network.build(
        configuration.stem,
        configuration.widths,
        configuration.strides,
        configuration.dropout,
        configuration.dtype,
    )
    steps = batches.num_batches
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                0.0,
                steps * (configuration.epochs - 1) or 1,
                warmup_target=configuration.learning_rate,
                warmup_steps=steps,
            ),
            weight_decay=configuration.weight_decay,
            clipnorm=5.0,
            use_ema=True,
            ema_momentum=configuration.ema_momentum,
        ),
        loss={
            "ferplus": keras.losses.CategoricalCrossentropy(),
            "fer2013": keras.losses.CategoricalCrossentropy(
                label_smoothing=configuration.label_smoothing
            ),
        },
    )
    judge = _judge(held_out, out)
    model.fit(
        batches,
        epochs=configuration.epochs,
        callbacks=[
            # Order matters: the state to resume from holds the raw weights, the judge the average.
            keras.callbacks.BackupAndRestore(out / "state", delete_checkpoint=False),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            judge,
        ],
        verbose=2 if not os.isatty(1) else 1,
    )
    rows = read_log(out / LOG)
    best = max(rows, key=_score)
    curves = out / "curves.png"
    draw_curves(rows, curves)
    return TrainingResult(
        out / WEIGHTS,
        out / LOG,
        curves,
        int(best["epoch"]),
        {head: best[head] for head in network.HEADS},
    )


def split_training(faces: FaceSet, configuration: Configuration) -> tuple[FaceSet, FaceSet]:
    """(faces to learn from, faces held out) of the split "Training", cleaned."""
    learning = faces.split("Training")
    others = faces.take(faces.splits != "Training")
    learning = fer2013.clean(learning.take(~fer2013.copies_of(learning, others)))
    if configuration.limit:
        learning = learning.take(np.arange(min(configuration.limit, len(learning))))
    return fer2013.hold_out(learning, configuration.hold_out, configuration.seed)


def _batches(faces: FaceSet, configuration: Configuration) -> Any:
    import keras

    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    soft, clarity = faces.soft_votes, faces.clarity

    class Batches(keras.utils.PyDataset):  # type: ignore[misc, name-defined]
        """Shuffled, augmented batches; an epoch's chance depends on seed and epoch alone."""

        def __init__(self) -> None:
            super().__init__(workers=1)
            self.epoch = -1
            self.on_epoch_end()

        @property
        def num_batches(self) -> int:
            return math.ceil(len(faces) / configuration.batch)

        def on_epoch_end(self) -> None:
            self.epoch += 1
            rng = np.random.default_rng((configuration.seed, self.epoch))
            self.order = rng.permutation(len(faces))

        def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
            start = index * configuration.batch
            rows = self.order[start : start + configuration.batch]
            rng = np.random.default_rng((configuration.seed, self.epoch, index))
            x = np.stack([augment(faces.images[row], rng) for row in rows])[..., None]
            targets = {"ferplus": soft[rows], "fer2013": one_hot[rows]}
            weights = {"ferplus": clarity[rows], "fer2013": np.ones(len(rows), np.float32)}
            return x, targets, weights

    return Batches()


def _judge(held_out: FaceSet, out: Path) -> Any:
    import keras

    class Judge(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        """Measures both heads on the held-out faces, logs them, keeps the best weights."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            row = {"epoch": float(epoch + 1), "loss": (logs or {})["loss"]}
            row |= held_out_accuracy(self.model, held_out)
            earlier = read_log(out / LOG)
            if _score(row) > max(map(_score, earlier), default=-1.0):
                self.model.save_weights(out / WEIGHTS)
            with (out / LOG).open("a", newline="") as file:
                writer = csv.DictWriter(file, row)
                if not earlier:
                    writer.writeheader()
                writer.writerow(row)
            print({name: round(value, 4) for name, value in row.items()}, flush=True)

    return Judge()


def held_out_accuracy(model: Any, faces: FaceSet) -> dict[str, float]:
    """Accuracy of each head against its own labels, seven classes, in [0, 1]."""
    x = faces.images[..., None].astype(np.float32) / 255
    scores: dict[str, list[NDArray[np.float32]]] = {head: [] for head in network.HEADS}
    for start in range(0, len(x), 256):
        outputs = model.predict_on_batch(x[start : start + 256])
        for head in network.HEADS:
            scores[head].append(outputs[head])
    chosen = {head: np.concatenate(parts).argmax(axis=1) for head, parts in scores.items()}
    clear = faces.majority >= 0
    return {
        "ferplus": float((chosen["ferplus"] == faces.majority)[clear].mean()),
        "fer2013": float((chosen["fer2013"] == faces.labels).mean()),
    }


def read_log(path: Path) -> list[dict[str, float]]:
    """The rows of a run's log, one an epoch; empty without a log."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def draw_curves(rows: list[dict[str, float]], path: Path) -> None:
    """Loss and held-out accuracy over the epochs, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in rows]
    loss.plot(epochs, [row["loss"] for row in rows], color="#555555")
    loss.set(xlabel="epoch", ylabel="training loss")
    for head, color in zip(network.HEADS, ("#0072B2", "#D55E00"), strict=True):
        accuracy.plot(epochs, [100 * row[head] for row in rows], color=color, label=head)
    accuracy.set(xlabel="epoch", ylabel="held-out accuracy, %")
    accuracy.legend()
    figure.savefig(path, dpi=110)


def _score(row: dict[str, float]) -> float:
    return row["ferplus"] + row["fer2013"]
