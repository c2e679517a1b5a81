from __future__ import annotations

import json
import re
import runpy
import shutil
from pathlib import Path

import pytest

from affect.emotions import VIEWS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / name
    for name in ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "benchmarks/README.md")
]


def test_the_python_example_runs_as_it_stands(
    face_video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = re.findall(
        r"^```python\n(.*?)^```", PAGES[0].read_text(), re.DOTALL | re.MULTILINE
    )
    shutil.copy(face_video, tmp_path / "clip.mp4")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    dominant, smile_index = capsys.readouterr().out.split()
    assert dominant in VIEWS["five"]
    assert 0 <= float(smile_index) <= 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    headings = {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("#"):
            assert link[1:] in headings
        elif not link.startswith("http"):
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", [*PAGES, ROOT / "model" / "README.md"], ids=str)
def test_nothing_is_left_to_be_filled_in(page: Path) -> None:
    assert not re.findall(r"@[A-Z]{2,}|TODO|XXX", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_chores_that_are_named_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)|`make (\w+)", page.read_text(), re.MULTILINE)) <= {
        pair for target in targets for pair in [(target, ""), ("", target)]
    }


def test_the_tables_of_accuracy_are_those_of_the_card() -> None:
    tables = runpy.run_path(str(ROOT / "docs" / "make_tables.py"))
    card = json.loads((ROOT / "model" / "expression.json").read_text())
    assert tables["readme_table"](card) in PAGES[0].read_text()
    text = (ROOT / "model" / "README.md").read_text()
    for name in ("card_table", "class_table", "coverage_table"):
        assert tables[name](card) in text
    assert f"{card['parameters']:,} parameters" in text
