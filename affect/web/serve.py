"""Serve the page with waitress until someone stops it."""

from __future__ import annotations

import errno
import signal
import tempfile
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from affect.errors import SettingsError
from affect.jobs import Jobs
from affect.settings import Settings
from affect.web.application import FORM_OVERHEAD_BYTES, create_app

_PORTS_TRIED = 100
_THREADS = 8
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def serve(settings: Settings) -> None:
    """Say where the page is, and answer until SIGINT or SIGTERM.

    Raises:
        SettingsError: no free port, or another server uses the data folder.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    jobs = Jobs(settings)
    # A body on its way in may be as large as the video: it belongs on the disk that has room.
    incoming = settings.data / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(incoming.resolve())
    server = None
    try:
        server, port = _listen(create_app(settings, jobs), settings)
        print(f"Affect is at {_address(settings.host, port)}", flush=True)
        jobs.start()
        server.run()
    except SystemExit:
        pass
    finally:
        if server is not None:
            server.close()
        jobs.stop()


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listen(app: Flask, settings: Settings) -> tuple[Any, int]:
    """A listening server and its port: the one wanted, or the next that is free."""
    for port in range(settings.port, min(settings.port + _PORTS_TRIED, 65536)):
        try:
            server = waitress.create_server(
                app,
                host=settings.host,
                port=port,
                threads=_THREADS,
                # A little more than the application takes, so that its own refusal is read.
                max_request_body_size=settings.limits.max_bytes + 16 * FORM_OVERHEAD_BYTES,
                ident=None,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise SettingsError(
                f"The page cannot be served on {settings.host!r}: {error.strerror}."
            ) from error
        return server, port
    raise SettingsError(f"No port from {settings.port} on is free.")


def _address(host: str, port: int) -> str:
    shown = _ANYWHERE.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
