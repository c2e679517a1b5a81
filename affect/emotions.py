"""The label spaces, the views a person is shown, and one colour for each emotion.

The seven classes stand in FER2013's order (Goodfellow et al. 2013), which is the model's
output order. A *view* is a choice of them: their probabilities renormalised to 1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

VIEWS: Final[dict[str, tuple[str, ...]]] = {
    "five": ("angry", "happy", "sad", "surprise", "neutral"),
    "seed": ("angry", "disgust", "fear", "happy", "sad"),
    "seven": EMOTIONS,
}

# After Okabe and Ito (2008), "Color Universal Design": told apart by colour-blind readers.
COLORS: Final[dict[str, str]] = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#56B4E9",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#CC79A7",
    "neutral": "#8A8A8A",
}


def view_indices(view: str) -> NDArray[np.intp]:
    """Positions of a view's classes among `EMOTIONS`, shape (classes,).

    Raises:
        KeyError: no such view.
    """
    return np.array([EMOTIONS.index(label) for label in VIEWS[view]], dtype=np.intp)


def restrict(probabilities: NDArray[np.float32], view: str) -> NDArray[np.float32]:
    """Restrict seven probabilities to a view.

    Args:
        probabilities: float, shape (..., 7), in the order of `EMOTIONS`, each in [0, 1].
        view: a key of `VIEWS`.

    Returns:
        float32, shape (..., classes of the view); the last axis sums to 1. Where the view's
        classes all have probability 0, they share it equally.
    """
    chosen = probabilities[..., view_indices(view)].astype(np.float32)
    total = chosen.sum(axis=-1, keepdims=True)
    equal = np.full_like(chosen, 1.0 / chosen.shape[-1])
    restricted: NDArray[np.float32] = np.divide(chosen, total, out=equal, where=total > 0)
    return restricted
