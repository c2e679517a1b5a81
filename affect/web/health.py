"""Whether the server answers."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """For health checks: 200 while requests are served."""
    return {"status": "ok"}
