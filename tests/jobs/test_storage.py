"""The folder of data: names, limits, a full disk, and results that appear whole."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from affect.errors import DiskFull, FolderUnusable, MediaTooLarge
from affect.jobs.storage import Storage
from tests.jobs.conftest import files_in


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.prepare()
    return storage


@pytest.fixture
def small_disk() -> Iterator[None]:
    """The system itself refuses to let files grow beyond 100 kB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.mp4", "video.mp4"),
        ("A.WEBM", "video.webm"),
        ("../../a", "video"),
        ("日本🎬.mov", "video.mov"),
        ("x" * 300 + ".mkv", "video.mkv"),
        ("a.mp4/../../../b", "video"),
        ("a:b", "video"),
        ("a\x00.mp4\x00", "video"),
        ("a.mp4\x00.html", "video"),
        ("", "video"),
    ],
)
def test_names_from_people_reach_no_path(storage: Storage, name: str, stored: str) -> None:
    video = storage.receive("0f", BytesIO(b"abc"), name, limit=3)
    assert video == storage.jobs / "0f" / stored == storage.video("0f")
    assert video.read_bytes() == b"abc"
    assert files_in(storage.jobs) == [video]


def test_one_content_is_one_file_that_lives_as_long_as_a_job_has_it(storage: Storage) -> None:
    def receive(job_id: str) -> Path:
        return storage.receive(job_id, BytesIO(b"abc"), f"{job_id}.mp4", limit=3)

    with ThreadPoolExecutor(4) as threads:
        videos = list(threads.map(receive, ["0a", "0b", "0c", "0d"]))
    other = storage.receive("0e", BytesIO(b"abd"), "a.mp4", limit=3)
    assert {video.stat().st_ino for video in videos} == {videos[0].stat().st_ino}
    assert not other.samefile(videos[0])
    for video in videos:
        assert video.read_bytes() == b"abc"
        storage.remove(video.parent.name)
    assert files_in(storage.jobs) == [other]


def test_a_job_removed_meanwhile_stops_no_upload(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.receive("0a", BytesIO(b"abc"), "a.mp4", limit=3)
    iterdir = Path.iterdir

    def removed_then(folder: Path) -> Iterator[Path]:
        found = list(iterdir(folder))
        if folder == storage.jobs:
            storage.remove("0a")
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", removed_then)
    video = storage.receive("0b", BytesIO(b"abc"), "b.mp4", limit=3)
    assert video.read_bytes() == b"abc"
    assert storage.video("0a") is None


def test_where_there_are_no_links_each_job_has_its_own_file(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    first, second = (
        storage.receive(job_id, BytesIO(b"abc"), "a.mp4", limit=3) for job_id in ("0a", "0b")
    )
    assert not first.samefile(second)
    assert sorted(files_in(storage.jobs)) == [first, second] and second.read_bytes() == b"abc"


def test_a_video_still_coming_in_is_not_shared(storage: Storage) -> None:
    """Its content goes on changing."""
    storage.folder("0a").mkdir()
    (storage.folder("0a") / "incoming").write_bytes(b"abc")
    video = storage.receive("0b", BytesIO(b"abc"), "a.mp4", limit=3)
    assert video.stat().st_nlink == 1


def test_one_byte_too_many_is_refused(storage: Storage) -> None:
    with pytest.raises(MediaTooLarge):
        storage.receive("0f", BytesIO(b"abcd"), "a.mp4", limit=3)


def test_a_disk_that_fills_up_while_writing(storage: Storage, small_disk: None) -> None:
    with pytest.raises(DiskFull):
        storage.receive("0f", BytesIO(bytes(200_000)), "a.mp4", limit=1_000_000)


def test_free_space_is_looked_at(storage: Storage) -> None:
    storage.check_free(1)
    with pytest.raises(DiskFull):
        storage.check_free(1 << 60)


def test_results_appear_whole_or_not_at_all(storage: Storage) -> None:
    storage.receive("0f", BytesIO(b"abc"), "a.mp4", limit=3)
    with storage.publish("0f") as folder:
        (folder / "report.json").write_text("old")
        assert not storage.results("0f").exists()
    assert (storage.results("0f") / "report.json").read_text() == "old"

    def broken_off() -> None:
        with storage.publish("0f") as folder:
            (folder / "report.json").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert [path.name for path in files_in(storage.folder("0f"))] == ["video.mp4", "report.json"]
    assert (storage.results("0f") / "report.json").read_text() == "old"
    with storage.publish("0f") as folder:
        (folder / "report.json").write_text("new")
    assert (storage.results("0f") / "report.json").read_text() == "new"


def test_a_full_disk_publishes_nothing(storage: Storage, small_disk: None) -> None:
    storage.folder("0f").mkdir()
    with pytest.raises(DiskFull), storage.publish("0f") as folder:
        (folder / "report.json").write_bytes(bytes(200_000))
    assert not files_in(storage.folder("0f"))


def test_removal_stops_whoever_still_writes(storage: Storage) -> None:
    storage.folder("0f").mkdir()
    with pytest.raises(FolderUnusable), storage.publish("0f") as folder:
        (folder / "report.json").write_text("{}")
        storage.remove("0f")
        (folder / "report.csv").write_text("")
    assert not list(storage.jobs.iterdir())
    storage.remove("0f")


def test_sweeping_leaves_only_the_known(storage: Storage) -> None:
    known, unknown = 32 * "a", 32 * "b"
    for name in (known, unknown, f"gone-{unknown}", "my-own"):
        (storage.jobs / name).mkdir()
        (storage.jobs / name / "video.mp4").touch()
    (storage.jobs / "letter.pdf").touch()
    storage.sweep({known})
    assert {path.name for path in storage.jobs.iterdir()} == {known, "my-own", "letter.pdf"}
