"""What the charts have in common: ink, paper and PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#1f2328"
FAINT: Final = "#6e7781"
PAPER: Final = "#ffffff"
DOTS_PER_INCH: Final = 150


def to_png(figure: Figure) -> bytes:
    """The figure on white, as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH, facecolor=PAPER)
    return file.getvalue()
