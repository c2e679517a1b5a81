"""How often the model that read a video is right, as its card tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affect.emotions import VIEWS

_CARD = "expression.json"
_NEW = "accuracy_new_photographs"


@dataclass(frozen=True)
class Rate:
    """How often one head was right in one view, in [0, 1], on photographs it had not seen.

    A copy, or another crop, of a photograph that training has does not count as such.
    """

    head: str
    view: str
    accuracy: float

    @property
    def emotions(self) -> str:
        """The emotions told apart, in words."""
        return ", ".join(VIEWS.get(self.view, (self.view,)))

    @property
    def sentence(self) -> str:
        """What that means beside a result."""
        clear, whom = (
            ("", "they are labelled") if self.head == "fer2013" else ("clear ", "most people do")
        )
        return (
            f"Of 100 {clear}faces in photographs that it had not seen, the model names the "
            f"expression of {self.accuracy * 100:.0f} as {whom}; a face that moves or speaks is "
            "harder."
        )


def rates(model: Path, runtime: str) -> tuple[Rate, ...]:
    """Every rate that the card in this folder tells of the file a runtime reads, if any."""
    return _rates(_files(model).get(runtime))


def rate(model: Path, sha256: str, head: str, view: str) -> Rate | None:
    """The rate for the way a video was read, if the card tells it of the file with this sum."""
    return next(
        (
            rate
            for told in _files(model).values()
            if _mapping(told).get("sha256") == sha256
            for rate in _rates(told)
            if (rate.head, rate.view) == (head, view)
        ),
        None,
    )


def _files(model: Path) -> dict[str, Any]:
    """What the card says of each runtime's file."""
    path = model / _CARD
    if not path.is_file():
        return {}
    card = _mapping(json.loads(path.read_text(encoding="utf-8")))
    return {"keras": card, **_mapping(card.get("runtimes"))}


def _rates(told: Any) -> tuple[Rate, ...]:
    return tuple(
        Rate(head, view, float(accuracy))
        for head, views in _mapping(_mapping(told).get("evaluation")).items()
        for view, measured in _mapping(views).items()
        if isinstance(accuracy := _mapping(measured).get(_NEW), int | float)
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
