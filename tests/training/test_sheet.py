from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from affect import cli
from affect.pipeline import analyze
from affect.training.sheet import COLUMNS, ROWS, Tile, batched, page, tiles


def tile(shade: int = 0) -> Tile:
    return Tile("clip", 61.2, np.full((48, 48), shade, np.uint8))


@pytest.mark.parametrize(("faces", "pages"), [(0, 0), (1, 1), (160, 1), (161, 2)])
def test_every_face_is_on_one_page(faces: int, pages: int) -> None:
    assert COLUMNS * ROWS == 160
    filled = list(batched(tile() for _ in range(faces)))
    assert len(filled) == pages
    assert sum(map(len, filled)) == faces


def test_a_page_shows_each_face_and_its_text() -> None:
    drawn = page([tile(60), tile(120), *[tile()] * 15])
    assert (drawn == 60).sum() >= 96 * 96
    assert (drawn == 120).sum() >= 96 * 96
    assert drawn.shape[0] > 2 * 96  # two rows
    first_text = drawn[100:126, :96]
    assert 0 < (first_text < 128).mean() < 0.5


def test_faces_are_those_that_count_cut_as_they_were_read(face_video: Path) -> None:
    report = analyze(face_video)
    found = list(tiles(face_video, report))
    assert [one.time_s for one in found] == [moment.time_s for moment in report.moments]
    assert {one.clip for one in found} == {"face"}
    portrait = report.people[0].thumbnail
    assert any((one.crop == portrait).all() for one in found)


def test_the_command_writes_pages(face_video: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "sheet.png"
    arguments = ["evaluate", "sheet", str(face_video), "--out", str(out)]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 0, result.output
    assert "Faces that count: 15, in videos: 1" in result.output
    assert [path.name for path in out.parent.iterdir()] == ["sheet.png"]
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape[1] > COLUMNS * 96


def test_a_wrong_video_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    arguments = ["evaluate", "sheet", str(tmp_path / "notes.mp4"), "--out", str(tmp_path / "a.png")]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 1
    assert "not a video" in result.output
    assert not (tmp_path / "a.png").exists()
