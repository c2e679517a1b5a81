"""What a worker does before its first job, and what it says of its jobs."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from affect.contracts import Limits, VideoReport
from affect.errors import AffectError, DiskFull
from affect.jobs import Jobs, State
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.run import run_job, warm_up
from affect.report import write
from affect.settings import Settings
from tests.jobs.conftest import BRIEF


def test_a_missing_model_is_one_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("affect.expression.model.folder", lambda _: tmp_path)
    with caplog.at_level(logging.INFO):
        warm_up("a head never loaded before", "onnx")
    (line,) = caplog.records
    assert "card is missing" in line.getMessage() and line.exc_info is None


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (lambda video: video, State.SUCCEEDED),
        (lambda video: video[: len(video) * 2 // 3], State.PARTIAL),
        (lambda video: video[: len(video) // 3] + bytes(len(video) // 3), State.PARTIAL),
        (None, State.FAILED),
    ],
    ids=["good", "cut", "damaged", "gone"],
)
def test_the_log_of_a_job_holds_no_name_no_path_and_no_address(
    idle: Jobs,
    settings: Settings,
    index_first_video: bytes,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[bytes], bytes] | None,
    state: State,
) -> None:
    caplog.set_level(logging.INFO)
    video = spoil(index_first_video) if spoil else index_first_video
    job = idle.submit(BytesIO(video), "my secret.mp4", BRIEF, keep_video=False)
    if spoil is None:
        for path in (settings.data / "jobs" / job.id).iterdir():
            path.unlink()
    run_job(job.id, settings.data, Limits(), "onnx")
    assert idle.get(job.id).state is state
    idle.delete(job.id)
    told = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert any(job.id in record.getMessage() for record in told)
    text = "\n".join(logging.Formatter().format(record) for record in told)
    assert not re.search(r"secret|video\.mp4|/|127\.0\.0\.1", text), text


def test_a_job_is_done_without_tensorflow(
    idle: Jobs, settings: Settings, brief_video: bytes
) -> None:
    job = idle.submit(BytesIO(brief_video), "me.mp4", BRIEF, keep_video=False)
    code = (
        "import sys; from pathlib import Path; from affect.contracts import Limits\n"
        "from affect.jobs.run import run_job, warm_up\n"
        "data, job = Path(sys.argv[1]), sys.argv[2]\n"
        "warm_up('ferplus', 'onnx'); run_job(job, data, Limits(), 'onnx')\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.data), job.id],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "set()\n", done.stderr
    assert idle.get(job.id).state is State.SUCCEEDED


def test_a_job_ends_although_the_disk_is_too_full_to_say_so(
    idle: Jobs, settings: Settings, brief_video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = idle.submit(BytesIO(brief_video), "me.mp4", BRIEF, keep_video=True)
    here, fail = settings.data / "jobs" / job.id, Ledger.fail

    def full(*_: object, **__: object) -> None:
        raise DiskFull("There is not enough room on the disk.")

    def full_until_something_is_freed(ledger: Ledger, lease: Lease, error: AffectError) -> bool:
        return full() if here.exists() else fail(ledger, lease, error)

    monkeypatch.setattr(Ledger, "succeed", full)
    monkeypatch.setattr(Ledger, "fail", full_until_something_is_freed)
    run_job(job.id, settings.data, Limits(), "onnx")
    ended = idle.get(job.id)
    assert (ended.state, ended.error_code) == (State.FAILED, DiskFull.code)
    assert not here.exists()


def test_a_job_deleted_while_its_report_is_written_is_no_error(
    idle: Jobs,
    settings: Settings,
    brief_video: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = idle.submit(BytesIO(brief_video), "me.mp4", BRIEF, keep_video=False)

    def deleted_first(report: VideoReport, folder: Path) -> None:
        idle.delete(job.id)
        write(report, folder)

    monkeypatch.setattr("affect.jobs.run.write", deleted_first)
    with caplog.at_level(logging.INFO):
        run_job(job.id, settings.data, Limits(), "onnx")
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
    assert not list((settings.data / "jobs").iterdir())
