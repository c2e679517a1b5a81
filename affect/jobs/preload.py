"""What Dask runs in our own worker process before anything else."""

from __future__ import annotations

import signal


def dask_setup(_worker: object) -> None:
    """Leave Ctrl-C, which a terminal sends to all its processes, to the server, which ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
