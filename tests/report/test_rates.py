"""What is read of the model's rates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from affect.report import rates


def told(sha256: str, accuracy: float) -> dict[str, object]:
    measured = {
        "ferplus": {"five": {"accuracy": 0.99, "accuracy_new_photographs": accuracy}, "note": "x"}
    }
    return {"sha256": sha256, "evaluation": measured}


def test_a_rate_is_that_of_the_file_that_read_the_faces(tmp_path: Path) -> None:
    described = told("aa", 0.91) | {"runtimes": {"onnx": told("bb", 0.9)}}
    (tmp_path / "expression.json").write_text(json.dumps(described))
    assert rates.rate(tmp_path, "aa", "ferplus", "five") == rates.Rate("ferplus", "five", 0.91)
    assert rates.rate(tmp_path, "bb", "ferplus", "five") == rates.Rate("ferplus", "five", 0.9)
    assert rates.rate(tmp_path, "bb", "ferplus", "seven") is None
    assert rates.rate(tmp_path, "bb", "fer2013", "five") is None
    assert rates.rate(tmp_path, "cc", "ferplus", "five") is None
    assert [rate.accuracy for rate in rates.rates(tmp_path, "keras")] == [0.91]
    assert [rate.accuracy for rate in rates.rates(tmp_path, "onnx")] == [0.9]
    assert rates.rates(tmp_path, "litert") == ()


def test_beside_a_result_stands_what_people_who_talk_told(tmp_path: Path) -> None:
    card = {"sha256": "aa", "evaluation": {"video": {"five": {"accuracy_new_photographs": 0.91}}}}
    (tmp_path / "expression.json").write_text(json.dumps(card))
    measured = tmp_path / "talking.json"
    for sha256, beside in (("aa", 0.52), ("bb", None)):
        measured.write_text(json.dumps({"sha256": sha256, "five": {"accuracy": 0.52}}))
        found = rates.rate(tmp_path, "aa", "video", "five")
        assert found == rates.Rate("video", "five", 0.91, beside)
        assert rates.rates(tmp_path, "keras") == (found,)
    assert rates.Rate("video", "five", 0.91, 0.52).sentence == (
        "The program is right for 91 of 100 clear photographs, "
        "but only for 52 of 100 clips of people talking."
    )


@pytest.mark.parametrize(
    "content", ["{}", '{"evaluation": null}', '{"evaluation": {"a": 1}}', "[]"]
)
def test_a_card_without_rates(tmp_path: Path, content: str) -> None:
    (tmp_path / "expression.json").write_text(content)
    assert rates.rates(tmp_path, "keras") == ()


def test_no_card(tmp_path: Path) -> None:
    assert rates.rates(tmp_path, "onnx") == ()


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (
            "video",
            "The program is right for 91 of 100 clear photographs; "
            "a face that moves or speaks is harder.",
        ),
        (
            "fer2013",
            "The program is right for 91 of 100 photographs; "
            "a face that moves or speaks is harder.",
        ),
    ],
)
def test_a_rate_in_a_sentence(head: str, sentence: str) -> None:
    assert rates.Rate(head, "five", 0.906).sentence == sentence
