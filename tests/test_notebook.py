"""The notebook runs top to bottom, here on few rows.

Its saved outputs are those of all the data, made by:
    AFFECT_NOTEBOOK_DATA=fer2013.npz jupyter execute --inplace EmotionDetection.ipynb
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebook_runs_on_a_subset(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFFECT_NOTEBOOK_DATA", str(shared_data / "fer2013.npz"))
    monkeypatch.setenv("AFFECT_NOTEBOOK_SUBSET", "1500")
    notebook = nbformat.read(ROOT / "EmotionDetection.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 8


def test_what_is_saved_in_it_is_complete() -> None:
    notebook = nbformat.read(ROOT / "EmotionDetection.ipynb", as_version=4)
    shown = [cell for cell in notebook.cells if cell.cell_type == "code"][1:]  # after the imports
    assert all(cell.outputs for cell in shown)
