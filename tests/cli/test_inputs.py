from __future__ import annotations

from pathlib import Path

import pytest

from affect.cli.inputs import videos_at
from affect.contracts import VIDEO_SUFFIXES
from affect.errors import UnreadableMedia


def test_a_file_is_itself_there_or_not_video_or_not(tmp_path: Path) -> None:
    assert videos_at(tmp_path / "absent.txt") == (tmp_path / "absent.txt",)


def test_a_folder_is_its_videos_in_order(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", "c.txt", ".hidden.mp4", "日本.webm"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "folder.mp4" / "deep.mp4").touch()
    assert [path.name for path in videos_at(tmp_path)] == ["a.MOV", "b.mp4", "日本.webm"]


def test_every_ending_counts(tmp_path: Path) -> None:
    for suffix in VIDEO_SUFFIXES:
        (tmp_path / f"video{suffix}").touch()
    assert len(videos_at(tmp_path)) == len(VIDEO_SUFFIXES) == 19


def test_a_folder_without_videos_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UnreadableMedia, match="holds no video"):
        videos_at(tmp_path)
