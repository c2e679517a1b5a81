"""`python -m affect train`: weights, log and curves from labelled faces."""

from __future__ import annotations

from pathlib import Path

import click

from affect.cli.labelled import labelled_faces
from affect.cli.outputs import FolderToWrite, check_folder


@click.group()
def command() -> None:
    """Train a model."""


@command.command("expression")
@labelled_faces
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file of training settings; without it, those by which the shipped residual trunk "
    "began (or the resumed run's).",
)
@click.option(
    "--out",
    type=FolderToWrite(),
    default=Path("training-run"),
    show_default=True,
    help="Folder for weights, log, curves and the state to resume from.",
)
@click.option(
    "--resume", is_flag=True, help="Go on after the last whole epoch of the run in --out."
)
@click.option(
    "--from",
    "start",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a published model, or of docs/network_of_faces.py, whose trunk to begin with.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Further pictures and what teachers answer to them: .npz, images and an array a head.",
)
def train_expression(
    data: Path,
    config: Path | None,
    out: Path,
    resume: bool,
    start: Path | None,
    answers: Path | None,
) -> None:
    """Train the expression model, choosing the epoch on a part of Training that is held out."""
    from affect.datasets import fer2013
    from affect.training import configuration, expression, run_folder

    check_folder(out)
    own = out / run_folder.CONFIGURATION
    if config is None and resume and own.exists():
        config = own
    chosen = configuration.read(config) if config else configuration.Configuration()
    result = expression.train(fer2013.load(data), chosen, out, resume, start, answers)
    figures = ", ".join(f"{head} {share:.1%}" for head, share in result.accuracy.items())
    click.echo(f"Best epoch {result.epoch}, held-out accuracy {figures}.")
    click.echo(f"Weights {result.weights}, log {result.log}, curves {result.curves}.")
