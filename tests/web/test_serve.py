"""The server as it is started: soon there, alone in its folder, gone when told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from affect.errors import SettingsError
from affect.jobs import Jobs
from affect.settings import Settings
from affect.web.serve import serve

ROOT = Path(__file__).resolve().parents[2]
# The limits below are for a machine with nothing else to do. Tests run on busy ones too, so they
# forgive three times as much: they catch a start that has become slow, and measure nothing.
SLACK = 3


@contextmanager
def started(data: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """`python app.py`, the address it says, and the seconds until its first page came."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        env=os.environ | {"AFFECT_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Affect is at http://"), line
        address = line.split()[-1]
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.status == 200
        yield process, address, time.monotonic() - begin
    finally:
        process.kill()
        process.communicate(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_comes_soon_and_goes_when_told(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, "--port", str(port)) as (process, address, seconds):
        assert address == f"http://127.0.0.1:{port}"
        assert seconds < 3 * SLACK
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert psutil.wait_procs(family, timeout=20)[1] == []
    # The folder is free again.
    Jobs(Settings(data=tmp_path)).stop()


@pytest.mark.parametrize("starting", [True, False])
def test_ctrl_c_again_and_again_ends_it_without_a_fuss(tmp_path: Path, starting: bool) -> None:
    """As from a terminal, which tells the server and its worker; also while that one starts."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--port", str(free_port())],
        env=os.environ | {"AFFECT_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout and "Affect is at" in process.stdout.readline()
        server = psutil.Process(process.pid)
        while not starting and not server.children():
            assert process.poll() is None
            time.sleep(0.05)
        while process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in told and "Error" not in told
    finally:
        process.kill()


def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started(tmp_path, "--port", str(port)) as (_, address, _):
            assert int(address.rsplit(":", 1)[1]) > port


def test_help_is_instant_and_tells_the_options() -> None:
    begin = time.monotonic()
    told = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert time.monotonic() - begin < 0.5 * SLACK
    assert "--host" in told.stdout
    assert "--port" in told.stdout


def refusal(data: Path) -> str:
    """What `python app.py` says when it does not start: a sentence, and status 1."""
    refused = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env=os.environ | {"AFFECT_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    return refused.stderr


def test_a_second_server_on_the_same_folder_says_why_not(tmp_path: Path) -> None:
    jobs = Jobs(Settings(data=tmp_path))
    told = refusal(tmp_path)
    jobs.stop()
    assert "Another server" in told


def test_a_foreign_address_cannot_be_served(tmp_path: Path) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.raises(SettingsError, match="cannot be served"):
        serve(Settings(data=tmp_path, host="203.0.113.7"))
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("name", "make"), [("incoming", Path.touch), ("secret.key", Path.mkdir)])
def test_what_stands_in_the_way_is_named(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    told = refusal(tmp_path)
    assert "cannot be used" in told and name in told


WEB_WITHOUT_MODEL = """
import io, json, sys
from pathlib import Path
from affect.jobs import Jobs
from affect.settings import Settings
from affect.web import serve
from affect.web.application import create_app
settings = Settings(data=Path(sys.argv[1]))
jobs = Jobs(settings)
client = create_app(settings, jobs).test_client()
video = Path(sys.argv[2]).read_bytes()
page = client.get("/").status_code
sent = client.post("/api/v1/jobs", data={"file": (io.BytesIO(video), "a.mp4")}).status_code
jobs.stop()
heavy = [name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules]
print(json.dumps([page, sent, heavy]))
"""


def test_the_web_process_never_loads_the_model(tmp_path: Path) -> None:
    example = ROOT / "static" / "example.mp4"
    told = subprocess.run(
        [sys.executable, "-c", WEB_WITHOUT_MODEL, str(tmp_path), str(example)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=120,
    )
    assert json.loads(told.stdout) == [200, 202, []]
