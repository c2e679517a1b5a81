"""Where results are written: whole or not at all, and never over a video."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from affect.contracts import VIDEO_SUFFIXES, VideoReport
from affect.errors import SettingsError
from affect.report import write


def check_folder(folder: Path) -> None:
    """Find out before the work whether files can be made in a folder, which may not exist yet.

    Raises:
        SettingsError: they cannot.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise _unwritable(folder, "it is not a folder that you may write to")


class FolderToWrite(click.Path):
    """Click's type of a folder to write into, which may not exist yet."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty name, which "$UNSET" leaves: it is not the folder one is in."""
        if value == "":
            self.fail("a folder needs a name.", param, ctx)
        return super().convert(value, param, ctx)


def file_to_write(
    _context: click.Context, _parameter: click.Parameter, file: Path | None
) -> Path | None:
    """Click's callback for a file to write: what cannot be written is refused before the work.

    Raises:
        click.BadParameter: it has no name, as what "$UNSET" leaves, or it is somebody's video.
        SettingsError: its folder cannot be written to.
    """
    if file is not None and str(file) != "-":
        if not file.name:
            raise click.BadParameter("a file needs a name.")
        if file.is_file() and _at_its_end(file).suffix.lower() in VIDEO_SUFFIXES:
            raise click.BadParameter(f"{file} is a video, which would be lost.")
        if not _is_stream(file):
            check_folder(file.parent)
    return file


def spare(videos: Iterable[Path], file: Path) -> None:
    """Refuse to write over one of these videos, whatever it is called.

    Raises:
        click.UsageError: the file is one of them.
    """
    for video in videos:
        with suppress(OSError):  # one of them is not there
            if video.samefile(file):
                raise click.UsageError(f"{file} is one of the videos, which would be lost.")


def save_report(report: VideoReport, parent: Path, name: str) -> Path:
    """Write a report into a new folder of that name, or of that name and a number.

    Returns:
        The new folder.

    Raises:
        SettingsError: it cannot be written.
    """
    with _translated(parent):
        parent.mkdir(parents=True, exist_ok=True)
        draft = parent / f".{uuid4()}"
        try:
            draft.mkdir()
            write(report, draft)
            return draft.rename(_free(parent, name))
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def save_text(text: str, file: Path) -> None:
    """Write a text file as UTF-8, as `save_bytes` does."""
    save_bytes(text.encode(), file)


def save_bytes(content: bytes, file: Path) -> None:
    """Write a file, replacing one that is there; what is a device or a pipe gets it all.

    Raises:
        SettingsError: it cannot be written.
    """
    with _translated(file.parent):
        if _is_stream(file):
            file.write_bytes(content)
            return
        file = _at_its_end(file)  # a link stays one
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{uuid4()}")
        try:
            draft.write_bytes(content)
            if file.exists():
                shutil.copymode(file, draft)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def _at_its_end(file: Path) -> Path:
    """The file that links lead to; of links that lead in a ring, one of them."""
    return Path(os.path.realpath(file))


def _is_stream(file: Path) -> bool:
    """Whether it is there and is no file with a content of its own, such as /dev/stdout."""
    return file.exists() and not file.is_file()


def _free(parent: Path, name: str) -> Path:
    numbered = (parent / f"{name}-{number}" for number in itertools.count(2))
    return next(path for path in itertools.chain([parent / name], numbered) if not path.exists())


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error


def _unwritable(folder: Path, reason: str) -> SettingsError:
    return SettingsError(f"Nothing can be written to {folder}: {reason}.", "Choose another folder.")
