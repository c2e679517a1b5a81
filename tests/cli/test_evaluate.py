from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from affect import cli
from affect.emotions import EMOTIONS, VIEWS
from affect.expression.model import read_card
from affect.resources import folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 pictures in splits of other names than FER2013's, without votes."""
    path = tmp_path_factory.mktemp("data") / "other.npz"
    rng = np.random.default_rng(5)
    np.savez(
        path,
        pixels=rng.integers(0, 256, (30, 48, 48), dtype=np.uint8),
        label=(np.arange(30) % 7).astype(np.uint8),
        usage=(np.arange(30) % 3 == 0).astype(np.uint8),
        usage_names=np.array(["Elsewhere", "Far", "Unused"]),
    )
    return path


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, ["evaluate", *map(str, arguments)])


def test_json_and_report_of_a_set_that_lies_elsewhere(data: Path, tmp_path: Path) -> None:
    result = evaluate(
        *("expression", "--data", data, "--split", "Far", "--labels", "fer2013"),
        *("--emotions", "seven", "--json", tmp_path / "far.json", "--out", tmp_path / "report"),
    )
    assert result.exit_code == 0, result.output
    value = json.loads((tmp_path / "far.json").read_text())
    assert (value["n"], value["labels"], value["emotions"]) == (10, "fer2013", "seven")
    assert value["head"] == "fer2013"
    assert value["per_class"].keys() == set(EMOTIONS)
    assert np.trace(value["confusion"]) == pytest.approx(10 * value["accuracy"])
    assert len(value["model"]["sha256"]) == 64
    assert value["without_copies"] is value["new_photographs"] is None
    assert "Far, labels fer2013" in result.output
    assert (tmp_path / "report" / "evaluation.html").is_file()


def test_the_head_of_the_page_is_measured_by_the_same_labels(data: Path) -> None:
    far = ("expression", "--data", data, "--split", "Far", "--labels", "fer2013", "--json", "-")
    alone, page = (json.loads(evaluate(*far, *more).stdout) for more in ((), ("--head", "video")))
    assert (alone["labels"], alone["head"]) == ("fer2013", "fer2013")
    assert (page["labels"], page["head"]) == ("fer2013", "video")
    assert page["confusion"] != alone["confusion"]


def test_dash_prints_json_alone(data: Path) -> None:
    arguments = ("--data", data, "--split", "Far", "--labels", "fer2013", "--json", "-")
    result = evaluate("expression", *arguments)
    assert json.loads(result.stdout)["emotions"] == "five"
    assert "accuracy" in result.stderr


def test_what_cannot_be_evaluated_is_a_sentence(data: Path, tmp_path: Path) -> None:
    unclear = evaluate("expression", "--data", data, "--labels", "fer2013")
    assert unclear.exit_code == 1
    assert "there are Elsewhere, Far. Name one with --split" in unclear.output
    unvoted = evaluate("expression", "--data", data, "--split", "Far")
    assert unvoted.exit_code == 1
    assert "--labels fer2013 does without" in unvoted.output
    assert not unvoted.stdout
    for kind, expected in (("clips", "happy"), ("talking", "labels.csv")):
        empty = evaluate(kind, "--data", tmp_path)
        assert empty.exit_code == 1
        assert expected in empty.output


@pytest.mark.parametrize(("head", "told"), [("video", True), ("ferplus", False)])
def test_talking_says_whom_the_head_learned_from(
    head: str, told: bool, face_video: Path, tmp_path: Path
) -> None:
    """From how many people who talk, the card tells."""
    shutil.copy(face_video, tmp_path / "a.mp4")
    (tmp_path / "labels.csv").write_text("file,speaker,label\na.mp4,ann,happy\n")
    file = tmp_path / "talking.json"
    result = evaluate("talking", "--data", tmp_path, "--head", head, "--json", file)
    assert result.exit_code == 0, result.output
    assert json.loads(file.read_text())["five"] == 1.0
    learned = read_card(folder("model"))["data"]["talking"]
    sentence = f"learned from {learned['clips']} clips of {learned['people']} people"
    assert (sentence in " ".join(result.output.split())) is told


def test_clips_tell_all_that_is_seen_and_the_mean_of_each_label(
    face_video: Path, tmp_path: Path
) -> None:
    for name in ("happy/a.mp4", "happy/b.mp4", "angry/c.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(face_video, tmp_path / name)
    (tmp_path / "angry" / "notes.txt").write_text("not a clip")
    file = tmp_path / "clips.json"
    result = evaluate("clips", "--data", tmp_path, "--json", file)
    assert result.exit_code == 0, result.output
    told = json.loads(file.read_text())
    assert (told["n"], told["right"]) == (3, 2)
    for clip in told["clips"]:
        assert clip["shares"].keys() == set(VIEWS["five"])
        assert clip["happy"] == clip["shares"]["happy"] > 0.9
        assert clip["right"] is (clip["label"] == "happy")
    assert re.search(r"happy, mean +0% +\d+%", result.output)
    assert "2 of 3 right" in result.output
    (tmp_path / "angry" / "c.mp4").write_bytes(b"no video")
    result = evaluate("clips", "--data", tmp_path)
    assert result.exit_code == 1
    assert "angry/c.mp4: The file is damaged" in " ".join(result.output.split())
