"""Train the expression model: data in, best weights, log and curves out."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.errors import DataError
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime
from affect.expression.trunks import separable_convolutions
from affect.report.drawing import to_png
from affect.training import configuration as configurations
from affect.training import log, run_folder
from affect.training.augment import augment, touch_up
from affect.training.configuration import Configuration
from affect.training.targets import Lesson, Targets, as_labelled, probabilities, read_answers


@dataclass(frozen=True)
class TrainingResult:
    """What a run left behind: paths of weights, log and curves, and the best epoch's figures."""

    weights: Path
    log: Path
    curves: Path
    epoch: int
    accuracy: dict[str, float]


def train(
    faces: FaceSet,
    configuration: Configuration,
    out: Path,
    resume: bool,
    start: Path | None = None,
    answers: Path | None = None,
) -> TrainingResult:
    """Train on the split "Training", choosing the epoch on a part of it that is held out.

    Copies of faces of any other split leave training first, then what `fer2013.clean` drops.
    The weights kept are the moving average at the epoch with the highest sum of both heads'
    held-out accuracies.

    Args:
        faces: must hold the split "Training" with votes.
        configuration: how to train; written into `out`.
        out: folder for weights, log, curves and the state to resume from; made if missing.
        resume: go on after the last whole epoch of an earlier run in `out`, if there is one.
        start: folder of a network whose trunk to begin with, written as `publish` does; or none,
            to begin with chance. A resumed run remembers its own.
        answers: further pictures and what teachers answer to them, as `read_answers`; or none.
            A resumed run remembers its own.

    Raises:
        DataError: no split "Training", no votes in it or in what is held out, `answers` holds
            none, or these are not the faces that what is gone on with was trained on.
        ModelError: `out` already holds a run and `resume` is false, or what one left behind, or
            `start` holds no model.
        SettingsError: the run to resume was configured otherwise, or `start` is built otherwise
            or was held out other faces.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    learning, held_out = split_voted(faces, configuration)
    run_folder.check(out, configuration, resume, start, answers, held_out)
    keras.utils.set_random_seed(configuration.seed)
    model = begin(configuration, run_folder.origin(out, start), configuration.dtype)
    run_folder.prepare(out, configuration, start, answers, held_out)
    batches = _batches(lesson(learning, configuration, out), configuration)
    _compile(model, configuration, batches.num_batches)
    average = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(
        batches,
        epochs=configuration.epochs,
        shuffle=False,  # the batches are; Keras' own order would not survive a restart
        callbacks=[
            _begin(batches, configuration.seed),
            average,
            _judge(held_out, out),
            _backup(out / run_folder.STATE, average),  # last: an epoch is over once it was judged
        ],
        verbose=1 if os.isatty(1) else 2,
    )
    rows = log.read(out / run_folder.LOG)
    best = log.best(rows)
    return TrainingResult(
        out / run_folder.WEIGHTS,
        out / run_folder.LOG,
        out / run_folder.CURVES,
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


def split_voted(faces: FaceSet, configuration: Configuration) -> tuple[FaceSet, FaceSet]:
    """The same of faces with votes.

    Raises:
        DataError: there is no split "Training", or no votes in it or in what is held out.
    """
    learning, held_out = split_training(faces, configuration)
    if not learning.votes.any():
        raise DataError(
            "These faces carry no FER+ votes.",
            "Lay FER+'s fer2013new.csv beside FER2013's CSV, or name an .npz with votes.",
        )
    if not (held_out.majority >= 0).any():
        raise DataError(
            "None of the faces held out has a clear majority of votes, by which a run is judged.",
            "Name more faces, or raise limit or hold_out.",
        )
    return learning, held_out


def split_as_published(faces: FaceSet, folder: Path) -> tuple[FaceSet, FaceSet]:
    """The same as the network in a published folder was trained.

    Raises:
        DataError: it was trained on other faces, so nobody knows which of these it has not seen.
        ModelError, SettingsError: no published network lies there.
    """
    settings, *_ = configurations.published(folder)
    learned, held_out = split_training(faces, settings)
    run_folder.check_published(folder, held_out)
    return learned, held_out


def calibration_faces(learned: FaceSet) -> NDArray[np.uint8]:
    """Faces to choose the ranges of an int8 network by: up to 512, spread over those learned."""
    rows = np.linspace(0, len(learned) - 1, min(512, len(learned))).astype(np.intp)
    return learned.images[rows]


def lesson(learning: FaceSet, configuration: Configuration, out: Path) -> Lesson:
    """All that the run in `out` learns from: faces as labelled and voted, and what is answered.

    Raises:
        DataError: as `read_answers`.
    """
    told = as_labelled(learning, configuration.label_smoothing)
    answers = out / run_folder.ANSWERS
    return told.and_also(read_answers(answers)) if answers.exists() else told


def begin(configuration: Configuration, start: Path | None, dtype: str) -> Any:
    """The network of a run before its first epoch, a keras.Model.

    Args:
        start: as `run_folder.origin` tells.
    """
    model = network.build([configuration.shape], configuration.dropout, dtype)
    if start is not None:
        network.take(KerasRuntime(start / FILES["keras"]).network, model)
        for name in frozen(configuration):
            for layer in (model.get_layer(name), model.get_layer(f"{name}_norm")):
                layer.trainable = False
    return model


def frozen(configuration: Configuration) -> list[str]:
    """The names of the convolutions that stay as what a run begins with, in their order."""
    blocks = configuration.frozen
    return separable_convolutions(blocks) if blocks else []


def _compile(model: Any, configuration: Configuration, steps: int) -> None:
    """Give the network its losses and optimizer; `steps` are the batches of an epoch."""
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(steps * (configuration.epochs - 1), 1),
        warmup_target=configuration.learning_rate,
        warmup_steps=steps,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(
            schedule,
            weight_decay=configuration.weight_decay,
            clipnorm=5.0,
            use_ema=True,
            ema_momentum=configuration.ema_momentum,
        ),
        loss={head: keras.losses.CategoricalCrossentropy() for head in network.HEADS},
    )
    # Or its variables are made while TensorFlow makes the graph of a step, a quarter slower.
    model.optimizer.build(model.trainable_variables)


def batch(
    images: NDArray[np.uint8], configuration: Configuration, epoch: int, index: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """One batch of an epoch, shuffled and changed; chance depends on seed, epoch and index alone.

    Args:
        images: all there is to learn from, uint8 (N, 48, 48).
        configuration: of the run.
        epoch, index: counted from 0.

    Returns:
        The rows it holds, and their faces, float32 (rows, 48, 48, 1) in [0, 1].
    """
    order = np.random.default_rng((configuration.seed, epoch)).permutation(len(images))
    rows = order[index * configuration.batch : (index + 1) * configuration.batch]
    rng = np.random.default_rng((configuration.seed, epoch, index))
    last = epoch >= configuration.epochs - configuration.touch_up_epochs
    change = touch_up if last else augment
    return rows, np.stack([change(images[row], rng) for row in rows])[..., None]


def _batches(lesson: Lesson, configuration: Configuration) -> Any:
    import keras

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        """The batches of one epoch after the other."""

        def __init__(self) -> None:
            super().__init__(workers=1)
            self.begin(0)

        def begin(self, epoch: int) -> None:
            """Go on to an epoch, counted from 0."""
            self.epoch = epoch

        @property
        def num_batches(self) -> int:
            return math.ceil(len(lesson) / configuration.batch)

        def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
            rows, x = batch(lesson.images, configuration, self.epoch, index)
            weights = {"ferplus": lesson.clarity[rows], "fer2013": np.ones(len(rows), np.float32)}
            return x, {head: lesson.targets[head][rows] for head in network.HEADS}, weights

    return Batches()


def _begin(batches: Any, seed: int) -> Any:
    import keras

    class Begin(keras.callbacks.Callback):  # type: ignore[misc]
        """Makes chance depend on seed and epoch alone, so that a resumed run goes on the same."""

        def on_epoch_begin(self, epoch: int, _logs: object = None) -> None:
            batches.begin(epoch)
            for layer in self.model.layers:
                if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
                    layer.seed_generator.state.assign((seed, epoch))

    return Begin()


def _judge(held_out: FaceSet, out: Path) -> Any:
    import keras

    class Judge(keras.callbacks.Callback):  # type: ignore[misc]
        """Measures both heads on the held-out faces, logs and draws it, keeps the best weights."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            row = {"epoch": float(epoch + 1), "loss": (logs or {})["loss"]}
            row |= accuracy(probabilities(self.model, held_out.images), held_out)
            rows = log.joined(out / run_folder.LOG, row)
            if log.best(rows) is row:
                self.model.save_weights(out / run_folder.WEIGHTS)
            log.write(out / run_folder.LOG, rows)
            (out / run_folder.CURVES).write_bytes(to_png(log.curves(rows)))
            print({name: round(value, 4) for name, value in row.items()}, flush=True)

    return Judge()


def _backup(folder: Path, average: Any) -> Any:
    import keras

    class Backup(keras.callbacks.BackupAndRestore):  # type: ignore[misc]
        """Saves the state to resume from: raw weights, not their average. Keeps the one before."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            average.on_epoch_begin(epoch)  # swaps the raw weights in again
            super().on_epoch_end(epoch, logs)

    return Backup(folder, double_checkpoint=True, delete_checkpoint=False)


def accuracy(answers: Targets, faces: FaceSet) -> dict[str, float]:
    """Accuracy of each head against its own labels, seven classes, in [0, 1]."""
    chosen = {head: told.argmax(axis=1) for head, told in answers.items()}
    clear = faces.majority >= 0
    return {
        "ferplus": float((chosen["ferplus"] == faces.majority)[clear].mean()),
        "fer2013": float((chosen["fer2013"] == faces.labels).mean()),
    }
