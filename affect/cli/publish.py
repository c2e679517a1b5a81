"""`python -m affect publish`: training runs become what lies in `model/`."""

from __future__ import annotations

from pathlib import Path

import click

from affect.cli.inputs import videos_at
from affect.cli.labelled import labelled_faces
from affect.cli.outputs import FolderToWrite, check_folder


@click.group()
def command() -> None:
    """Turn training runs into the files of a model folder."""


@command.command("expression")
@labelled_faces
@click.option(
    "--run",
    "runs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a training run; repeat it to join trunks of different kinds.",
)
@click.option(
    "--background",
    "backgrounds",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Video, or folder of videos, whose background shows what is no face; may be repeated.",
)
@click.option(
    "--talking",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with labels.csv (file, speaker, label) and clips of people who talk, who teach "
    "how video is read.",
)
@click.option(
    "--out",
    required=True,
    type=FolderToWrite(),
    help="Model folder to write: model/ in a checkout.",
)
def publish_expression(
    data: Path,
    runs: tuple[Path, ...],
    backgrounds: tuple[Path, ...],
    talking: Path | None,
    out: Path,
) -> None:
    """Write architecture, weights, configurations, logs, and a card with measured accuracy."""
    from affect.datasets import fer2013
    from affect.export import check_ready, ship
    from affect.expression.model import CARD
    from affect.training.publish import publish

    check_folder(out)
    check_ready()
    videos = [path for background in backgrounds for path in videos_at(background)]
    publish(runs, fer2013.load(data), videos, out, ship, talking)
    click.echo(f"Wrote the model and its card, {out / CARD}.")
