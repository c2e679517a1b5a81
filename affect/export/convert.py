"""The one way from a Keras network to a file of another runtime."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.errors import ModelError
from affect.export.litert import to_litert
from affect.export.onnx import to_int8, to_onnx
from affect.expression.model import FILES
from affect.expression.quiet import quiet
from affect.expression.runtimes import as_input

FORMATS: Final = ("onnx", "litert")
_PACKAGES: Final = ("onnx", "tf2onnx", "ai_edge_litert")  # that not everybody has who runs Affect


def convert(
    network: Any, form: str, file: Path, calibration: NDArray[np.uint8] | None = None
) -> None:
    """Write the network in another form.

    Args:
        network: keras.Model as `network.with_readability` describes it.
        form: one of `FORMATS`.
        file: where to.
        calibration: uint8 (N, 48, 48), some hundred real faces; with them weights and activations
            become whole numbers of 8 bits, whose ranges they tell.

    Raises:
        ModelError: the packages that convert are not installed, or Keras runs on another backend
            than TensorFlow.
    """
    _check_backend()
    faces = None if calibration is None else as_input(calibration)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silence():
        try:
            if form == "litert":
                content = to_litert(network, faces)
            else:
                content = to_onnx(network)
                content = content if faces is None else to_int8(content, faces)
        except ImportError as error:
            raise _missing(f"the package {error.name}" if error.name else str(error)) from error
    file.write_bytes(content)


def check_ready() -> None:
    """Make sure that `ship` can write, and what it writes can be run.

    Raises:
        ModelError: a package is missing, or Keras runs on another backend than TensorFlow.
    """
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise _missing(f"the package {package}")
    _check_backend()


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            "Files for other runtimes are written by TensorFlow, and Keras runs on "
            f"{keras.backend.backend()}.",
            "Unset KERAS_BACKEND; whatever trained the weights, TensorFlow reads them.",
        )


def ship(network: Any, calibration: NDArray[np.uint8], folder: Path) -> dict[str, Path]:
    """Write the int8 files of a model folder; returns that of each runtime."""
    files = {form: folder / FILES[form] for form in FORMATS}
    for form, file in files.items():
        convert(network, form, file, calibration)
    return files


def _missing(what: str) -> ModelError:
    return ModelError(
        f"Writing files for other runtimes needs {what}, which is not installed.",
        f"Install it: {sys.executable} -m pip install tf2onnx ai-edge-litert",
    )


@contextmanager
def _silence() -> Iterator[None]:
    """Drop what the converters tell of their own affairs."""
    with (
        quiet(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
