"""A worker's sign of life, also while nothing is heard of its work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from affect.contracts import AnalysisOptions, Progress
from affect.errors import AffectError, Cancelled, DiskFull, FolderUnusable
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.pulse import pulse
from affect.jobs.storage import Storage
from tests.jobs.conftest import await_that

HALF = Progress("Looking at faces", 5.0, 10.0, np.zeros((48, 48), np.uint8))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.prepare()
    storage.folder("a").mkdir()
    return storage


@pytest.fixture
def ledger(storage: Storage) -> Iterator[Ledger]:
    ledger = Ledger(storage.ledger)
    ledger.prepare("WAL")
    yield ledger
    ledger.close()


@pytest.fixture
def lease(ledger: Ledger) -> Lease:
    ledger.add("a", "film.mp4", AnalysisOptions(), keep_video=False)
    lease = ledger.claim("a")
    assert lease is not None
    return lease


def test_it_beats_while_nothing_is_told(ledger: Ledger, lease: Lease, storage: Storage) -> None:
    before = ledger.beats()["a"]
    with pulse(lease, ledger, storage):
        await_that(lambda: ledger.beats()["a"] >= before + 2)
    assert ledger.find(["a"])[0].stage == lease.job.stage


def test_it_beats_again_once_a_full_disk_has_room(
    ledger: Ledger, lease: Lease, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, beat = threading.Event(), ledger.beat

    def refused_once(*told: Any) -> bool:
        if not full.is_set():
            full.set()
            raise DiskFull("There is not enough room on the disk.")
        return beat(*told)

    monkeypatch.setattr(ledger, "beat", refused_once)
    before = ledger.beats()["a"]
    with pulse(lease, ledger, storage):
        await_that(lambda: ledger.beats()["a"] > before)
    assert full.is_set()


@pytest.mark.parametrize("refusal", [DiskFull, FolderUnusable])
def test_progress_that_cannot_be_told_stops_nothing(
    ledger: Ledger,
    lease: Lease,
    storage: Storage,
    monkeypatch: pytest.MonkeyPatch,
    refusal: type[AffectError],
) -> None:
    beat = ledger.beat

    def full(*_: Any) -> bool:
        raise refusal("It cannot be written.")

    with pulse(lease, ledger, storage) as on_progress:
        monkeypatch.setattr(ledger, "beat", full)
        on_progress(HALF)
        monkeypatch.setattr(ledger, "beat", beat)
        await_that(lambda: ledger.find(["a"])[0].done_s == HALF.done_s)


def test_it_stands_still_when_nothing_is_told_for_long(
    ledger: Ledger, lease: Lease, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("affect.jobs.pulse.SILENCE_S", 1.0)
    with pulse(lease, ledger, storage):
        await_that(lambda: not beating())


def test_it_goes_on_with_what_was_told_last(ledger: Ledger, lease: Lease, storage: Storage) -> None:
    with pulse(lease, ledger, storage) as on_progress:
        on_progress(HALF)
        before = ledger.beats()["a"]
        assert storage.face("a").read_bytes().startswith(b"\x89PNG")
        await_that(lambda: ledger.beats()["a"] > before)
        job = ledger.find(["a"])[0]
        assert (job.stage, job.done_s, job.total_s) == ("Looking at faces", 5.0, 10.0)


def test_the_loss_of_the_lease_ends_the_work(
    ledger: Ledger, lease: Lease, storage: Storage
) -> None:
    with pulse(lease, ledger, storage) as on_progress:
        on_progress(HALF)
        ledger.cancel("a")
        # The thread finds out by itself, and ends.
        await_that(lambda: not beating())
        storage.face("a").unlink()
        with pytest.raises(Cancelled):
            on_progress(HALF)
        assert not storage.face("a").exists()


def test_it_ends_with_the_work(ledger: Ledger, lease: Lease, storage: Storage) -> None:
    with pytest.raises(ValueError, match="wrong"), pulse(lease, ledger, storage):
        assert beating()
        raise ValueError("wrong")
    assert not beating()


def beating() -> bool:
    return any(thread.name == "pulse" for thread in threading.enumerate())
