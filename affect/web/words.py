"""How figures and times are written on the page."""

from __future__ import annotations

from datetime import datetime

from affect.report.words import clock, percent

# As said of a person: "mostly happy", but "mostly surprised".
ADJECTIVES = {"surprise": "surprised", "fear": "afraid", "disgust": "disgusted"}


def adjective(emotion: str) -> str:
    """The emotion as a quality."""
    return ADJECTIVES.get(emotion, emotion)


def when(time: datetime) -> str:
    """A time of this computer's clock, to the minute."""
    local = time.astimezone()
    return f"{local.day} {local:%B, %H:%M}"


def megabytes(size: float) -> str:
    """A size given in MB, without decimals it does not have."""
    return f"{size:g} MB"


def hours(count: float) -> str:
    """A number of hours in words."""
    return "1 hour" if count == 1 else f"{count:g} hours"


FILTERS = {
    "percent": percent,
    "clock": clock,
    "when": when,
    "adjective": adjective,
    "megabytes": megabytes,
    "hours": hours,
}
