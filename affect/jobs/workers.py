"""The processes that do the work: one of our own, or those of a Dask cluster.

Our own is a single process that nobody else can reach: loopback, ports chosen by the system,
TLS with a certificate made for this run, no pages. When it dies Dask starts another; when the
server dies it ends itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import dask
from distributed import Client, Future, LocalCluster, Nanny, Security, Status
from distributed.core import rpc

from affect.errors import SettingsError

MEMORY = "4GiB"
CONNECT_S = 5
QUIET: Final[dict[str, list[str]]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
# Some time after a worker died Dask looks whether another took its place, and ends the nanny that
# starts them if none did. Where two die one after the other it may look just while the second is
# being replaced, and nobody would work any more. A nanny that cannot start a worker ends by itself.
PATIENT: Final[dict[str, str]] = {"distributed.deploy.lost-worker-timeout": "1000 weeks"}


def connect(address: str) -> Client:
    """Reach a Dask cluster of others; close the client in the end.

    Raises:
        SettingsError: there is no cluster at the address.
    """
    try:
        # Of something else that listens there a client would wait for an answer for ever.
        asyncio.run(asyncio.wait_for(_ask(address), CONNECT_S))
        return _client(address)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"No Dask scheduler answers at {address}.",
            "Start it, or correct its address; it looks like tcp://192.0.2.1:8786.",
        ) from error


class Workers:
    """Connects on construction; close it in the end."""

    def __init__(self, scheduler: str | None, scratch: Path) -> None:
        """Start the own worker process, or reach the cluster at an address.

        Raises:
            SettingsError: there is no cluster at the address.
        """
        self._cluster = None if scheduler else _own_cluster(scratch)
        try:
            self._client = connect(scheduler) if scheduler else _client(self._cluster)
        except BaseException:
            self._end_own()
            raise
        self._warm: dict[str, Future] = {}
        self._warming = True

    @property
    def own(self) -> bool:
        """Whether the worker is ours alone, so that it may be killed and dies with us."""
        return self._cluster is not None

    def ready(self, warm_up: Callable[..., None], *arguments: str) -> int:
        """How many jobs can run at once; new workers are first warmed up and count from then.

        Raises:
            ConnectionError: the own worker died, and what would start another has ended too.
        """
        if self.own and not any(map(_is_open, self._nannies())):
            raise ConnectionError("the own worker is gone for good")
        threads: dict[str, int] = self._client.nthreads()
        for address in self._warm.keys() - threads.keys():
            # What kills workers while they warm up shall kill jobs, which say so in the end.
            self._warming &= self._warm.pop(address).status != "error"
        for address in threads.keys() - self._warm.keys() if self._warming else ():
            self._warm[address] = self._client.submit(
                warm_up, *arguments, workers=[address], pure=False, key=f"warm-up-{address}"
            )
        cold = {address for address, warm in self._warm.items() if not warm.done()}
        return sum(count for address, count in threads.items() if address not in cold)

    def submit(self, function: Callable[..., None], *arguments: object) -> Future:
        """Run a function once; its future ends with an error when the worker dies."""
        return self._client.submit(function, *arguments, pure=False, retries=0)

    def kill(self) -> None:
        """Kill the own worker, whatever it does; Dask replaces it. Others' workers are left."""
        for nanny in self._nannies():
            if nanny.pid is not None:
                os.kill(nanny.pid, signal.SIGKILL)

    def close(self) -> None:
        """Leave the cluster; the own one ends."""
        self._client.close()
        self._end_own()

    def _end_own(self) -> None:
        if self._cluster is not None:
            self._cluster.close()

    def _nannies(self) -> list[Nanny]:
        """What starts the own worker and starts it again."""
        return list(self._cluster.workers.values()) if self._cluster is not None else []


async def _ask(address: str) -> None:
    """Have a scheduler say who it is."""
    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT_S, connection_args=arguments) as scheduler:
        await scheduler.identity()


def _client(cluster: str | LocalCluster | None) -> Client:
    return Client(cluster, timeout=CONNECT_S, set_as_default=False)


def _is_open(nanny: Nanny) -> bool:
    return nanny.status not in (Status.closing, Status.closed, Status.failed)


def _own_cluster(scratch: Path) -> LocalCluster:
    dask.config.set(PATIENT)  # is read when a worker dies
    with dask.config.set(QUIET):
        return LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            memory_limit=MEMORY,
            local_directory=str(scratch),
            preload="affect.jobs.preload",
            scheduler_kwargs={"allowed_failures": 0},  # the ledger alone counts attempts
        )
