"""Who may ask, and what a browser may do with the answer."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import SecurityError

from affect.settings import Settings
from affect.web.context import context

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
}

KEY_BYTES = 32

csrf = CSRFProtect()


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """The names this server answers to, without port or brackets; any other `Host` is refused."""
    names = ("127.0.0.1", "localhost", "::1", settings.host, *settings.trusted_hosts)
    return frozenset(name.lower() for name in names)


def secret_key(folder: Path) -> bytes:
    """32 random bytes of this data folder, made on first use and readable by its owner alone."""
    path = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.stat().st_size < KEY_BYTES:  # a power cut may leave it empty
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return path.read_bytes()


def protect(app: Flask, settings: Settings) -> None:
    """Check host and origin of each request, sign cookies, and put the headers on each response."""
    key = secret_key(settings.data)
    app.config.update(
        SECRET_KEY=key,
        # Two servers on one host share its cookies, whatever their ports: names keep them apart.
        SESSION_COOKIE_NAME=f"affect_{hashlib.sha256(key).hexdigest()[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The pages blueprint asks for the token itself, after the checks that need no body.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    app.before_request(_refuse_unknown_host)
    app.before_request(_refuse_foreign_origin)
    app.after_request(_add_headers)


def host_name() -> str | None:
    """The name that was asked for, in small letters; None when it is none."""
    # Werkzeug's own check of trusted hosts cannot name an IPv6 address.
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None


def _refuse_unknown_host() -> None:
    if host_name() not in trusted_hosts(context().settings):
        raise SecurityError


def _refuse_foreign_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and _place(origin) != request.host:
        abort(403)


def _place(address: str) -> str | None:
    """Host and port as the address has them; None when it is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # What was deleted must not live on in a cache.
        response.headers["Cache-Control"] = "private, no-store"
    return response
