"""What the charts have in common: inks, paper and PNG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FAINTEST: Final = 0.45
INK: Final = "#1f2328"
FAINT: Final = "#59636e"
PAPER: Final = "#ffffff"
DOTS_PER_INCH: Final = 150


@dataclass(frozen=True)
class Theme:
    """What a chart is drawn with, each as "#rrggbb"."""

    ink: str
    faint: str
    line: str
    paper: str


# The inks and the card of templates/report.html.
LIGHT: Final = Theme(ink=INK, faint=FAINT, line="#d8dee4", paper=PAPER)
DARK: Final = Theme(ink="#e6edf3", faint="#9da7b3", line="#30363d", paper="#181d24")


def strength(probability: float, classes: int) -> float:
    """How strongly an emotion is drawn, in [0, 1]: faintly where it is no likelier than chance."""
    chance = 1 / classes
    return _FAINTEST + (1 - _FAINTEST) * max(0.0, (probability - chance) / (1 - chance))


def to_png(figure: Figure, theme: Theme = LIGHT) -> bytes:
    """The figure on the theme's paper, as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH, facecolor=theme.paper)
    return file.getvalue()
