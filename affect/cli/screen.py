"""What a person sees: a progress bar on standard error, a table on standard output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from affect import contracts
from affect.contracts import OnProgress, Posture, Summary, VideoReport
from affect.emotions import COLORS
from affect.report.words import mostly, notes_of, percent


@dataclass(frozen=True)
class Line:
    """What the table keeps of a report."""

    name: str
    summary: Summary
    people: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, report: VideoReport) -> Line:
        """The line of one report."""
        return cls(report.video.name, report.summary, len(report.people), notes_of(report))


class Bar:
    """A progress bar while it is entered; where standard error is no terminal, none."""

    def __init__(self, videos: int) -> None:
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._videos = videos
        self._done = 0
        self._task = self._progress.add_task("Getting ready", total=None)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(Text(printable(text)), soft_wrap=True)

    def follow(self, name: str) -> OnProgress:
        """Begin with one video; what is returned is told how far it is."""
        title = f"{self._count()}{printable(name)}"
        self._progress.reset(self._task, description=title, total=None)

        def on_progress(progress: contracts.Progress) -> None:
            self._progress.update(
                self._task,
                description=f"{title} · {progress.stage}",
                completed=progress.done_s,
                total=progress.total_s,
            )

        return on_progress

    def finish_one(self) -> None:
        """One more video is done."""
        self._done += 1

    def wait(self) -> None:
        """Show how many of the videos are done; for videos that are analysed elsewhere."""
        self._progress.update(
            self._task, description="Videos", completed=self._done, total=self._videos
        )

    def _count(self) -> str:
        return f"{self._done + 1}/{self._videos} " if self._videos > 1 else ""


def show(lines: Sequence[Line]) -> None:
    """Print the table and the remarks beneath it."""
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Video", overflow="fold")
    for heading in ("Mostly", "Smile index", "Posture"):
        table.add_column(heading, no_wrap=True)
    for heading in ("People", "Seen in"):
        table.add_column(heading, no_wrap=True, justify="right")
    for line in lines:
        summary = line.summary
        table.add_row(
            Text(printable(line.name)),
            _mostly(summary),
            _smile(summary),
            _posture(summary.posture),
            str(line.people),
            percent(summary.coverage),
        )
    console.print(table)
    for line in lines:
        for note in line.notes:
            console.print(Text(f"{printable(line.name)}: {note}"), soft_wrap=True)


def printable(text: str) -> str:
    """Without what would steer a terminal or cannot be encoded."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _mostly(summary: Summary) -> Text:
    if summary.dominant is None:
        return Text("no face" if summary.unreadable is None else "face unclear")
    return Text.assemble(("● ", COLORS[summary.dominant]), mostly(summary.emotions))


def _smile(summary: Summary) -> str:
    if summary.smile_index is None:
        return "–"
    if summary.smile_interval is None:
        return percent(summary.smile_index)
    low, high = (percent(end).removesuffix(" %") for end in summary.smile_interval)
    return f"{percent(summary.smile_index)} ({low}–{high})"


def _posture(posture: Posture | None) -> str:
    return "–" if posture is None else f"{posture.label} ({posture.score:.2f})"
