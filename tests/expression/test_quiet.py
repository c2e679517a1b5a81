"""What is dropped, and that only that is."""

from __future__ import annotations

import os
import threading

import pytest

from affect.expression.quiet import quiet


def test_it_drops_what_is_written_meanwhile(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(2, b"before ")
    with quiet():
        os.write(2, b"meanwhile ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_two_at_once_leave_it_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    first_is_in, second_is_done = threading.Event(), threading.Event()

    def second() -> None:
        first_is_in.wait(20)
        with quiet():
            pass
        second_is_done.set()

    thread = threading.Thread(target=second)
    thread.start()
    with quiet():
        first_is_in.set()
        assert not second_is_done.wait(0.2)  # it waits its turn
    thread.join(20)
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"
