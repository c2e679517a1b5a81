"""Checks that hang are ended with all they started, and tried once more; others are not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

PATIENT = Path(__file__).resolve().parent.parent / ".ci" / "patient.py"
# Leaves a process of a session of its own that holds the output open.
LEAVES_ONE = """
    import subprocess, sys
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    print("left", left.pid, flush=True)
"""


def patiently(code: str, minutes: float = 1) -> tuple[int, list[str]]:
    """Exit status and lines of output of a program run so."""
    command = [sys.executable, PATIENT, str(minutes), sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120)
    return done.returncode, done.stdout.splitlines()


def test_what_hangs_is_ended_with_all_it_started_and_tried_once_more() -> None:
    status, lines = patiently(LEAVES_ONE + "    import time; time.sleep(600)", minutes=0.05)
    assert status == 124
    left = [int(line.split()[1]) for line in lines if line.startswith("left")]
    assert len(left) == 2
    assert not any(psutil.pid_exists(pid) for pid in left)
    assert lines[-1] == "It hung, attempt 2 of 2."


def test_a_test_that_hangs_counts_as_hanging(tmp_path: Path) -> None:
    hanging = tmp_path / "test_it.py"
    hanging.write_text(
        textwrap.dedent(
            """
            import pathlib, time
            def test_it():
                tried = pathlib.Path(__file__).with_name("tried")
                if tried.exists():
                    return
                tried.touch()
                try:
                    time.sleep(600)
                finally:
                    time.sleep(600)
            """
        )
    )
    options = [str(hanging), "--timeout=2", "--timeout-method=thread", "-p", "no:cacheprovider"]
    status, lines = patiently(f"import sys, pytest; sys.exit(pytest.main({options}))")
    assert status == 0
    assert "It hung, attempt 1 of 2." in lines


@pytest.mark.parametrize("status", [0, 2])
def test_what_ends_is_not_tried_again_and_leaves_nothing(status: int) -> None:
    told, lines = patiently(LEAVES_ONE + f"    sys.exit({status})")
    assert told == status
    (line,) = lines
    assert not psutil.pid_exists(int(line.split()[1]))
