"""Our own worker process: who may speak to it, and what ends it."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import dask
import psutil
import pytest
from distributed import Client, Security
from distributed.scheduler import KilledWorker

from affect.jobs import workers as workers_module
from affect.jobs.workers import Workers
from tests.jobs.conftest import await_that, workers_of

MOST_MIB = 700


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """They must not heed how long Dask waits for a lost worker before it ends what replaces it."""
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(workers_module, "MEMORY", f"{MOST_MIB}MiB")
        workers = Workers(None, tmp_path_factory.mktemp("scratch"))
        yield workers
        workers.close()


def address_of(workers: Workers) -> str:
    assert workers._cluster is not None
    return str(workers._cluster.scheduler_address)


def test_all_is_said_in_tls(workers: Workers) -> None:
    address = address_of(workers)
    assert address.startswith("tls://127.0.0.1:")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(address.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain) as wrapped,
    ):
        assert wrapped.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_who_has_not_this_run_s_certificate_is_not_let_in(workers: Workers, scheme: str) -> None:
    address = address_of(workers).replace("tls://", f"{scheme}://")
    security = Security.temporary() if scheme == "tls" else None
    with pytest.raises(OSError, match=r"certificate does not match|Connection reset"):
        Client(address, security=security, timeout=3, set_as_default=False)


def test_ctrl_c_in_the_terminal_is_left_to_the_server(workers: Workers) -> None:
    assert workers._cluster is not None
    (nanny,) = workers._cluster.workers.values()
    assert nanny.pid is not None
    worker = workers.submit(os.getpid).result(timeout=60)
    os.kill(worker, signal.SIGINT)
    assert workers.submit(os.getpid).result(timeout=60) == worker


def take_memory(mib: int) -> None:
    """Far too much, and keep it; who waits to be killed needs no end."""
    taken = [bytearray(b"x" * 2**20) for _ in range(mib)]
    threading.Event().wait(120)
    del taken


def test_a_worker_that_takes_too_much_memory_is_ended_and_replaced(workers: Workers) -> None:
    """By Dask's nanny; its job is given up like any other whose worker was killed."""
    (before,) = (nanny.pid for nanny in workers._cluster.workers.values())
    hungry = workers.submit(take_memory, 2 * MOST_MIB)
    assert isinstance(hungry.exception(timeout=120), KilledWorker)
    await_that(lambda: not psutil.pid_exists(before))
    assert workers.submit(abs, -7).result(timeout=120) == 7
    (after,) = (nanny.pid for nanny in workers._cluster.workers.values())
    assert after != before


def test_workers_that_cannot_be_reached_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or each new try of the engine would leave some more behind."""
    before = workers_of(os.getpid())

    def refused(_: object) -> None:
        raise OSError("timed out")

    monkeypatch.setattr(workers_module, "_client", refused)
    with pytest.raises(OSError, match="timed out"):
        Workers(None, tmp_path)
    assert workers_of(os.getpid()) == before
