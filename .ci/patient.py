"""Run a command and end it, with all it started, when it hangs; then try it once more.

    python .ci/patient.py MINUTES COMMAND…

The tests drive a browser, which may hang where no test can end it. It hangs when the minutes are
over, or when pytest-timeout says so. What fails is not tried again. The exit status is the last
run's, 124 when it hung.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

import psutil

ATTEMPTS = 2
GRACE_S = 10
HUNG = 124  # as timeout(1) has it
# What pytest-timeout writes before it ends the run.
SAID = b"+ Timeout +"
PR_SET_CHILD_SUBREAPER = 36


def run(minutes: float, command: list[str]) -> int:
    """One run; nothing of it is left when this returns."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = threading.Event()
    reader = threading.Thread(target=_pass_on, args=(process.stdout, said), daemon=True)
    reader.start()
    try:
        status = process.wait(60 * minutes)
    except subprocess.TimeoutExpired:
        status = HUNG
    _kill_the_rest()
    reader.join(GRACE_S)
    return HUNG if said.is_set() else status


def _kill_the_rest() -> None:
    """What outlives its parent has become ours, so it is found here."""
    while left := psutil.Process().children(recursive=True):
        for child in left:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        if psutil.wait_procs(left, GRACE_S)[1]:
            return  # not even the system gets rid of it


def _pass_on(output: IO[bytes], said: threading.Event) -> None:
    with output:
        for line in output:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            if SAID in line:
                said.set()


def main() -> int:
    """Run it until it does not hang."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for attempt in range(1, ATTEMPTS + 1):
        status = run(float(sys.argv[1]), sys.argv[2:])
        if status != HUNG:
            break
        print(f"It hung, attempt {attempt} of {ATTEMPTS}.", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
