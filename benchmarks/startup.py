"""How long a person waits for the first answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from meters import best_s

ROOT = Path(__file__).resolve().parent.parent


def help_s() -> float:
    """Seconds until the command line has answered."""
    command = [sys.executable, "-m", "affect", "--help"]
    (seconds,) = best_s(
        lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), repeats=5
    )
    return seconds


def first_page_s() -> float:
    """Seconds from the command to the first page."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, ROOT / "app.py", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            env=os.environ | {"AFFECT_DATA": folder},
        )
        try:
            while True:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/"):
                        return time.perf_counter() - start
                except URLError:
                    if server.poll() is not None:
                        raise
                    time.sleep(0.02)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
