"""`python -m affect evaluate`: how often the shipped model is right, on faces and on video."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from affect.cli.labelled import labelled_faces
from affect.cli.outputs import FolderToWrite, check_folder, file_to_write, save_bytes, save_text
from affect.emotions import VIEWS
from affect.expression import ANSWERS, DEFAULT_RUNTIME, RUNTIMES
from affect.expression.network import HEADS

if TYPE_CHECKING:
    from rich.console import Console

    from affect.contracts import VideoReport

_ANSWERS = click.Choice(ANSWERS)
_HEAD = click.option(
    "--head",
    type=_ANSWERS,
    default="video",
    show_default=True,
    help="Who taught the answer; the page's is video.",
)
_RUNTIME = click.option(
    "--runtime",
    type=click.Choice(list(RUNTIMES)),
    default=DEFAULT_RUNTIME,
    show_default=True,
    help="What runs the model: keras for the weights as trained.",
)
_JSON = click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    callback=file_to_write,
    help="Write every figure to this file, as fractions; - for standard output alone.",
)


def _folder(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--data", required=True, type=click.Path(path_type=Path, file_okay=False), help=text
    )


@click.group()
def command() -> None:
    """Measure how often the model is right."""


@command.command("expression")
@labelled_faces
@click.option("--split", help="PublicTest if not given, or the only one that is not Training.")
@click.option(
    "--labels",
    type=click.Choice(HEADS),
    default="ferplus",
    show_default=True,
    help="Whose labels are the truth.",
)
@click.option(
    "--head",
    type=_ANSWERS,
    help="What answers; the head named like the labels if not given.",
)
@click.option(
    "--emotions",
    type=click.Choice(list(VIEWS)),
    default="five",
    show_default=True,
    help="Which emotions are told apart.",
)
@_RUNTIME
@_JSON
@click.option(
    "--out",
    type=FolderToWrite(),
    help="Folder for charts (coverage among them) and an HTML report.",
)
def evaluate_expression(
    data: Path,
    split: str | None,
    labels: str,
    head: str | None,
    emotions: str,
    runtime: str,
    json_file: Path | None,
    out: Path | None,
) -> None:
    """Measure accuracy, F1, confusion and calibration on labelled faces."""
    from affect import expression
    from affect.cli.tables import evaluation_tables
    from affect.datasets import fer2013
    from affect.training import page
    from affect.training.evaluate import evaluate

    if out:
        check_folder(out)
    faces = fer2013.load(data)
    model = expression.load(head or labels, runtime)
    evaluation = evaluate(model, faces, labels, emotions, split, head)
    if out:
        page.write(evaluation, out)
    console = _write_json(json_file, page.to_json(evaluation))
    for table in evaluation_tables(evaluation):
        console.print(table)


@command.command("clips")
@_folder("Folder with videos in happy/ and angry/.")
@_HEAD
@_RUNTIME
@_JSON
def evaluate_clips(data: Path, head: str, runtime: str, json_file: Path | None) -> None:
    """Measure on customer clips: more happy than angry faces exactly in the happy ones."""
    from affect.cli.tables import clip_table
    from affect.training import video

    clips = video.clips(data, _analyze(head, runtime))
    right = sum(clip.right for clip in clips)
    rows = [
        {
            "name": clip.name,
            "label": clip.label,
            "happy": clip.happy,
            "angry": clip.angry,
            "shares": dict(clip.shares),
            "readable": clip.readable,
            "right": clip.right,
        }
        for clip in clips
    ]
    console = _write_json(json_file, {"head": head, "n": len(clips), "right": right, "clips": rows})
    console.print(clip_table(clips))
    console.print(f"{right} of {len(clips)} right.")


@command.command("talking")
@_folder("Folder with labels.csv (file, speaker, label) and its clips.")
@_HEAD
@_RUNTIME
@_JSON
def evaluate_talking(data: Path, head: str, runtime: str, json_file: Path | None) -> None:
    """Measure on clips of people who talk with an acted emotion."""
    from affect.cli.tables import talk_table
    from affect.expression.model import read_card
    from affect.resources import folder
    from affect.training import video

    talks = video.talking(data, _analyze(head, runtime))
    six, five = video.accuracy(talks)
    rows = [asdict(talk) for talk in talks]
    console = _write_json(json_file, {"head": head, "six": six, "five": five, "clips": rows})
    console.print(talk_table(talks))
    learned = read_card(folder("model"))["data"]["talking"]
    if learned["clips"] and head == "video":
        console.print(
            f"How video is read was learned from {learned['clips']} clips of {learned['people']} "
            "people who talk; where these are among them, the figures flatter "
            "(benchmarks/talking.py)."
        )


@command.command("sheet")
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=file_to_write,
    help="PNG file to write; further pages are NAME-2.png, NAME-3.png.",
)
@_HEAD
@_RUNTIME
def evaluate_sheet(videos: tuple[Path, ...], out: Path, head: str, runtime: str) -> None:
    """Draw every face that counts, with clip and time, to see whether each is one.

    VIDEOS are files or folders of videos. The sheet shows people: look at it, do not publish it.
    """
    import cv2

    from affect.cli.inputs import videos_at
    from affect.training import sheet
    from affect.training.video import named

    found = [video for path in videos for video in videos_at(path)]
    analyze = _analyze(head, runtime)

    def tiles(video: Path) -> Iterator[sheet.Tile]:
        with named(video):
            yield from sheet.tiles(video, analyze(video, "five"))

    shown = chain.from_iterable(map(tiles, found))
    files, counted = [], 0
    for number, page in enumerate(sheet.batched(shown), start=1):
        file = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
        save_bytes(cv2.imencode(".png", sheet.page(page))[1].tobytes(), file)
        files.append(file)
        counted += len(page)
    where = ", ".join(map(str, files)) or "no sheet"
    click.echo(f"Faces that count: {counted}, in videos: {len(found)}. Written: {where}.")


def _analyze(head: str, runtime: str) -> Callable[[Path, str], VideoReport]:
    from affect.pipeline import analyze, load_model

    model = load_model(head, runtime)
    return lambda path, view: analyze(path, emotions=view, head=head, model=model)


def _write_json(file: Path | None, value: dict[str, object]) -> Console:
    """Write the figures where asked, and give the console that tables may go to."""
    from rich.console import Console

    text = json.dumps(value, indent=2) + "\n"
    if str(file) == "-":
        click.echo(text, nl=False)
        return Console(stderr=True)
    if file:
        save_text(text, file)
    return Console()
