"""Serve the page with waitress until someone stops it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import tempfile
from types import FrameType

import waitress
from flask import Flask
from waitress.server import BaseWSGIServer

from affect.errors import SettingsError
from affect.jobs import Jobs
from affect.settings import Settings
from affect.web import intake
from affect.web.application import create_app
from affect.web.context import context

_PORTS_TRIED = 100
_THREADS = 8
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def serve(settings: Settings) -> None:
    """Say where the page is, and answer until SIGINT or SIGTERM.

    Raises:
        SettingsError: no free port, or another server uses the data folder, or it holds something
            that is not ours.
    """
    os.umask(0o077)  # whose ids lie in the ledger, their results do too: for the owner's eyes
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    jobs = Jobs(settings)
    listening = None
    try:
        app = _application(settings, jobs)
        listening = _listen(settings)
        server = server_of(app, listening)
        print(f"Affect is at {_address(settings.host, listening)}", flush=True)
        jobs.start()
        server.run()
    except SystemExit:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # what ends shall not be broken off
        if listening is not None:
            listening.close()
        jobs.stop()


def _application(settings: Settings, jobs: Jobs) -> Flask:
    # A body on its way in may be as large as the video: it belongs on the disk that has room.
    incoming = settings.data / "incoming"
    try:
        incoming.mkdir(exist_ok=True)
        tempfile.tempdir = str(incoming.resolve())
        return create_app(settings, jobs)
    except OSError as error:
        raise SettingsError(
            f"The folder for data cannot be used: {error.filename}: {error.strerror}.",
            "Move that away, or choose another folder with AFFECT_DATA.",
        ) from error


def server_of(app: Flask, listening: socket.socket) -> BaseWSGIServer:
    """The server of this application on that socket; its `run` answers until it is stopped."""
    server = waitress.create_server(
        app,
        sockets=[listening],
        threads=_THREADS,
        # The application refuses a large body itself, in its own words.
        max_request_body_size=sys.maxsize,
        # So that it notices while it works that nobody waits any more; who only ends what they
        # send, and would listen on, is taken for gone as well.
        channel_request_lookahead=1,
        ident=None,
    )
    with app.app_context():
        server.channel_class = intake.channel_class(context())
    return server


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    """A socket on the port wanted, or on the next that is free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    for port in range(settings.port, min(settings.port + _PORTS_TRIED, 65536)):
        try:
            return socket.create_server((settings.host, port), family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingsError(
                    f"The page cannot be served on {settings.host!r}: {error.strerror}."
                ) from error
    raise SettingsError(f"No port from {settings.port} on is free.")


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = _ANYWHERE.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
