"""The command line: `python -m affect COMMAND`.

A command is the function `command` in the module of its name. Modules are loaded when their
command is run, so that help comes at once.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any, Final

import click

from affect.errors import AffectError, SettingsError

COMMANDS: Final = {
    "analyze": "Tell what the faces in videos say.",
    "evaluate": "Measure how often the model is right.",
    "train": "Train a model.",
    "export": "Write the model in the form of another runtime.",
    "publish": "Turn training runs into the files of a model folder.",
}
WRONG_FILE, WRONG_USE, STOPPED = 1, 2, 130


class _Commands(click.Group):
    """Knows its commands by name, and turns what goes wrong into a sentence and a status."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"affect.cli.{cmd_name}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AffectError as error:
            click.echo(str(error), err=True)
            ctx.exit(WRONG_USE if isinstance(error, SettingsError) else WRONG_FILE)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        # Here and not in `invoke`, which printing the help does not reach.
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            file = f"{error.filename}: " if error.filename else ""
            click.echo(f"{file}It cannot be read or written: {error.strerror or error}.", err=True)
            sys.exit(WRONG_FILE)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="affect", message="%(version)s")
def main() -> None:
    """What the faces in a video say, on your own machine."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal knows every letter
