from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from affect.report import to_json

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def through_text(report):
    return json.loads(json.dumps(to_json(report), allow_nan=False))


@pytest.mark.parametrize(
    "plots",
    [
        [["happy"] * 9 + ["neutral"] * 3, [None] * 4 + ["sad"] * 8],
        [[None] * 12],
        [[""] * 12],
        [["happy"]],
    ],
    ids=["two people", "nobody", "nobody readable", "one face"],
)
def test_follows_the_documented_schema(make_report, validator, plots):
    validator.validate(through_text(make_report(plots)))


def test_schema_knows_every_key_and_asks_for_it(report, validator):
    def compare(value, schema):
        if "$ref" in schema:
            schema = validator.schema["$defs"][schema["$ref"].rpartition("/")[2]]
        if isinstance(value, dict) and "properties" in schema:
            assert set(value) == set(schema["properties"]) == set(schema["required"])
            for key in value:
                compare(value[key], schema["properties"][key])
        elif isinstance(value, list) and value:
            compare(value[0], schema["items"])

    value = through_text(report)
    value["frames"] = [frame for frame in value["frames"] if frame["faces"]]
    compare(value, validator.schema)


def test_schema_refuses_what_is_wrong(report, validator):
    wrong = through_text(report)
    wrong["summary"]["smile_index"] = 1.5
    del wrong["model"]
    assert len(list(validator.iter_errors(wrong))) == 2


def test_says_what_the_report_says(report):
    value = through_text(report)
    assert value["video"] == {
        "name": "holiday.mp4",
        "duration_s": 12.0,
        "width": 1920,
        "height": 1080,
        "frame_rate": 25.0,
        "sampled": 60,
        "partial": False,
    }
    assert value["settings"] == {"rate": 5.0, "emotions": "five", "head": "video"}
    assert value["summary"]["dominant"] == "happy"
    assert value["summary"]["posture"] == {"score": 0.8123, "label": "Good"}
    assert list(value["summary"]["emotions"]) == ["angry", "happy", "sad", "surprise", "neutral"]
    assert math.isclose(sum(value["summary"]["emotions"].values()), 1, abs_tol=1e-3)
    assert [person["id"] for person in value["people"]] == [1, 2]
    assert value["people"][1]["first_s"] == 3.0
    assert len(value["frames"]) == 60
    face = value["frames"][15]["faces"][1]
    assert face["person"] == 2
    assert face["box"] == [20.1, 20.0, 96.0, 96.0]
    assert face["scores"]["neutral"] == 0.8
    assert value["model"]["sha256"] == "0123456789abcdef" * 4


def test_without_a_face_everything_is_null(make_report):
    summary = through_text(make_report([[None] * 5]))["summary"]
    assert summary.pop("emotions") == {}
    assert summary.pop("coverage") == 0.0
    assert set(summary.values()) == {None}


def test_numbers_are_finite_rounded_and_plain(report):
    summary = dataclasses.replace(
        report.summary,
        smile_intensity=float("nan"),
        confidence=np.float32(1 / 3),
        coverage=-1e-9,
    )
    value = to_json(dataclasses.replace(report, summary=summary))["summary"]
    assert value["smile_intensity"] is None
    assert value["confidence"] == 0.333333
    assert str(value["coverage"]) == "0.0"
