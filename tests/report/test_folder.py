from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from affect.report import is_results, to_json, write


def names(folder):
    return {file.name for file in folder.iterdir()}


def test_writes_every_form(report, tmp_path):
    write(report, tmp_path)
    assert names(tmp_path) == {
        *("report.json", "report.csv", "report.html", "pie.png", "timeline.png"),
        *("person-1.png", "person-2.png"),
    }
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == to_json(report)
    thumbnail = cv2.imread(str(tmp_path / "person-1.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(thumbnail, report.people[0].thumbnail)


@pytest.mark.parametrize(
    ("plot", "thumbnails"), [([None] * 9, set()), ([""] * 9, {"person-1.png"})]
)
def test_without_a_readable_face_there_are_no_charts(make_report, tmp_path, plot, thumbnails):
    write(make_report([plot]), tmp_path)
    assert names(tmp_path) == {"report.json", "report.csv", "report.html"} | thumbnails


def test_a_missing_folder_is_an_error(report, tmp_path):
    with pytest.raises(FileNotFoundError):
        write(report, tmp_path / "absent")


def test_importing_the_room_is_cheap():
    code = "import affect.report, sys; print({'matplotlib', 'cv2', 'flask'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "set()\n"


def test_results_are_known_by_their_files_and_only_by_them(report, tmp_path):
    assert not is_results(tmp_path)
    write(report, tmp_path)
    assert is_results(tmp_path)
    (tmp_path / "person-x.png").touch()
    assert not is_results(tmp_path)
