"""`python -m affect export`: the shipped model as a file for another runtime."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from affect.cli.outputs import file_to_write, save_bytes


@click.group()
def command() -> None:
    """Write the model in the form of another runtime."""


@command.command("expression")
@click.option(
    "--format", "form", type=click.Choice(["onnx", "litert"]), required=True, help="Whose form."
)
@click.option("--int8", is_flag=True, help="Whole numbers of 8 bits: a quarter of the size.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=file_to_write,
    help="File to write.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="FER2013, as for training: --int8 chooses its ranges by 512 of the faces learned, instead "
    "of by 100 small photographs, and the file is checked on those held out.",
)
def export_expression(form: str, int8: bool, out: Path, data: Path | None) -> None:
    """Write the model's file and tell how far its answers are from Keras'."""
    from affect import export
    from affect.datasets import fer2013
    from affect.expression.model import FILES
    from affect.expression.runtimes import RUNTIMES, KerasRuntime
    from affect.resources import folder
    from affect.training.expression import calibration_faces, split_as_published

    calibrating = faces = export.sample_faces()
    if data is not None:
        learned, held_out = split_as_published(fer2013.load(data), folder("model"))
        calibrating, faces = calibration_faces(learned), held_out.images
    original = KerasRuntime(folder("model") / FILES["keras"])
    with TemporaryDirectory() as place:
        draft = Path(place) / "draft"
        export.convert(original.network, form, draft, calibrating if int8 else None)
        kind = "int8" if int8 else "float32"
        largest = export.difference(RUNTIMES[form](draft), original, faces, kind)
        content = draft.read_bytes()
    save_bytes(content, out)
    click.echo(
        f"Wrote {out}, {len(content) / 1e6:.2f} MB. On {len(faces)} faces its probabilities "
        f"differ from Keras' by at most {largest:.2g}."
    )
