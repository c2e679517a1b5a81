"""What every view needs: the settings and the front door of the jobs room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from affect.jobs import Jobs
from affect.settings import Settings


@dataclass(frozen=True)
class Context:
    """Given to the application once, when it is created."""

    settings: Settings
    jobs: Jobs


def context() -> Context:
    """The running application's."""
    return cast(Context, current_app.extensions["affect"])
