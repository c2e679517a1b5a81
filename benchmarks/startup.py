"""How long a person waits for the first answer."""

from __future__ import annotations

import os
import shutil
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


def installed_first_page_s() -> float:
    """As `first_page_s`, of a copy that is installed from its wheel, the second start of two.

    What it needs comes from this environment.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "app.py", folder)
        build = ["build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
        install = ["pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder]
        subprocess.run([sys.executable, "-m", *build], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([sys.executable, "-m", *install, *folder.glob("*.whl")], check=True)
        first_page_s(folder)
        return first_page_s(folder)


def first_page_s(place: Path = ROOT) -> float:
    """Seconds from the command to the first page, of the copy that lies at a place."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=place,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"AFFECT_DATA": folder, "PYTHONPATH": str(place)},
        )
        try:
            while True:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/", timeout=30):
                        return time.perf_counter() - start
                except URLError:
                    if server.poll() is not None:
                        raise
                    time.sleep(0.02)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
