from __future__ import annotations

from pathlib import Path

import pytest

from affect.cli import outputs
from affect.cli.outputs import check_folder, save_report, save_text
from affect.contracts import VideoReport
from affect.errors import SettingsError


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_report_goes_into_a_folder_of_its_name(report: VideoReport, tmp_path: Path) -> None:
    folder = save_report(report, tmp_path / "new" / "out", "holiday")
    assert folder == tmp_path / "new" / "out" / "holiday"
    assert {"report.json", "report.html"} <= set(names(folder))


def test_names_that_clash_get_numbers_and_nothing_is_replaced(
    report: VideoReport, tmp_path: Path
) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "mine.txt").write_text("precious")
    saved = [save_report(report, tmp_path, "holiday").name for _ in range(2)]
    assert saved == ["holiday-2", "holiday-3"]
    assert names(tmp_path / "holiday") == ["mine.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError()])
def test_what_is_broken_off_leaves_nothing(
    report: VideoReport,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: BaseException,
) -> None:
    def half(report: VideoReport, folder: Path) -> None:
        (folder / "report.json").write_text("{")
        raise stop

    monkeypatch.setattr(outputs, "write", half)
    with pytest.raises(type(stop)):
        save_report(report, tmp_path, "holiday")
    assert names(tmp_path) == []


def test_text_replaces_a_file_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "new" / "all.json"
    save_text("old", file)
    save_text("[]", file)
    assert file.read_text() == "[]"
    assert names(tmp_path / "new") == ["all.json"]


def test_text_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "all.json").mkdir()
    with pytest.raises(SettingsError, match="Nothing can be written to"):
        save_text("[]", tmp_path / "all.json")
    assert names(tmp_path) == ["all.json"]


def test_a_folder_that_can_be_made_is_fine(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b")
    assert names(tmp_path) == []


def test_a_file_is_no_folder(report: VideoReport, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="not a folder that you may write to"):
        check_folder(tmp_path / "file" / "out")
    with pytest.raises(SettingsError, match="Nothing can be written to"):
        save_report(report, tmp_path / "file" / "out", "holiday")


def test_a_relative_folder_is_found_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_folder(Path("out"))
    (tmp_path / "out").touch()
    with pytest.raises(SettingsError):
        check_folder(Path("out"))
    assert names(tmp_path) == ["out"]
