"""The folder of a training run: what lies in it, and whether a run may begin or go on there."""

from __future__ import annotations

import shutil
from pathlib import Path

from affect.datasets.fer2013 import FaceSet
from affect.errors import ModelError, SettingsError
from affect.expression.model import FILES, NAME
from affect.expression.runtimes import architecture_of
from affect.training import configuration as configurations
from affect.training.configuration import Configuration
from affect.training.targets import read_answers

WEIGHTS = "best.weights.h5"
CONFIGURATION = "configuration.toml"
PUBLISHED_CONFIGURATION = f"{NAME}.toml"  # as it is called in a published folder
LOG = "log.csv"
START = "start"  # what a run begins with, out of a published folder
ANSWERS = "answers.npz"  # what a teacher answers to the split "Training"
CURVES = "curves.png"


def check(
    out: Path,
    configuration: Configuration,
    resume: bool,
    start: Path | None,
    answers: Path | None,
    asked: FaceSet,
) -> None:
    """Make sure that a run can begin in `out`, or be gone on with; nothing is written.

    Args:
        asked: what `answers` must be about; the others as `expression.train`.

    Raises:
        DataError, ModelError, SettingsError: as `expression.train`.
    """
    if not _is_run(out):
        if answers:
            read_answers(answers, asked)
        if start:
            _check_start(start, configuration)
    elif not resume:
        raise ModelError(f"{out} already holds a training run.", "Pass --resume to go on with it.")
    elif configurations.read(out / CONFIGURATION) != configuration:
        raise SettingsError(
            f"The run in {out} was configured otherwise.", f"Its own is {out / CONFIGURATION}."
        )


def _check_start(start: Path, configuration: Configuration) -> None:
    """What a run begins with is built alike, and must not know the faces that judge the run."""
    for file in _files_of(start):
        if not file.is_file():
            raise ModelError(f"{file} is missing.", "Name the folder of a published model.")
    if configuration.frozen > len(configuration.widths):
        raise SettingsError(
            f"{configuration.frozen} blocks are to stay as they are, but there are only "
            f"{len(configuration.widths)}.",
            "Set 'frozen' to no more than there are widths.",
        )
    earlier = configurations.read(start / PUBLISHED_CONFIGURATION)
    for names, fault, advice in (
        (
            ("side", "stem", "widths", "strides"),
            "does not fit into the one to train",
            "Configure both alike.",
        ),
        (
            ("seed", "hold_out", "limit"),
            "was held out other faces",
            "Configure both alike, or what it has learned would be taken for unseen.",
        ),
    ):
        for name in names:
            was, is_now = getattr(earlier, name), getattr(configuration, name)
            if was != is_now:
                raise SettingsError(
                    f"The network to begin with {fault}: its {name} is {was}, this run's {is_now}.",
                    advice,
                )


def prepare(
    out: Path, configuration: Configuration, start: Path | None, answers: Path | None
) -> None:
    """Make the folder of a run that was checked, unless it is there."""
    if _is_run(out):
        return
    (out / START if start else out).mkdir(parents=True, exist_ok=True)
    for file in _files_of(start) if start else ():
        shutil.copyfile(file, out / START / file.name)
    if answers:
        shutil.copyfile(answers, out / ANSWERS)
    configurations.write(configuration, out / CONFIGURATION)


def origin(out: Path, start: Path | None) -> Path | None:
    """The folder of what a run begins with: `start`, or its own copy once it has begun."""
    if not _is_run(out):
        return start
    return out / START if (out / START).exists() else None


def _is_run(out: Path) -> bool:
    return (out / CONFIGURATION).exists()


def _files_of(start: Path) -> tuple[Path, ...]:
    weights = start / FILES["keras"]
    return weights, architecture_of(weights), start / PUBLISHED_CONFIGURATION
