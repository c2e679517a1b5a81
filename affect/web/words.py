"""How figures and times are written on the page."""

from __future__ import annotations

from datetime import datetime

from affect.report import words
from affect.report.words import clock

# As said of a person: "mostly happy", but "mostly surprised".
ADJECTIVES = {"surprise": "surprised", "fear": "afraid", "disgust": "disgusted"}


def adjective(emotion: str) -> str:
    """The emotion as a quality."""
    return ADJECTIVES.get(emotion, emotion)


def percent(share: float) -> str:
    """A share in whole percent, the number and its sign on one line."""
    return words.percent(share).replace(" ", "\N{NO-BREAK SPACE}")


def when(time: datetime) -> str:
    """A time of this computer's clock, to the minute."""
    local = time.astimezone()
    return f"{local.day} {local:%B, %H:%M}"


def hours(count: float) -> str:
    """A number of hours in words."""
    return "1 hour" if count == 1 else f"{count:g} hours"


FILTERS = {
    "percent": percent,
    "clock": clock,
    "when": when,
    "adjective": adjective,
    "hours": hours,
}
