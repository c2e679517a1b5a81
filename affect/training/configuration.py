"""How a model is trained, as one small TOML file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from affect.errors import SettingsError
from affect.expression.trunks import TRUNKS, Trunk


@dataclass(frozen=True)
class Configuration:
    """One training run, of one trunk.

    The defaults trained the shipped weights' residual one, before it got its waists.

    Attributes:
        seed: of weights, split, order and augmentation.
        trunk: kind of trunk, see `affect.expression.trunks`.
        side: pixels that a face is enlarged to; 48 leaves it as it is.
        stem: channels of the first convolution; with fewer than 16, oneDNN in TensorFlow 2.21
            overruns its memory ("free(): invalid size") in float32 and in bfloat16.
        widths: channels of each block, at least 8.
        strides: stride of each block.
        waists: channels between the halves of each convolution in a residual block, see `Trunk`;
            0 for whole ones, and without any list all are whole.
        frozen: how many of the first blocks of a separable trunk, and the first convolution with
            them, stay as what a run begins with; in one that begins with chance, all learns.
        dropout: before the heads.
        dtype: Keras dtype policy while training.
        epochs: passes over the training part.
        touch_up_epochs: how many of the last epochs see faces hardly changed.
        batch: faces a step.
        learning_rate: the highest, reached after one epoch; cosine to 0 afterwards.
        weight_decay: AdamW's.
        label_smoothing: on FER2013's labels; FER+'s votes are soft already.
        ema_momentum: of the moving average of the weights, which is what is kept.
        hold_out: share of Training held out to choose the epoch.
        limit: use at most so many training faces; 0 for all.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int = 7
    trunk: Literal["residual", "separable"] = "residual"
    side: Annotated[int, Field(ge=48)] = 48
    stem: Annotated[int, Field(ge=16)] = 24
    widths: tuple[Annotated[int, Field(ge=8)], ...] = (48, 96, 96, 192, 192)
    strides: tuple[Annotated[int, Field(ge=1)], ...] = (2, 2, 1, 2, 1)
    waists: tuple[Annotated[int, Field(ge=0)], ...] = ()
    frozen: Annotated[int, Field(ge=0)] = 0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    dtype: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "mixed_bfloat16"
    epochs: Annotated[int, Field(ge=1)] = 50
    touch_up_epochs: Annotated[int, Field(ge=0)] = 12
    batch: Annotated[int, Field(ge=1)] = 64
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    weight_decay: Annotated[float, Field(ge=0)] = 1e-3
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.1
    ema_momentum: Annotated[float, Field(ge=0, lt=1)] = 0.999
    hold_out: Annotated[float, Field(gt=0, lt=1)] = 0.1
    limit: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        if not self.widths or len(self.widths) != len(self.strides):
            raise ValueError("each block needs a width and a stride")
        if self.waists and (self.trunk != "residual" or len(self.waists) != len(self.widths)):
            raise ValueError("each block of a residual trunk needs a waist, or none")
        if self.frozen > (len(self.widths) if self.trunk == "separable" else 0):
            raise ValueError("only blocks that a separable trunk has can stay frozen")

    @property
    def shape(self) -> Trunk:
        """How its trunk is built."""
        waists = self.waists or (0,) * len(self.widths)
        return Trunk(self.trunk, self.side, self.stem, self.widths, self.strides, waists)


def read(path: Path) -> Configuration:
    """Read a configuration; what it leaves out keeps its default.

    Raises:
        SettingsError: the file is missing, is not TOML, or sets something unknown or unusable.
    """
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} is not a readable TOML file.") from error
    try:
        return TypeAdapter(Configuration).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "widths"
        raise SettingsError(
            f"{path.name} sets {name!r} to something training cannot use: {first['msg']}.",
            f"It may set {', '.join(asdict(Configuration()))}.",
        ) from error


def published(folder: Path) -> list[Configuration]:
    """How the trunks of a published network were trained, in their order.

    Raises:
        SettingsError: `folder` is not one of a published network, or as `read`.
    """
    files = [folder / published_name(kind) for kind in TRUNKS]
    found = [read(file) for file in files if file.exists()]
    if not found:
        raise SettingsError(
            f"{folder} holds no {' or '.join(file.name for file in files)}.",
            "Name the folder of a published model.",
        )
    return found


def published_name(trunk: str) -> str:
    """What a published folder calls the configuration of a kind of trunk."""
    return f"{trunk}.toml"


def write(configuration: Configuration, path: Path) -> None:
    """Write every setting as TOML, such that `read` gives the same configuration again."""
    # JSON's numbers, strings and lists of them are TOML's too.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in asdict(configuration).items()]
    path.write_text("".join(lines))
