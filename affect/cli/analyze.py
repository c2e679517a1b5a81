"""`affect analyze`: videos in; a table, files and JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from affect.cli import WRONG_FILE
from affect.cli.inputs import is_folder, videos_at
from affect.cli.outputs import (
    FolderToWrite,
    check_folder,
    file_to_write,
    save_report,
    save_text,
    spare,
)
from affect.cli.screen import Bar, Line, show
from affect.contracts import VideoReport, name_of
from affect.emotions import VIEWS
from affect.errors import AffectError, JobError
from affect.expression import ANSWERS, RUNTIMES
from affect.report import to_json
from affect.settings import Settings, read

_STANDARD_OUTPUT = Path("-")


def _paths(
    _context: click.Context, _parameter: click.Parameter, names: Sequence[str]
) -> list[Path]:
    """What "$UNSET" leaves, an empty name, must not stand for the folder one is in."""
    if not all(names):
        raise click.BadParameter("a video needs a name.")
    return [Path(name) for name in names]


def _told(name: str) -> str:
    """What a setting does, for the help of the option of its name."""
    field = Settings.model_fields[name]
    default = field.default
    return f"{field.description} Default {default}, unless AFFECT_{name.upper()} sets another."


@click.command("analyze")
@click.argument(
    "videos", nargs=-1, required=True, metavar="VIDEO...", type=click.Path(), callback=_paths
)
@click.option(
    "--out",
    type=FolderToWrite(),
    metavar="DIR",
    help="Write report.html, JSON, CSV and pictures into a folder for each video in DIR.",
)
@click.option("--rate", type=float, metavar="HZ", help=_told("rate"))
@click.option("--emotions", type=click.Choice(list(VIEWS)), help=_told("emotions"))
@click.option("--head", type=click.Choice(ANSWERS), help=_told("head"))
@click.option("--runtime", type=click.Choice(list(RUNTIMES)), help=_told("runtime"))
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    callback=file_to_write,
    metavar="FILE",
    help="Write JSON to FILE, or with - nothing but JSON to standard output.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Spread the videos over the Dask cluster at this tcp:// or tls:// address.",
)
@click.pass_context
def command(
    context: click.Context,
    videos: list[Path],
    out: Path | None,
    rate: float | None,
    emotions: str | None,
    head: str | None,
    runtime: str | None,
    json_file: Path | None,
    scheduler: str | None,
) -> None:
    """Tell what the faces in videos say.

    A folder stands for the videos in it. Of several videos those that cannot be analysed are
    reported, and the others still done; the exit status is then 1.
    """
    settings = read(rate=rate, emotions=emotions, head=head, runtime=runtime, scheduler=scheduler)
    if out is not None:
        check_folder(out)
    named, errors = _named(videos)
    if json_file is not None:
        spare(named, json_file)
    waiting = [path for path in named if path not in errors]
    lines: dict[Path, Line] = {}
    objects: dict[Path, object] = {}
    with Bar(len(waiting)) as bar:
        for path, error in errors.items():
            bar.say(f"{path}: {error}")
        for path, result in _results(waiting, settings, bar):
            if out is not None and not isinstance(result, AffectError):
                result = _saved(result, out, path, bar)
            if isinstance(result, AffectError):
                errors[path] = result
                bar.say(f"{path}: {result}")
            else:
                lines[path] = Line.of(result)
                if json_file is not None:
                    objects[path] = to_json(result)
            bar.finish_one()
    if lines and json_file != _STANDARD_OUTPUT:
        show([lines[path] for path in named if path in lines])
    if json_file is not None:
        objects |= {path: _failure(path, error) for path, error in errors.items()}
        one = len(videos) == 1 and not is_folder(videos[0])
        text = json.dumps(objects[named[0]] if one else [objects[path] for path in named])
        if json_file == _STANDARD_OUTPUT:
            click.echo(text)
        else:
            save_text(text + "\n", json_file)
    if errors:
        context.exit(WRONG_FILE)


def _named(arguments: Sequence[Path]) -> tuple[list[Path], dict[Path, AffectError]]:
    """The videos in order, each once, and what is wrong with a folder, which stands for itself."""
    named: list[Path] = []
    errors: dict[Path, AffectError] = {}
    for argument in arguments:
        try:
            named += videos_at(argument)
        except AffectError as error:
            named.append(argument)
            errors[argument] = error
    return list(dict.fromkeys(named)), errors


def _results(
    paths: Sequence[Path], settings: Settings, bar: Bar
) -> Iterator[tuple[Path, VideoReport | AffectError]]:
    if settings.scheduler is None:
        from affect import pipeline  # loads OpenCV and PyAV, so not for --help

        for path in paths:
            yield path, _analyzed(pipeline.analyze, path, settings, bar)
    elif paths:
        from affect.jobs.spread import spread

        bar.wait()
        for path, result in spread(
            paths, settings.options, settings.limits, settings.scheduler, settings.runtime
        ):
            yield path, result
            bar.wait()


def _analyzed(
    analyze: Callable[..., VideoReport], path: Path, settings: Settings, bar: Bar
) -> VideoReport | AffectError:
    try:
        return analyze(
            path,
            rate=settings.rate,
            emotions=settings.emotions,
            head=settings.head,
            runtime=settings.runtime,
            limits=settings.limits,
            on_progress=bar.follow(path.name),
        )
    except AffectError as error:
        return error
    except Exception as error:
        # One video must not end a batch, whatever is wrong with it or with the program.
        return JobError(f"The analysis stopped at an error in the program: {error!r}.")


def _saved(report: VideoReport, out: Path, path: Path, bar: Bar) -> VideoReport | AffectError:
    try:
        bar.say(f"{path}: written to {save_report(report, out, path.stem)}")
    except AffectError as error:
        return error
    return report


def _failure(path: Path, error: AffectError) -> dict[str, object]:
    return {
        "video": {"name": name_of(path)},
        "error": {"code": error.code, "sentence": error.sentence, "advice": error.advice},
    }
