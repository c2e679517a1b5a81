"""How often the model that read a video is right, as its card tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affect.emotions import VIEWS

_CARD = "expression.json"
_TALKING = "talking.json"  # as benchmarks/talking.py writes it
_NEW = "accuracy_new_photographs"


@dataclass(frozen=True)
class Rate:
    """How often one head was right in one view, in [0, 1], on photographs it had not seen.

    A copy, or another crop, of a photograph that training has does not count as such.

    Attributes:
        talking: how often it named what people who talk acted, each of them left out of what it
            learned, where that was measured.
    """

    head: str
    view: str
    accuracy: float
    talking: float | None = None

    @property
    def emotions(self) -> str:
        """The emotions told apart, in words."""
        return ", ".join(VIEWS.get(self.view, (self.view,)))

    @property
    def sentence(self) -> str:
        """What that means beside a result."""
        clear = "" if self.head == "fer2013" else "clear "
        right = f"The program is right for {self.accuracy * 100:.0f} of 100 {clear}photographs"
        return f"{right}{self._moving}."

    @property
    def _moving(self) -> str:
        if self.talking is None:
            return "; a face that moves or speaks is harder"
        return f", but only for {self.talking * 100:.0f} of 100 clips of people talking"


def rates(model: Path, runtime: str) -> tuple[Rate, ...]:
    """Every rate that the card in this folder tells of the file a runtime reads, if any."""
    return _rates(model, _files(model).get(runtime))


def rate(model: Path, sha256: str, head: str, view: str) -> Rate | None:
    """The rate for the way a video was read, if the card tells it of the file with this sum."""
    for told in _files(model).values():
        if _mapping(told).get("sha256") == sha256:
            for rate in _rates(model, told):
                if (rate.head, rate.view) == (head, view):
                    return rate
    return None


def _talking(model: Path, sha256: object, head: str, view: str) -> float | None:
    measured = _read(model / _TALKING)
    if head != "video" or measured.get("sha256") != sha256:
        return None
    accuracy = _mapping(measured.get(view)).get("accuracy")
    return float(accuracy) if isinstance(accuracy, int | float) else None


def _files(model: Path) -> dict[str, Any]:
    """What the card says of each runtime's file."""
    card = _read(model / _CARD)
    return {"keras": card, **_mapping(card.get("runtimes"))}


def _read(path: Path) -> dict[str, Any]:
    return _mapping(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _rates(model: Path, told: Any) -> tuple[Rate, ...]:
    return tuple(
        Rate(head, view, float(accuracy), _talking(model, told.get("sha256"), head, view))
        for head, views in _mapping(_mapping(told).get("evaluation")).items()
        for view, measured in _mapping(views).items()
        if isinstance(accuracy := _mapping(measured).get(_NEW), int | float)
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
