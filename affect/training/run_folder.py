"""The folder of a training run: what lies in it, and whether a run may begin or go on there."""

from __future__ import annotations

import shutil
from pathlib import Path

from affect.datasets.fer2013 import FaceSet
from affect.errors import DataError, ModelError, SettingsError
from affect.expression.model import CARD, FILES, read_card
from affect.expression.runtimes import architecture_of
from affect.training import configuration as configurations
from affect.training.configuration import Configuration
from affect.training.targets import read_answers

WEIGHTS = "best.weights.h5"
CONFIGURATION = "configuration.toml"
LOG = "log.csv"
START = "start"  # what a run begins with, out of a published folder
ANSWERS = "answers.npz"  # further pictures, and what teachers answer to them
CURVES = "curves.png"
HELD_OUT = "held_out.sha256"  # digest of the faces that judge the run
STATE = "state"  # a folder to resume from
TORCH_STATE = "state.pt"  # the same of docs/train_with_torch.py, a file
LEFT_BEHIND = (
    START,
    ANSWERS,
    WEIGHTS,
    LOG,
    STATE,
    TORCH_STATE,
)  # a run would take them for its own


def check(
    out: Path,
    configuration: Configuration,
    resume: bool,
    start: Path | None,
    answers: Path | None,
    held_out: FaceSet,
) -> None:
    """Make sure that a run can begin in `out`, or be gone on with; nothing is written.

    Args: as `expression.train`; `held_out` judge the run.

    Raises:
        DataError, ModelError, SettingsError: as `expression.train`.
    """
    if not _is_run(out):
        for name in LEFT_BEHIND:
            if (out / name).exists():
                raise ModelError(
                    f"{out} holds {name}, but no run, which would take it for its own.",
                    f"Name another folder, or delete {name}.",
                )
        if answers:
            read_answers(answers)
        if start:
            _check_start(start, configuration, held_out)
    elif not resume:
        raise ModelError(f"{out} already holds a training run.", "Pass --resume to go on with it.")
    elif configurations.read(out / CONFIGURATION) != configuration:
        raise SettingsError(
            f"The run in {out} was configured otherwise.", f"Its own is {out / CONFIGURATION}."
        )
    else:
        check_held_out(out, held_out)


def check_held_out(out: Path, held_out: FaceSet) -> None:
    """Make sure that nothing the run has learned is taken for unseen.

    Chance holds faces out by their place, so the same faces in another order, or a few more, would
    leave others. What was trained before this was written down cannot be checked.

    Raises:
        DataError: the run was held out other faces than these.
    """
    known = out / HELD_OUT
    if known.exists() and known.read_text().strip() != held_out.digest:
        raise _unlike(out)


def check_published(folder: Path, held_out: FaceSet) -> None:
    """The same of a published network.

    Raises:
        DataError: it was held out other faces than these.
        ModelError: its card is damaged.
    """
    data = read_card(folder).get("data")
    known = data.get("held_out_sha256") if isinstance(data, dict) else None
    if known not in (None, held_out.digest):
        raise _unlike(folder)


def _unlike(folder: Path) -> DataError:
    return DataError(
        f"{folder} was trained on other faces: of these, it has learned what would be held out.",
        "Name the data it was trained on, in the same form.",
    )


def _check_start(start: Path, configuration: Configuration, held_out: FaceSet) -> None:
    """A trunk to begin with is built alike, and must not know the faces that judge the run."""
    for file in _files_of(start, configuration):
        if not file.is_file():
            raise ModelError(f"{file} is missing.", "Name the folder of a published model.")
    earlier = configurations.read(start / configurations.published_name(configuration.trunk))
    blocks = len(configuration.widths)
    shape, known = configuration.shape, earlier.shape
    for name in ("stem", "widths", "strides", "waists"):
        begins, wanted = getattr(known, name), getattr(shape, name)
        if wanted != (begins if name == "stem" else begins[:blocks]):
            raise SettingsError(
                f"The trunk in {start} does not begin as the one to train: its {name} is {begins}, "
                f"this run's {wanted}.",
                "Configure both alike; only the last blocks may be missing.",
            )
    for name in ("seed", "hold_out", "limit"):
        was, is_now = getattr(earlier, name), getattr(configuration, name)
        if was != is_now:
            raise SettingsError(
                f"The trunk to begin with was held out other faces: its {name} is {was}, "
                f"this run's {is_now}.",
                "Configure both alike, or what it has learned would be taken for unseen.",
            )
    if (start / CARD).exists():
        check_published(start, held_out)


def prepare(
    out: Path,
    configuration: Configuration,
    start: Path | None,
    answers: Path | None,
    held_out: FaceSet,
) -> None:
    """Make the folder of a run that was checked, unless it is there."""
    if _is_run(out):
        return
    (out / START if start else out).mkdir(parents=True, exist_ok=True)
    for file in _files_of(start, configuration) if start else ():
        shutil.copyfile(file, out / START / file.name)
    if answers:
        shutil.copyfile(answers, out / ANSWERS)
    (out / HELD_OUT).write_text(f"{held_out.digest}\n")
    configurations.write(configuration, out / CONFIGURATION)


def origin(out: Path, start: Path | None) -> Path | None:
    """The folder of what a run begins with: `start`, or its own copy once it has begun."""
    if not _is_run(out):
        return start
    return out / START if (out / START).exists() else None


def _is_run(out: Path) -> bool:
    return (out / CONFIGURATION).exists()


def _files_of(start: Path, configuration: Configuration) -> tuple[Path, ...]:
    weights = start / FILES["keras"]
    return (
        weights,
        architecture_of(weights),
        start / configurations.published_name(configuration.trunk),
    )
