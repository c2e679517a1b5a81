"""The ledger: who may change what, and that it forgets on request."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from affect.contracts import AnalysisOptions, Progress
from affect.errors import UnreadableMedia
from affect.jobs.job import State
from affect.jobs.ledger import Lease, Ledger
from affect.jobs.table import Row

HALF = Progress("Looking at faces", 5.0, 10.0, None)
OPTIONS = AnalysisOptions(rate=2.0, view="seven", head="fer2013")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "a ledger? 100%.sqlite")
    ledger.prepare("WAL")
    yield ledger
    ledger.close()


def add(ledger: Ledger, *job_ids: str) -> None:
    for job_id in job_ids:
        ledger.add(job_id, "film.mp4", OPTIONS, keep_video=True)


def claim(ledger: Ledger, job_id: str) -> Lease:
    lease = ledger.claim(job_id)
    assert lease is not None
    return lease


def state(ledger: Ledger, job_id: str) -> State:
    return ledger.find([job_id])[0].state


def test_a_job_is_told_as_it_was_entered(ledger: Ledger) -> None:
    before = time.time()
    job = ledger.add("a", "film.mp4", OPTIONS, keep_video=True)
    assert ledger.find(["a"]) == (job,)
    assert (job.name, job.options, job.keep_video) == ("film.mp4", OPTIONS, True)
    assert (job.state, job.attempts, job.percent) == (State.QUEUED, 0, 0)
    assert job.created_at.utcoffset() is not None
    assert before - 1 <= job.created_at.timestamp() <= time.time()


def test_who_waits_is_told_for_what(ledger: Ledger) -> None:
    add(ledger, "runs", "waits")
    claim(ledger, "runs")
    ledger.tell_waiting("No cluster answers.")
    assert {job.id: job.stage for job in ledger.find(["runs", "waits"])} == {
        "runs": "Loading the model",
        "waits": "No cluster answers.",
    }
    ledger.tell_waiting(None)
    assert ledger.find(["waits"])[0].stage is None


def test_a_job_goes_from_queue_to_success(ledger: Ledger) -> None:
    add(ledger, "a")
    lease = claim(ledger, "a")
    assert (lease.job.state, lease.job.attempts) == (State.RUNNING, 1)
    assert ledger.beat(lease, HALF, elapsed_s=3.0)
    (job,) = ledger.find(["a"])
    assert (job.percent, job.remaining_s, job.stage) == (50, 3.0, "Looking at faces")
    assert ledger.succeed(lease, "happy", partial=False)
    (job,) = ledger.find(["a"])
    assert (job.state, job.dominant, job.percent) == (State.SUCCEEDED, "happy", 100)
    assert job.finished_at is not None and job.started_at is not None


def test_a_job_fails_with_its_reason(ledger: Ledger) -> None:
    add(ledger, "a")
    assert ledger.fail(claim(ledger, "a"), UnreadableMedia("It is broken.", "Mend it."))
    (job,) = ledger.find(["a"])
    assert job.state is State.FAILED and not job.has_results
    assert (job.error_code, job.error_sentence, job.error_advice) == (
        "media-unreadable",
        "It is broken.",
        "Mend it.",
    )


def test_one_of_many_workers_gets_the_lease(ledger: Ledger) -> None:
    add(ledger, "a")
    with ThreadPoolExecutor(8) as threads:
        leases = list(threads.map(lambda _: ledger.claim("a"), range(8)))
    assert sum(lease is not None for lease in leases) == 1
    assert ledger.find(["a"])[0].attempts == 1


@pytest.mark.parametrize("taken_by", ["cancel", "delete", "give_up", "release", "again"])
def test_without_its_lease_a_worker_is_not_heard(ledger: Ledger, taken_by: str) -> None:
    add(ledger, "a")
    lease = claim(ledger, "a")
    match taken_by:
        case "cancel":
            ledger.cancel("a")
        case "delete":
            ledger.delete("a")
        case "give_up":
            ledger.give_up("a", attempts=3)
        case "release":
            ledger.release()
        case "again":
            ledger.give_up("a", attempts=3)
            claim(ledger, "a")
    before = ledger.all()
    assert not ledger.beat(lease, HALF, 1.0)
    assert not ledger.succeed(lease, None, partial=True)
    assert not ledger.fail(lease, UnreadableMedia("It is broken."))
    assert ledger.all() == before


def test_a_job_is_tried_so_often_and_then_fails(ledger: Ledger) -> None:
    add(ledger, "a")
    for attempt in (1, 2):
        assert claim(ledger, "a").job.attempts == attempt
        ledger.give_up("a", attempts=3)
        assert state(ledger, "a") is State.QUEUED
    claim(ledger, "a")
    ledger.give_up("a", attempts=3)
    (job,) = ledger.find(["a"])
    assert (job.state, job.attempts) == (State.FAILED, 3)
    assert job.error_sentence is not None and "3 times" in job.error_sentence


def test_what_another_begins_meanwhile_is_not_given_up(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ledger, "a")
    claim(ledger, "a")
    change = ledger._change

    def then_begun(*what: Any) -> bool:
        changed = change(*what)
        ledger.claim("a")
        return changed

    monkeypatch.setattr(ledger, "_change", then_begun)
    ledger.give_up("a", attempts=2)
    (job,) = ledger.find(["a"])
    assert (job.state, job.attempts) == (State.RUNNING, 2)


def test_giving_up_touches_only_what_runs(ledger: Ledger) -> None:
    add(ledger, "waits", "done")
    ledger.succeed(claim(ledger, "done"), None, partial=False)
    before = ledger.all()
    ledger.give_up("waits", attempts=1)
    ledger.give_up("done", attempts=1)
    assert ledger.all() == before


def test_stopping_in_order_counts_no_attempt(ledger: Ledger) -> None:
    add(ledger, "a")
    claim(ledger, "a")
    ledger.release()
    (job,) = ledger.find(["a"])
    assert (job.state, job.attempts, job.started_at) == (State.QUEUED, 0, None)


def test_what_has_ended_is_not_cancelled(ledger: Ledger) -> None:
    add(ledger, "a")
    ledger.succeed(claim(ledger, "a"), None, partial=True)
    assert not ledger.cancel("a")
    assert state(ledger, "a") is State.PARTIAL


def test_order_is_that_of_coming_whatever_the_clock_says(ledger: Ledger) -> None:
    add(ledger, "first", "second")
    with ledger._session.begin() as session:  # the clock went back between the two
        session.execute(update(Row).where(Row.id == "second").values(created_at=5.0))
    assert ledger.due() == ("first", "second")
    assert [job.id for job in ledger.find(["first", "second", "none"])] == ["second", "first"]


def test_the_old_expire_and_the_future_counts_from_now(ledger: Ledger) -> None:
    add(ledger, "old", "new", "future")
    now = time.time()
    with ledger._session.begin() as session:
        session.execute(update(Row).where(Row.id == "old").values(created_at=now - 3601))
        session.execute(update(Row).where(Row.id == "future").values(created_at=now + 1e9))
    assert ledger.expired(keep_s=3600) == ("old",)
    (future,) = ledger.find(["future"])
    assert future.created_at.timestamp() <= time.time()


def test_delete_leaves_no_trace_in_any_file(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add("a", "very private name.mp4", OPTIONS, keep_video=False)
    claim(ledger, "a")
    assert any(b"very private" in path.read_bytes() for path in tmp_path.iterdir())
    assert ledger.delete("a")
    assert not any(b"very private" in path.read_bytes() for path in tmp_path.iterdir())
    assert not ledger.delete("a")


def test_it_outlives_its_process(ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, "a")
    ledger.close()
    (path,) = tmp_path.glob("*.sqlite")
    again = Ledger(path)
    again.prepare("DELETE")
    assert again.due() == ("a",)
    again.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
