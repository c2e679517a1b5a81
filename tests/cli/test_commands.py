from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import affect
from affect import cli, errors

Failing = Callable[[Callable[[], None]], Result]


@pytest.fixture
def run_as_analyze(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Run the program with a function in the place of a command."""
    from affect.cli import analyze

    def run(function: Callable[[], None]) -> Result:
        monkeypatch.setattr(analyze, "command", click.command(function))
        return CliRunner().invoke(cli.main, ["analyze"])

    return run


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60)


def test_help_names_every_command_and_comes_at_once() -> None:
    def cpu_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    fastest = float("inf")
    for _ in range(3):
        before = cpu_s()
        done = python("-m", "affect", "--help")
        fastest = min(fastest, cpu_s() - before)
    assert done.returncode == 0
    for command in cli.COMMANDS:
        assert f"  {command} " in done.stdout
    assert fastest < 0.5


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from affect.cli import main; main(['--help'], standalone_mode=False);"
        "print({'numpy', 'tensorflow', 'keras', 'pydantic', 'cv2', 'rich'} & set(sys.modules))"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_a_command_needs_no_tensorflow(name: str) -> None:
    code = (
        "import sys; from affect.cli import main;"
        f"main(['{name}', '--help'], standalone_mode=False);"
        "print({'tensorflow', 'keras', 'av'} & set(sys.modules))"
    )
    done = python("-c", code)
    assert f"{name} [OPTIONS]" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"


def test_short_help_is_what_the_command_says() -> None:
    context = click.Context(cli.main)
    for name, text in cli.COMMANDS.items():
        command = cli.main.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=200) == text


def test_version() -> None:
    assert CliRunner().invoke(cli.main, ["--version"]).output.strip() == affect.__version__


def test_an_unknown_command_is_wrong_use() -> None:
    result = CliRunner().invoke(cli.main, ["analyse"])
    assert result.exit_code == 2
    assert "No such command 'analyse'" in result.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.UnreadableMedia("No."), 1), (errors.SettingsError("No."), 2)],
)
def test_an_error_is_a_sentence_and_a_status(
    run_as_analyze: Failing, error: errors.AffectError, status: int
) -> None:
    def fail() -> None:
        raise error

    result = run_as_analyze(fail)
    assert result.exit_code == status
    assert result.stderr == f"No. {error.advice}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "a.mp4", "--json", ""],
        ["evaluate", "clips", "--data", ".", "--json", ""],
        ["evaluate", "sheet", "a.mp4", "--out", ""],
        ["export", "expression", "--format", "onnx", "--out", ""],
    ],
)
def test_an_output_without_a_name_is_refused_before_the_work(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert (result.exit_code, result.output.count("a file needs a name.")) == (2, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "a.mp4"],
        ["evaluate", "expression", "--data", "a"],
        ["train", "expression", "--data", "a"],
        ["publish", "expression", "--data", "a", "--run", "a"],
    ],
)
def test_a_folder_without_a_name_is_not_the_one_one_is_in(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.main, [*arguments, "--out", ""])
    assert (result.exit_code, result.output.count("a folder needs a name.")) == (2, 1)


def test_a_name_that_is_too_long_is_a_sentence() -> None:
    result = CliRunner().invoke(cli.main, ["analyze", "a" * 300 + ".mp4"])
    assert result.exit_code == 1
    assert "It cannot be read: File name too long." in result.output


def test_an_interrupt_ends_with_130(run_as_analyze: Failing) -> None:
    result = run_as_analyze(lambda: os.kill(os.getpid(), signal.SIGINT))
    assert result.exit_code == 130
    assert result.stderr == "Stopped.\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["analyze", "--help"]])
def test_a_full_disk_behind_standard_output_is_a_sentence(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "affect", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "It cannot be read or written: No space left on device.\n"


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import sys, affect; print([m for m in sys.modules if m.startswith(('affect.', 'numpy'))])"
    )
    assert python("-c", code).stdout == "[]\n"
