from __future__ import annotations

import re
from dataclasses import replace

import pytest

from affect.cli.screen import Bar, Line, printable, show
from affect.contracts import Posture, Progress, Summary, VideoReport

NOTHING = Summary({}, None, None, None, None, None, 0.0, None, None)


def printed(capsys: pytest.CaptureFixture[str], *lines: Line) -> list[list[str]]:
    """The cells of the table's rows."""
    show(lines)
    rows = [re.split(r"\s{2,}", row.strip()) for row in capsys.readouterr().out.splitlines()]
    return [row for row in rows if len(row) == 6][1:]


def test_a_row_tells_the_result(report: VideoReport, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, Line.of(report)) == [
        ["holiday.mp4", "● happy 100 %", "100 % (21–100)", "Good (0.81)", "1", "50 %"]
    ]


def test_a_row_tells_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    unread = replace(NOTHING, unreadable=1.0)
    rows = printed(capsys, Line("a.mp4", NOTHING, 0, ()), Line("b.mp4", unread, 2, ()))
    assert rows == [
        ["a.mp4", "no face", "–", "–", "0", "0 %"],
        ["b.mp4", "face unclear", "–", "–", "2", "0 %"],
    ]


def test_a_long_name_takes_lines_and_nothing_from_the_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    posture = Posture(0.41, "Not good", 9)
    summary = replace(
        NOTHING,
        emotions={"surprise": 1.0},
        dominant="surprise",
        smile_index=0.999,
        smile_interval=(0.95, 1.0),
        posture=posture,
        coverage=1.0,
    )
    rows = printed(capsys, Line("x" * 100, summary, 10, ()))
    assert rows[0][1:] == [
        *("● surprise 100 %", "> 99 % (95–100)", "Not good (0.41)", "10", "100 %")
    ]


def test_a_smile_index_without_an_interval(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line("a.mp4", replace(NOTHING, smile_index=0.5), 1, ())
    assert printed(capsys, line)[0][2] == "50 %"


def test_remarks_stand_beneath(report: VideoReport, capsys: pytest.CaptureFixture[str]) -> None:
    show([Line.of(report)])
    assert capsys.readouterr().out.endswith("holiday.mp4: The result rests on only 1 face.\n")


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "[red]\x1b[31m\n" + b"\xe9".decode("utf-8", "surrogateescape")
    assert printable(name) == "[red]�[31m��"
    assert printed(capsys, Line(name, NOTHING, 0, ()))[0][0] == "[red]�[31m��"


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(2) as bar:
        bar.follow("a.mp4")(Progress("Looking at faces", 1.0, 2.0, None))
        bar.finish_one()
        bar.wait()
        bar.say("one line, however long it is: " + "x" * 200)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "one line, however long it is: " + "x" * 200 + "\n"


def test_on_a_terminal_the_bar_tells_which_video_and_how_far(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with Bar(2) as bar:
        bar.finish_one()
        bar.follow("b.mp4")(Progress("Looking at faces", 1.0, 4.0, None))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2/2 b.mp4 · Looking at faces" in shown.err
    assert "25 %" in shown.err
