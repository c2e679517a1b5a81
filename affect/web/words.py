"""How figures and times are written on the page."""

from __future__ import annotations

from datetime import UTC, datetime

from affect.report import words


def percent(share: float) -> str:
    """A share in whole percent."""
    return words.unbroken(words.percent(share))


def when(time: datetime) -> str:
    """A time of this computer's clock, to the minute."""
    local = time.astimezone()
    if local.date() == datetime.now(UTC).astimezone().date():
        return f"today, {local:%H:%M}"
    return f"{local.day} {local:%B, %H:%M}"


def hours(count: float) -> str:
    """A number of hours in words."""
    return "1 hour" if count == 1 else f"{count:g} hours"


FILTERS = {
    "percent": percent,
    "clock": words.clock,
    "unbroken": words.unbroken,
    "moment": words.moment,
    "stretch": words.stretch,
    "looks": lambda number: words.count(number, "look", "looks"),
    "when": when,
    "adjective": words.adjective,
    "mostly": lambda emotions: words.unbroken(words.mostly(emotions)),
    "leaders": lambda emotions: words.leaders(emotions)[0],
    "likely": lambda interval: words.unbroken(words.likely(interval)),
    "no_posture": words.no_posture,
    "hours": hours,
}
