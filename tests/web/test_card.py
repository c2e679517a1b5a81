"""What the page reads of the model's card and description."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from affect.web import card


def told(sha256: str, accuracy: float) -> dict[str, object]:
    measured = {"ferplus": {"five": {"accuracy": accuracy, "images": 3000}, "note": "x"}}
    return {"sha256": sha256, "evaluation": measured}


def test_a_rate_is_that_of_the_file_that_read_the_faces(tmp_path: Path) -> None:
    described = told("aa", 0.91) | {"runtimes": {"onnx": told("bb", 0.9)}}
    (tmp_path / "expression.json").write_text(json.dumps(described))
    assert card.rate(tmp_path, "aa", "ferplus", "five") == card.Rate("ferplus", "five", 0.91)
    assert card.rate(tmp_path, "bb", "ferplus", "five") == card.Rate("ferplus", "five", 0.9)
    assert card.rate(tmp_path, "bb", "ferplus", "seven") is None
    assert card.rate(tmp_path, "bb", "fer2013", "five") is None
    assert card.rate(tmp_path, "cc", "ferplus", "five") is None
    assert [rate.accuracy for rate in card.rates(tmp_path, "keras")] == [0.91]
    assert [rate.accuracy for rate in card.rates(tmp_path, "onnx")] == [0.9]
    assert card.rates(tmp_path, "litert") == ()


@pytest.mark.parametrize(
    "content", ["{}", '{"evaluation": null}', '{"evaluation": {"a": 1}}', "[]"]
)
def test_a_card_without_rates(tmp_path: Path, content: str) -> None:
    (tmp_path / "expression.json").write_text(content)
    assert card.rates(tmp_path, "keras") == ()


def test_no_card_and_no_description(tmp_path: Path) -> None:
    assert card.rates(tmp_path, "onnx") == ()
    assert card.text(tmp_path) is None


def test_the_description_is_rendered_and_markup_in_it_is_text(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "# The model\n\n## Limits\n\n| a | b |\n|---|---|\n| 1 | <b>2</b> |\n"
    )
    text = card.text(tmp_path)
    assert text is not None
    # The page has a heading above these.
    assert "<h2>The model</h2>" in text
    assert "<h3>Limits</h3>" in text
    assert text.count("tabindex") == text.count("</table></div>") == 1
    assert "<td>&lt;b&gt;2&lt;/b&gt;</td>" in text
