"""The front door: what is taken, what is refused, and that refusal leaves nothing."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO, RawIOBase
from pathlib import Path
from types import SimpleNamespace

import pytest

from affect.contracts import AnalysisOptions
from affect.errors import (
    DiskFull,
    FolderUnusable,
    JobNotFinished,
    JobNotFound,
    MediaError,
    MediaTooLarge,
    QueueFull,
    SettingsError,
)
from affect.jobs import Jobs, State
from affect.jobs.ledger import Ledger
from affect.settings import Settings
from tests.jobs.conftest import BRIEF, files_in, opened, send


def is_empty(settings: Settings) -> bool:
    """No row and no file of any job."""
    ledger = Ledger(settings.data / "ledger.sqlite")
    rows = ledger.all()
    ledger.close()
    return not rows and not list((settings.data / "jobs").iterdir())


def test_a_video_is_taken_and_waits(idle: Jobs, brief_video: bytes, settings: Settings) -> None:
    options = AnalysisOptions(rate=3.0, view="seven", head="fer2013")
    job = idle.submit(BytesIO(brief_video), "../me\x00\n<b>.mp4", options, keep_video=True)
    assert (job.state, job.name, job.options) == (State.QUEUED, "me<b>.mp4", options)
    assert len(job.id) == 32 and int(job.id, 16).bit_length() <= 128
    assert idle.get(job.id) == job
    assert (settings.data / "jobs" / job.id / "video.mp4").read_bytes() == brief_video
    assert idle.thumbnail(job.id) is None and idle.video(job.id) is None
    with pytest.raises(JobNotFinished):
        idle.results(job.id)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("日本🎬.mp4", "日本🎬.mp4"),
        ("C:\\me\\a.mp4", "a.mp4"),
        ("x" * 300, "x" * 255),
        ("\x00", "video"),
        ("a/", "video"),
        (" ", "video"),
        ("..", "video"),
        ("\udcff.mp4", ".mp4"),
    ],
)
def test_names_are_fit_to_be_shown(idle: Jobs, brief_video: bytes, given: str, shown: str) -> None:
    job = idle.submit(BytesIO(brief_video), given, BRIEF, keep_video=False)
    assert idle.get(job.id).name == shown


def test_the_same_video_twice_is_two_jobs_and_one_file(
    idle: Jobs, brief_video: bytes, settings: Settings
) -> None:
    first, second = send(idle, brief_video), send(idle, brief_video)
    assert [job.id for job in idle.find([first.id, "nonsense", second.id])] == [
        second.id,
        first.id,
    ]
    videos = files_in(settings.data / "jobs")
    assert len(videos) == 2 and videos[0].samefile(videos[1])
    idle.delete(first.id)
    assert idle.get(second.id) == second
    (left,) = files_in(settings.data / "jobs")
    assert left.parent.name == second.id and left.read_bytes() == brief_video
    idle.delete(second.id)
    assert is_empty(settings)


@pytest.mark.parametrize("content", [b"", b"text, no video", bytes(range(256)) * 40])
def test_no_video_leaves_nothing(idle: Jobs, settings: Settings, content: bytes) -> None:
    with pytest.raises(MediaError):
        send(idle, content)
    assert is_empty(settings)


def test_too_large_leaves_nothing(idle: Jobs, settings: Settings) -> None:
    with pytest.raises(MediaTooLarge) as refused:
        send(idle, bytes(settings.limits.max_bytes + 1))
    assert refused.value.code == "media-too-large"
    with pytest.raises(MediaTooLarge):
        idle.check_room(10 * settings.limits.max_bytes)
    assert is_empty(settings)


def test_a_dropped_connection_leaves_nothing(
    idle: Jobs, settings: Settings, brief_video: bytes
) -> None:
    class Dropped(RawIOBase):
        def __init__(self) -> None:
            self.pieces = iter([brief_video])

        def read(self, size: int = -1) -> bytes:
            for piece in self.pieces:
                return piece
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        idle.submit(Dropped(), "me.mp4", BRIEF, keep_video=False)
    assert is_empty(settings)
    idle.check_room(None)


def test_room_is_asked_for_what_comes_not_for_the_largest(
    idle: Jobs, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For its body on the way, its form and the video: the results take less than is freed."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    idle.check_room(1_000_000)
    for length in (1_000_001, None):
        with pytest.raises(DiskFull):
            idle.check_room(length)


def test_many_at_once_never_exceed_the_queue(
    idle: Jobs, settings: Settings, brief_video: bytes
) -> None:
    def try_to_send(_: int) -> bool:
        try:
            send(idle, brief_video)
        except QueueFull:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(try_to_send, range(8)))
    assert sum(taken) == settings.max_waiting
    assert len(files_in(settings.data / "jobs")) == settings.max_waiting
    with pytest.raises(QueueFull):
        idle.check_room(None)


def test_cancelling_frees_the_place_and_the_disk(
    idle: Jobs, settings: Settings, brief_video: bytes
) -> None:
    ids = [send(idle, brief_video).id for _ in range(settings.max_waiting)]
    job = idle.cancel(ids[0])
    assert job.state is State.CANCELLED and job.finished and not job.has_results
    assert idle.cancel(ids[0]) == job
    assert not (settings.data / "jobs" / ids[0]).exists()
    with pytest.raises(JobNotFinished):
        idle.results(ids[0])
    idle.check_room(None)
    send(idle, brief_video)


def test_deleted_unknown_and_malformed_ids_look_the_same(
    idle: Jobs, settings: Settings, brief_video: bytes
) -> None:
    job = send(idle, brief_video)
    idle.delete(job.id)
    assert is_empty(settings)
    sentences = set()
    for job_id in (job.id, "0" * 32, "", "../" * 9, "\x00", "\udcff", "x" * 10_000, job.id + "\n"):
        for ask in (idle.get, idle.cancel, idle.delete, idle.results, idle.video, idle.thumbnail):
            with pytest.raises(JobNotFound) as error:
                ask(job_id)
            sentences.add(str(error.value))
    assert len(sentences) == 1
    assert idle.find(["\udcff", job.id]) == ()


def test_what_cannot_be_removed_can_be_deleted_later(
    idle: Jobs, settings: Settings, brief_video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(idle, brief_video)

    def refuse(_: object, __: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched, pytest.raises(FolderUnusable):
        patched.setattr(Path, "rename", refuse)
        idle.delete(job.id)
    assert idle.get(job.id).state is State.CANCELLED
    idle.delete(job.id)
    assert is_empty(settings)


@pytest.mark.parametrize("end", ["delete", "cancel"])
def test_what_only_goes_in_part_goes_the_next_time(
    idle: Jobs, settings: Settings, brief_video: bytes, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    job = send(idle, brief_video)
    for _ in range(2):
        with monkeypatch.context() as patched, pytest.raises(FolderUnusable, match="everything"):
            patched.setattr(shutil, "rmtree", lambda *_, **__: None)
            getattr(idle, end)(job.id)
        assert idle.get(job.id).state is State.CANCELLED
        assert (settings.data / "jobs" / job.id).exists()
    getattr(idle, end)(job.id)
    assert not list((settings.data / "jobs").iterdir())


def test_a_deletion_that_was_broken_off_is_ended_at_the_next_start(
    settings: Settings, brief_video: bytes
) -> None:
    """The results went, and the video did not."""
    with opened(settings) as jobs:
        job = send(jobs, brief_video)
        lease = jobs._ledger.claim(job.id)
        assert lease is not None and jobs._ledger.succeed(lease, None, partial=False)
    with opened(settings) as jobs, pytest.raises(JobNotFound):
        jobs.get(job.id)
    assert is_empty(settings)


def test_a_second_server_is_refused_and_touches_nothing(idle: Jobs, settings: Settings) -> None:
    work = settings.data / ".affect-scratch" / "work"
    work.mkdir(parents=True)
    with pytest.raises(SettingsError, match="Another server"):
        Jobs(settings)
    assert work.exists()


def test_a_damaged_ledger_is_refused(settings: Settings) -> None:
    settings.data.mkdir()
    ledger = settings.data / "ledger.sqlite"
    ledger.write_bytes(b"no database" * 500)
    for _ in range(2):  # the first attempt leaves the folder to the second
        with pytest.raises(SettingsError, match=r"ledger.*damaged"):
            Jobs(settings)
    assert ledger.read_bytes() == b"no database" * 500


def test_a_ledger_of_another_version_is_refused(settings: Settings) -> None:
    settings.data.mkdir()
    with closing(sqlite3.connect(settings.data / "ledger.sqlite")) as ledger:
        ledger.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY)")
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"ledger.*of another version"):
            Jobs(settings)


def test_a_ledger_that_cannot_be_opened_is_not_called_damaged(settings: Settings) -> None:
    (settings.data / "ledger.sqlite").mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"ledger.*cannot be written"):
        Jobs(settings)


def test_a_full_disk_is_no_damaged_ledger(settings: Settings) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(SettingsError, match=r"ledger.*cannot be written"):
            Jobs(settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (settings.data / "ballast").exists()
    Jobs(settings).stop()
    assert (settings.data / "ballast").stat().st_size == 1 << 20


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be used"):
        Jobs(Settings(data=tmp_path / "file" / "data"))


def test_leftovers_of_a_dead_server_go_at_start(settings: Settings, brief_video: bytes) -> None:
    with opened(settings) as jobs:
        kept, cancelled = send(jobs, brief_video), send(jobs, brief_video)
        jobs.cancel(cancelled.id)
    for name in (cancelled.id, "f" * 32):  # as if it had died in the middle of it
        (settings.data / "jobs" / name).mkdir()
        (settings.data / "jobs" / name / "video.mp4").touch()
    with opened(settings) as jobs:
        assert [path.name for path in (settings.data / "jobs").iterdir()] == [kept.id]
        assert jobs.get(kept.id) == kept


def test_nothing_heavy_is_imported() -> None:
    """The first page must not wait for what only workers need."""
    code = "import affect.jobs, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=120
    )
    loaded = set(done.stdout.split())
    assert "affect.jobs.service" in loaded
    assert not loaded & {
        "tensorflow",
        "keras",
        "distributed",
        "dask",
        "matplotlib",
        "affect.report",
    }


def test_the_logs_hold_no_names(
    idle: Jobs, brief_video: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    job = idle.submit(BytesIO(brief_video), "secret.mp4", BRIEF, keep_video=False)
    idle.delete(job.id)
    assert job.id in caplog.text
    assert "secret" not in caplog.text and "/" not in caplog.text


def test_the_ballast_gives_way_before_a_job_does(
    idle: Jobs, brief_video: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(idle, brief_video)
    cancel, ballast = idle._ledger.cancel, settings.data / "ballast"

    def full_until_something_is_freed(job_id: str) -> bool:
        if ballast.exists():
            raise DiskFull("There is not enough room on the disk.")
        assert (settings.data / "jobs" / job_id).exists()
        return cancel(job_id)

    monkeypatch.setattr(idle._ledger, "cancel", full_until_something_is_freed)
    idle.cancel(job.id)
    assert idle.get(job.id).state is State.CANCELLED


@pytest.mark.parametrize("end", ["delete", "cancel"])
def test_a_full_ledger_does_not_keep_what_fills_the_disk(
    idle: Jobs, brief_video: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    job = idle.submit(BytesIO(brief_video), "a.mp4", BRIEF, keep_video=False)
    change = getattr(idle._ledger, end)

    def full_until_something_is_freed(job_id: str) -> bool:
        if list((settings.data / "jobs").iterdir()):
            raise DiskFull("There is not enough room on the disk.")
        return bool(change(job_id))

    monkeypatch.setattr(idle._ledger, end, full_until_something_is_freed)
    getattr(idle, end)(job.id)
    assert not list((settings.data / "jobs").iterdir())
    assert [known.state for known in idle.find([job.id])] == (
        [] if end == "delete" else [State.CANCELLED]
    )
