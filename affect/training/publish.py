"""Training runs become what `model/` holds: their best weights, and a card that says how good."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets import fer2013
from affect.datasets.crops import strangers
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS, VIEWS
from affect.errors import DataError, ModelError, SettingsError
from affect.expression import network
from affect.expression.model import CARD, FILES, NAME, calibrated
from affect.expression.runtimes import RUNTIMES, Outputs
from affect.expression.runtimes import run as run_over
from affect.expression.trunks import TRUNKS
from affect.expression.weighing import Weighing, as_said, from_card
from affect.training import configuration as configurations
from affect.training import expression, pupils, readability, run_folder, talking, weights
from affect.training.calibration import fit_temperature
from affect.training.configuration import Configuration
from affect.training.coverage import sweep
from affect.training.evaluate import LABELS_OF, Shown, default_split, judge, shown_in_training

ARCHITECTURE = f"{NAME}.architecture.json"
WEIGHTS = FILES["keras"]
SHARES = {"residual": 1, "separable": 2}  # how much a trunk's heads count, chosen on held-out faces

# (network, faces to calibrate by, folder) to the file of each runtime
Ship = Callable[[Any, NDArray[np.uint8], Path], Mapping[str, Path]]


@dataclass(frozen=True)
class Run:
    """The folder of a training run and how it was configured."""

    folder: Path
    configuration: Configuration

    @property
    def log(self) -> str:
        """The name of its log in a published folder."""
        return _log_name(self.configuration.trunk)

    def network(self) -> Any:
        """The network with the weights of its best epoch.

        Raises:
            ModelError: they are no weights of this network.
        """
        # Whole precision, whatever it was trained in.
        model = expression.begin(self.configuration, None, "float32")
        file = self.folder / run_folder.WEIGHTS
        try:
            model.load_weights(file)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{file} holds no weights of this network.",
                "Go on with the run: it writes them anew.",
            ) from error
        return model

    def described(self) -> dict[str, object]:
        """What the card says of it."""
        start, answers = (
            self.folder / file for file in (f"{run_folder.START}/{WEIGHTS}", run_folder.ANSWERS)
        )
        return {
            "configuration": asdict(self.configuration),
            "began_with": _checksum(start) if start.exists() else None,
            "taught_by": _checksum(answers) if answers.exists() else None,
        }


def publish(
    sources: Sequence[Path],
    faces: FaceSet,
    videos: Iterable[Path],
    folder: Path,
    ship: Ship,
    clips: Path | None = None,
) -> None:
    """Write the network of one or several runs' best epochs, and all that belongs to it.

    Several are joined (`network.join`). On top of their trunks the network learns more of
    photographs (`pupils`) and what it cannot read (`readability`); how video is read from what it
    says is learned of people who talk (`talking`). Temperatures are fitted on the photographs of
    "Training" that were held out of the runs and that nothing learned shows in another crop: on
    those it is surer than on strangers; they and people who talk tell how much `video` doubts. The
    split that `evaluate.default_split` chooses is only evaluated, every image counted. What cannot
    succeed is refused before anything is learned.

    Args:
        sources: folders of training runs, finished or not, each of another kind of trunk.
        faces: the data they were trained on.
        videos: backgrounds to learn from what is no face; there may be none.
        folder: where to; made if missing. Architecture, weights, int8 files, the runs'
            configurations and logs, and a card.
        ship: writes the network for the other runtimes, calibrated by faces it learned from.
        clips: folder with labels.csv and clips of people who talk; without it photographs alone
            teach how video is read.

    Raises:
        ModelError: a folder holds no weights, configuration or log.
        SettingsError: the runs cannot be joined.
        DataError: the data lacks a split or votes, is not what a run was trained on, or leaves no
            face to fit temperatures on; the clips lack their table; a video is damaged.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    runs = _runs(sources)
    configuration = runs[0].configuration
    split = default_split(faces)
    learned, held_out = expression.split_voted(faces, configuration)
    for run in runs:
        run_folder.check_held_out(run.folder, held_out)
    # An older run does not say what it was held out.
    checked = all((run.folder / run_folder.HELD_OUT).exists() for run in runs)
    strange = strangers(held_out, learned)
    if not (strange.majority >= 0).any():
        raise DataError(
            "Nothing is left to fit temperatures on: something learned shows each face held out.",
            "Name more faces.",
        )
    background = readability.mine(videos, configuration.seed)
    talkers = talking.find(clips) if clips else talking.NOBODY
    model = _joined(runs)
    photographs = pupils.photographs(model, learned, np.random.default_rng(configuration.seed))
    model = pupils.teach(model, photographs, configuration.seed)
    # As the card tells it, in few digits.
    rng = np.random.default_rng(configuration.seed)
    video = from_card(talking.Teacher(model, learned, strange, talkers, rng).teach().told())
    good = held_out.images[held_out.majority >= 0]
    learnable = _unheld(faces, held_out)
    model = readability.learn(model, learnable, background, good, configuration.seed)
    judging, shown = faces.split(split), shown_in_training(faces, split)

    calibration = expression.calibration_faces(learned)
    with _whole(folder) as draft:
        (draft / ARCHITECTURE).write_text(model.to_json(indent=1) + "\n")
        weights.save(model, draft / WEIGHTS)
        for run in runs:
            told = run.configuration
            configurations.write(told, draft / configurations.published_name(told.trunk))
            shutil.copyfile(run.folder / run_folder.LOG, draft / run.log)
        card = {
            "name": NAME,
            "labels": list(EMOTIONS),
            "answers": list(network.ANSWERS),
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
                "held_out_sha256": held_out.digest if checked else None,
                "calibrated_on": len(strange),
                "background": len(background),
                "talking": talkers.counts,
                "evaluated_on": split,
            },
            "date": datetime.now(UTC).date().isoformat(),
            "parameters": model.count_params() + video.parameters,
            "runs": [run.described() for run in runs],
            network.VIDEO: video.told(),
            **describe(draft / WEIGHTS, "keras", video, strange, judging, shown),
            "runtimes": {
                runtime: describe(file, runtime, video, strange, judging, shown)
                for runtime, file in ship(model, calibration, draft).items()
            },
        }
        (draft / CARD).write_text(json.dumps(card, indent=2) + "\n")


def _runs(sources: Sequence[Path]) -> list[Run]:
    """The runs, by their kind of trunk."""
    runs = []
    for source in sources:
        for file in (run_folder.WEIGHTS, run_folder.CONFIGURATION, run_folder.LOG):
            if not (source / file).is_file():
                raise ModelError(
                    f"{source / file} is missing.", "Name the folder of a training run."
                )
        runs.append(Run(source, configurations.read(source / run_folder.CONFIGURATION)))
    runs.sort(key=lambda run: list(TRUNKS).index(run.configuration.trunk))
    for one, next_one in pairwise(runs):
        first, second = one.configuration, next_one.configuration
        if first.trunk == second.trunk:
            raise SettingsError(
                f"{one.folder} and {next_one.folder} are both runs of a {first.trunk} trunk.",
                f"A network has at most one of each kind: {', '.join(TRUNKS)}.",
            )
        for name in ("seed", "hold_out", "limit"):
            if getattr(first, name) != getattr(second, name):
                raise SettingsError(
                    f"{one.folder} and {next_one.folder} held out other faces: {name} differs.",
                    "Train both alike, or what one has learned would be taken for unseen.",
                )
    return runs


def _joined(runs: Sequence[Run]) -> Any:
    """One network of all the runs' best epochs."""
    shapes = [run.configuration.shape for run in runs]
    model = network.build(shapes, runs[0].configuration.dropout, "float32")
    shares = [SHARES[shape.kind] for shape in shapes]
    network.join([run.network() for run in runs], shares, model)
    return model


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write into, whose files come into `folder` once all are there, the card last.

    What belonged to a trunk that the network no longer has goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".draft-") as name:
        draft = Path(name)
        yield draft
        written = {file.name for file in draft.iterdir()}
        for file in sorted(draft.iterdir(), key=lambda file: file.name == CARD):
            file.replace(folder / file.name)
        for kind in TRUNKS:
            for name in (configurations.published_name(kind), _log_name(kind)):
                if name not in written:
                    (folder / name).unlink(missing_ok=True)


def _log_name(trunk: str) -> str:
    """What a published folder calls the log of a kind of trunk."""
    return f"{trunk}.log.csv"


def describe(
    file: Path,
    runtime: str,
    video: Weighing,
    strange: FaceSet,
    judging: FaceSet,
    shown: Shown | None,
) -> dict[str, object]:
    """What the card says of one runtime's file: checksum, own temperatures, own accuracy.

    Args:
        strange: what temperatures are fitted on.
        judging, shown: what measures it, as `evaluate.judge` takes them.
    """
    answering = RUNTIMES[runtime](file)
    temperatures = _temperatures(_answers(run_over(answering, strange.images), video), strange)
    outputs = run_over(answering, judging.images)
    answers = _answers(outputs, video)
    tempered = {head: calibrated(answers[head], temperatures[head]) for head in network.ANSWERS}
    return {
        "file": file.name,
        "sha256": _checksum(file),
        "temperature": temperatures,
        "evaluation": _evaluation(tempered, judging, shown),
        "coverage": _coverage(answers[network.VIDEO], outputs[network.READABLE][:, 0], judging),
    }


def _answers(outputs: Outputs, video: Weighing) -> dict[str, NDArray[np.float32]]:
    """By each name of `network.ANSWERS`, of faces that are seen once."""
    heads = {head: as_said([head]).alone(outputs) for head in network.HEADS}
    return {network.VIDEO: video.alone(outputs), **heads}


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unheld(faces: FaceSet, held_out: FaceSet) -> FaceSet:
    """The split "Training" as it is, "no face" rows and all, less what measures the model."""
    training = faces.split("Training")
    judging = faces.take(faces.splits != "Training")
    seen = fer2013.copies_of(training, judging) | fer2013.copies_of(training, held_out)
    return training.take(~seen)


def _temperatures(answers: Mapping[str, NDArray[np.float32]], strange: FaceSet) -> dict[str, float]:
    truths = {"ferplus": strange.majority, "fer2013": strange.labels}
    found = {}
    for head, labels in LABELS_OF.items():
        known = truths[labels] >= 0
        found[head] = round(fit_temperature(answers[head][known], truths[labels][known]), 4)
    return found


def _evaluation(
    answers: Mapping[str, NDArray[np.float32]], judging: FaceSet, shown: Shown | None
) -> dict[str, dict[str, dict[str, object]]]:
    """Measure each head against its labels in each view."""
    return {
        head: {view: _figures(answers[head], judging, shown, labels, view) for view in VIEWS}
        for head, labels in LABELS_OF.items()
    }


def _figures(
    answers: NDArray[np.float32], judging: FaceSet, shown: Shown | None, labels: str, view: str
) -> dict[str, object]:
    every, fresh, new = judge(answers, judging, shown, labels, view)
    return {
        "n": every.n,
        "accuracy": round(every.accuracy, 6),
        "interval": [round(bound, 6) for bound in every.interval],
        "macro_f1": round(every.macro_f1, 6),
        "ece": round(every.reliability.error, 6),
        "accuracy_without_copies": _rounded(fresh.accuracy if fresh else None),
        "accuracy_new_photographs": _rounded(new.accuracy if new else None),
        "per_class": {
            label: {
                "n": one.n,
                "precision": _rounded(one.precision),
                "recall": _rounded(one.recall),
            }
            for label, one in every.per_class.items()
        },
    }


def _coverage(
    answers: NDArray[np.float32], readability: NDArray[np.float32], judging: FaceSet
) -> dict[str, object]:
    """What is read and how much of it is right, seven emotions by FER+'s majority."""
    good = judging.majority >= 0
    found = sweep(readability, answers.argmax(axis=1) == judging.majority, good, good)
    return {
        "good": found.good,
        "good_declined": _rounded(found.good_dropped),
        "points": [
            {
                "threshold": point.threshold,
                "read": _rounded(point.coverage),
                "accuracy": _rounded(point.accuracy),
            }
            for point in found.points
        ],
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
