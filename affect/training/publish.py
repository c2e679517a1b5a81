"""Turn a training run's best weights into what `model/` holds, with a card that says how good."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS, VIEWS
from affect.errors import ModelError
from affect.expression import network
from affect.expression.model import FILES, NAME, calibrated
from affect.expression.runtimes import RUNTIMES, run
from affect.training import configuration as configurations
from affect.training import expression, readability, run_folder, talking
from affect.training.calibration import fit_temperature
from affect.training.evaluate import LABELS, default_split, judge
from affect.training.ranges import calibration_faces

ARCHITECTURE = f"{NAME}.architecture.json"
WEIGHTS = FILES["keras"]
CONFIGURATION = run_folder.PUBLISHED_CONFIGURATION
LOG = f"{NAME}.log.csv"
CARD = f"{NAME}.json"

# (network, faces to calibrate by, folder) to the file of each runtime
Ship = Callable[[Any, NDArray[np.uint8], Path], Mapping[str, Path]]


def publish(
    source: Path,
    faces: FaceSet,
    videos: Iterable[Path],
    folder: Path,
    ship: Ship,
    clips: Path | None = None,
) -> None:
    """Write architecture, weights, int8 files, configuration, log and card of a run's best epoch.

    The network learns here what it cannot read (`readability`). Temperatures are fitted on the
    part of "Training" that was held out of this run; the split that `evaluate.default_split`
    chooses is only evaluated, every image counted.

    Args:
        source: folder of a training run, finished or not.
        faces: the data it was trained on.
        videos: backgrounds to learn from what is no face; there may be none.
        folder: where to; made if missing.
        ship: writes the network for the other runtimes, calibrated by faces it learned from.
        clips: folder with labels.csv and clips of people who talk, for `talking`; or none.

    Raises:
        ModelError: the folder holds no weights, configuration or log.
        DataError: the data lacks a split, or the clips their table.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for file in (run_folder.WEIGHTS, run_folder.CONFIGURATION, run_folder.LOG):
        if not (source / file).is_file():
            raise ModelError(f"{source / file} is missing.", "Name the folder of a training run.")
    configuration = configurations.read(source / run_folder.CONFIGURATION)
    trunk = expression.begin(configuration, None, "float32")
    try:
        trunk.load_weights(source / run_folder.WEIGHTS)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{source / run_folder.WEIGHTS} holds no weights of this network.",
            "Go on with the run: it writes them anew.",
        ) from error
    learned, held_out = expression.split_training(faces, configuration)
    talkers = talking.find(clips) if clips else None
    if talkers:
        trunk = talking.Teacher(trunk, learned, talkers, configuration.seed).teach()
    background = readability.mine(videos, configuration.seed)
    good = held_out.images[held_out.majority >= 0]
    learnable = _unheld(faces, held_out)
    model = readability.learn(trunk, learnable, background, good, configuration.seed)
    split = default_split(faces)
    start, answers = source / run_folder.START / WEIGHTS, source / run_folder.ANSWERS

    calibration = calibration_faces(learned)
    with _whole(folder) as draft:
        (draft / ARCHITECTURE).write_text(model.to_json(indent=1) + "\n")
        model.save_weights(draft / WEIGHTS)
        shutil.copyfile(source / run_folder.CONFIGURATION, draft / CONFIGURATION)
        shutil.copyfile(source / run_folder.LOG, draft / LOG)
        card = {
            "name": NAME,
            "labels": list(EMOTIONS),
            "heads": list(network.HEADS),
            "input": {
                "shape": list(network.INPUT_SHAPE),
                "dtype": "float32",
                "range": [0, 1],
                "color": "gray",
            },
            "data": {
                "name": "FER2013 with the votes of FER+",
                "learned_from": len(learned),
                "held_out": len(held_out),
                "background": len(background),
                "evaluated_on": split,
            }
            | ({"talking": talkers.counts} if talkers else {}),
            "began_with": _checksum(start) if start.exists() else None,
            "taught_by": _checksum(answers) if answers.exists() else None,
            "date": datetime.now(UTC).date().isoformat(),
            "parameters": model.count_params(),
            "configuration": asdict(configuration),
            **describe(draft / WEIGHTS, "keras", held_out, faces),
            "runtimes": {
                runtime: describe(file, runtime, held_out, faces)
                for runtime, file in ship(model, calibration, draft).items()
            },
        }
        (draft / CARD).write_text(json.dumps(card, indent=2) + "\n")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write into, whose files come into `folder` once all are there, the card last."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".draft-") as name:
        draft = Path(name)
        yield draft
        for file in sorted(draft.iterdir(), key=lambda file: file.name == CARD):
            file.replace(folder / file.name)


def describe(file: Path, runtime: str, held_out: FaceSet, faces: FaceSet) -> dict[str, object]:
    """What the card says of one runtime's file: checksum, own temperatures, own accuracy."""
    answering = RUNTIMES[runtime](file)
    split = default_split(faces)
    temperatures = _temperatures(run(answering, held_out.images), held_out)
    answers = run(answering, faces.split(split).images)
    tempered = {head: calibrated(answers[head], temperatures[head]) for head in network.HEADS}
    return {
        "file": file.name,
        "sha256": _checksum(file),
        "temperature": temperatures,
        "evaluation": _evaluation(tempered, faces, split),
    }


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unheld(faces: FaceSet, held_out: FaceSet) -> FaceSet:
    """The split "Training" as it is, "no face" rows and all, less what measures the model."""
    training = faces.split("Training")
    judging = faces.take(faces.splits != "Training")
    seen = fer2013.copies_of(training, judging) | fer2013.copies_of(training, held_out)
    return training.take(~seen)


def _temperatures(
    answers: Mapping[str, NDArray[np.float32]], held_out: FaceSet
) -> dict[str, float]:
    truths = {"ferplus": held_out.majority, "fer2013": held_out.labels}
    return {
        head: round(fit_temperature(answers[head][truth >= 0], truth[truth >= 0]), 4)
        for head, truth in truths.items()
    }


def _evaluation(
    answers: Mapping[str, NDArray[np.float32]], faces: FaceSet, split: str
) -> dict[str, dict[str, dict[str, object]]]:
    """Measure each head against its own labels in each view."""
    return {
        head: {view: _figures(answers[head], faces, split, head, view) for view in VIEWS}
        for head in LABELS
    }


def _figures(
    answers: NDArray[np.float32], faces: FaceSet, split: str, head: str, view: str
) -> dict[str, object]:
    every, fresh = judge(answers, faces, split, head, view)
    return {
        "n": every.n,
        "accuracy": round(every.accuracy, 4),
        "interval": [round(bound, 4) for bound in every.interval],
        "macro_f1": round(every.macro_f1, 4),
        "ece": round(every.reliability.error, 4),
        "accuracy_without_copies": round(fresh.accuracy, 4) if fresh else None,
    }
