from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import affect
from affect import pipeline, resources

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "affect"
ROOMS = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("_")}


def test_rooms_import_only_from_floors_below() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "name",
    [
        *("app.py", "predictemt.py", "EmotionDetection.ipynb", "requirements.txt"),
        *("model", "templates", "static", "uploads/.gitkeep", "tests", "LICENSE", ".ci/run"),
    ],
)
def test_top_level_names_stay(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("name", ["model", "templates", "static"])
def test_shipped_folders_are_found(name: str) -> None:
    assert resources.folder(name) == ROOT / name


def test_a_folder_that_is_not_shipped_is_not_found() -> None:
    with pytest.raises(FileNotFoundError, match="no folder 'attic'"):
        resources.folder("attic")


def test_tests_mirror_the_rooms() -> None:
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders <= ROOMS


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert {room for room in ROOMS if f"`{room}`" not in text} == set()


def test_the_front_door() -> None:
    assert {"analyze", "__version__"} == set(affect.__all__) <= set(dir(affect))
    assert affect.analyze is pipeline.analyze
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert affect.__version__ == project["version"]
    with pytest.raises(AttributeError, match="analyse"):
        _ = affect.analyse


@pytest.mark.parametrize(
    "module", ["affect", "affect.pipeline", "affect.web.application", "affect.cli.analyze"]
)
def test_tensorflow_is_loaded_only_to_read_faces(module: str) -> None:
    heavy = "{'tensorflow', 'keras'}"
    code = f"import sys, {module}; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
