"""The wheel, installed elsewhere, does the same as the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAGE_S = 3.0
SLACK = 3  # for a machine with other things to do


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run([sys.executable, "-m", *build], check=True, capture_output=True, timeout=240)
    (path,) = folder.glob("affect-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's files; what it needs comes from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    install = ["pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel]
    subprocess.run([sys.executable, "-m", *install], check=True, capture_output=True, timeout=240)
    return folder


def run(installed: Path, folder: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=240,
    )
    return done.stdout


def test_it_holds_what_is_shipped_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = {
        f"affect/{path.relative_to(ROOT)}"
        for folder in ("model", "templates", "static")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert shipped <= names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"affect"}


def test_its_first_page_comes_soon_and_without_the_model(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "app.py", tmp_path)
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed), "AFFECT_DATA": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        begin = time.monotonic()
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        for path, words in (("/", b"</html>"), ("/healthz", b"ok")):
            with urllib.request.urlopen(address + path, timeout=30) as answer:
                assert words in answer.read()
        assert time.monotonic() - begin < FIRST_PAGE_S * SLACK
        libraries = [file.path for file in psutil.Process(process.pid).memory_maps()]
        assert any("sqlalchemy" in path for path in libraries)
        assert not any("tensorflow" in path for path in libraries)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_installed_copy_is_the_one_in_use(installed: Path, tmp_path: Path) -> None:
    code = "import affect, affect.resources as r; print(affect.__file__, r.folder('model'))"
    package, model = run(installed, tmp_path, "-c", code).split()
    assert Path(package) == installed / "affect" / "__init__.py"
    assert Path(model) == installed / "affect" / "model"


def test_it_analyses_a_video_from_another_folder(
    installed: Path, face_video: Path, tmp_path: Path
) -> None:
    answer = run(installed, tmp_path, "-m", "affect", "analyze", face_video, "--json", "-")
    report = json.loads(answer)
    weights = installed / "affect" / "model" / "expression.int8.onnx"
    assert report["model"]["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert report["video"]["sampled"] == 15
    assert [person["id"] for person in report["people"]] == [1]
    assert report["summary"]["dominant"] == "happy"
    assert list(tmp_path.iterdir()) == []
