from __future__ import annotations

import ast
import sys
from dataclasses import FrozenInstanceError, is_dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affect import contracts
from affect.contracts import CROP_SIZE, Box, Face, Frame, Limits, Reading

BOX = Box(1, 2, 3, 4)
CROP = np.zeros((CROP_SIZE, CROP_SIZE), np.uint8)


@pytest.mark.parametrize(
    "gray",
    [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), np.zeros(4, np.uint8)],
    ids=["colour", "float", "flat"],
)
def test_a_frame_is_one_gray_picture(gray: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"not uint8 \(H, W\)"):
        Frame(0, 0.0, gray)


@pytest.mark.parametrize(
    "crop",
    [np.zeros((47, 48), np.uint8), CROP.astype(np.float32), CROP[None]],
    ids=["size", "float", "batch"],
)
def test_a_face_has_one_crop_of_48_by_48(crop: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"not uint8 \(48, 48\)"):
        Face(0, 0.0, 0, BOX, 1.0, crop)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 1)])
def test_a_box_without_an_area_is_refused(width: float, height: float) -> None:
    with pytest.raises(ValueError, match="area"):
        Box(0, 0, width, height)


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_a_box_knows_its_area(width: float, height: float) -> None:
    assert Box(-5, 7, width, height).area == width * height


@pytest.mark.parametrize(("emotion", "smile"), [("happy", True), ("sad", False), (None, False)])
def test_a_happy_face_is_a_smile(emotion: str | None, smile: bool) -> None:
    assert Reading(1, BOX, 1.0, emotion is not None, emotion, None, None).smile is smile


def test_nothing_can_be_changed() -> None:
    for value in vars(contracts).values():
        if is_dataclass(value):
            assert value.__dataclass_params__.frozen, value
    with pytest.raises(FrozenInstanceError):
        Limits().max_bytes = 1


def test_contracts_know_only_the_standard_library_and_numpy() -> None:
    tree = ast.parse(Path(contracts.__file__).read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported - set(sys.stdlib_module_names) <= {"numpy"}
