from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from affect.contracts import ModelIdentity
from affect.emotions import VIEWS
from affect.training.accuracy import Measures, measure
from affect.training.coverage import Coverage, sweep
from affect.training.evaluate import Evaluation
from affect.training.page import common_mistakes, percent, to_json, write


def measures(n: int) -> Measures:
    rng = np.random.default_rng(n)
    probabilities = rng.dirichlet(np.ones(5), n).astype(np.float32)
    return measure(probabilities, rng.integers(0, 5, n), VIEWS["five"])


def coverage(n: int) -> Coverage:
    rng = np.random.default_rng(n)
    every = np.ones(n, bool)
    return sweep(rng.random(n).astype(np.float32), rng.random(n) < 0.7, every, every)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    identity = ModelIdentity("expression", "ab" * 32)
    return Evaluation(
        *("<b>Split</b>", "ferplus", "video", "five", identity),
        *(measures(200), measures(150), measures(120), coverage(200)),
    )


def test_json_holds_every_figure(evaluation: Evaluation) -> None:
    value = json.loads(json.dumps(to_json(evaluation), allow_nan=False))
    assert value["n"] == 200
    assert value["model"] == {"name": "expression", "sha256": "ab" * 32}
    assert (value["labels"], value["head"], value["emotions"]) == ("ferplus", "video", "five")
    assert 0 <= value["interval"][0] <= value["accuracy"] <= value["interval"][1] <= 1
    assert np.array(value["confusion"]).sum() == 200
    assert value["per_class"]["happy"].keys() == {"n", "precision", "recall", "f1"}
    assert {"macro_f1", "ece"} <= value.keys()
    assert value["without_copies"]["n"] == 150
    assert value["new_photographs"]["n"] == 120


def test_folder_holds_page_figures_and_charts(evaluation: Evaluation, tmp_path: Path) -> None:
    write(evaluation, tmp_path / "new")
    names = {"evaluation.html", "evaluation.json", "confusion.png", "classes.png"}
    names |= {"calibration.png", "coverage.png"}
    assert {path.name for path in (tmp_path / "new").iterdir()} == names
    for picture in (tmp_path / "new").glob("*.png"):
        image = cv2.imread(str(picture))
        assert image is not None
        assert image.std() > 5
    text = (tmp_path / "new" / "evaluation.html").read_text()
    assert f"{evaluation.every.accuracy * 100:.1f} %" in text
    assert "&lt;b&gt;Split" in text
    assert "<td>200</td><td>150</td><td>120</td>" in text
    assert "New photographs are those" in text
    assert "cannot be told" not in text
    product = evaluation.coverage.product
    assert f"<td>{percent(product.coverage)}</td><td>{percent(product.accuracy)}</td>" in text
    assert f"would leave out {percent(evaluation.coverage.good_dropped)}" in text
    assert not re.search(r'(src|href)="(?!data:)', text)


def test_page_says_when_copies_are_unknown(tmp_path: Path) -> None:
    identity = ModelIdentity("expression", "ab" * 32)
    write(
        Evaluation(
            *("Other", "fer2013", "fer2013", "five", identity),
            *(measures(50), None, None, coverage(50)),
        ),
        tmp_path,
    )
    assert "cannot be told" in (tmp_path / "evaluation.html").read_text()
    assert json.loads((tmp_path / "evaluation.json").read_text())["without_copies"] is None


def test_page_without_a_new_photograph(evaluation: Evaluation, tmp_path: Path) -> None:
    """There are training faces, and each face is another crop of theirs."""
    write(replace(evaluation, new_photographs=None), tmp_path)
    text = (tmp_path / "evaluation.html").read_text()
    assert "<td>200</td><td>150</td><td>–</td>" in text
    assert "cannot be told" not in text
    assert "New photographs are those" not in text


def test_json_has_these_keys_and_the_curve_stays_out_of_it(evaluation: Evaluation) -> None:
    assert to_json(evaluation).keys() == {
        *("n", "accuracy", "interval", "macro_f1", "macro_f1_interval", "ece", "classes"),
        *(
            "per_class",
            "confusion",
            "labels",
            "head",
            "emotions",
            "split",
            "model",
            "without_copies",
            "new_photographs",
        ),
    }


def test_common_mistakes_are_the_largest_ones() -> None:
    probabilities = np.eye(5, dtype=np.float32)[[1, 1, 1, 2, 0]]
    found = common_mistakes(measure(probabilities, np.array([0, 0, 0, 0, 0]), VIEWS["five"]))
    assert found == [("angry", "happy", 3, 0.6), ("angry", "sad", 1, 0.2)]


def test_percent() -> None:
    assert percent(0.9049) == "90.5 %"
    assert percent(None) == "–"
