"""How often the expression model is right, counted in one fixed way.

FER2013 labels: every image of the split whose label is in the view. FER+ majority: every image
where more than half of all its votes fall on one of the seven classes and that class is in the
view. Probabilities are restricted to the view's classes. No image that counts is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.contracts import ExpressionModel, ModelIdentity
from affect.datasets import crops, fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS, VIEWS, restrict, view_indices
from affect.errors import DataError
from affect.training.accuracy import Measures, measure
from affect.training.coverage import Coverage, sweep

# Each head, and by whose labels it is measured.
LABELS_OF: Final = {"video": "ferplus", "ferplus": "ferplus", "fer2013": "fer2013"}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model measured on one split.

    Attributes:
        split: the split's name.
        labels: one of `network.HEADS`.
        head: what answered, one of `LABELS_OF`.
        view: a key of `emotions.VIEWS`.
        model: name and weights.
        every: measures on every image that counts.
        without_copies: the same without images that also stand in "Training"; None where that
            cannot be told (no other split "Training" in the data) or none is left.
        new_photographs: the same of photographs alone that "Training" does not show in another
            crop either; None likewise. What a model remembers of training does not help it here.
        coverage: accuracy when only faces are read that the model calls readable.
    """

    split: str
    labels: str
    head: str
    view: str
    model: ModelIdentity
    every: Measures
    without_copies: Measures | None
    new_photographs: Measures | None
    coverage: Coverage


@dataclass(frozen=True, eq=False)
class Shown:
    """Which faces of a split "Training" shows, too; bool (N,) each.

    Attributes:
        copies: an exact copy of it stands there.
        photographs: that, or another crop of its photograph.
    """

    copies: NDArray[np.bool_]
    photographs: NDArray[np.bool_]


def evaluate(
    model: ExpressionModel,
    faces: FaceSet,
    labels: str,
    view: str,
    split: str | None = None,
    head: str | None = None,
) -> Evaluation:
    """Measure a model on one split.

    Args:
        model: one head of it.
        faces: the whole data set; "Training" in it tells the copies.
        labels: one of `network.HEADS`.
        view: a key of `emotions.VIEWS`.
        split: its name; without one `default_split` chooses.
        head: that head's name, if it is not the labels'.

    Raises:
        DataError: no such split, or no image in it that counts.
    """
    name = split or default_split(faces)
    chosen = faces.split(name)
    scores = model.score(chosen.images)
    every, without_copies, new = judge(
        scores.probabilities, chosen, shown_in_training(faces, name), labels, view
    )
    truth = _truth(chosen, labels, view)
    right = restrict(scores.probabilities, view).argmax(axis=1) == truth
    coverage = sweep(scores.readability, right, truth >= 0, chosen.majority >= 0)
    return Evaluation(
        name, labels, head or labels, view, model.identity, every, without_copies, new, coverage
    )


@lru_cache(maxsize=1)  # several heads and views are measured on one split
def shown_in_training(faces: FaceSet, split: str) -> Shown | None:
    """What "Training" shows of a split, None if there is none; takes some 15 s for PublicTest.

    Raises:
        DataError: no such split.
    """
    chosen, training = faces.split(split), faces.take(faces.splits == "Training")
    if not len(training):
        return None
    return Shown(fer2013.copies_of(chosen, training), crops.counterparts(chosen, training) >= 0)


def judge(
    probabilities: NDArray[np.float32],
    faces: FaceSet,
    shown: Shown | None,
    labels: str,
    view: str,
) -> tuple[Measures, Measures | None, Measures | None]:
    """Measures on (every image that counts, those that are no copies, new photographs).

    Args:
        probabilities: float32, shape (N, 7): the answers for the N faces, in order.
        faces: of one split.
        shown: what of them "Training" shows, too, as `shown_in_training` tells.
        labels, view: as for `evaluate`.

    Raises:
        DataError: no image counts.
    """
    truth = _truth(faces, labels, view)
    if not (truth >= 0).any():
        split = ", ".join(sorted(set(faces.splits.tolist())))
        raise DataError(
            f"No face of {split!r} has one of {', '.join(VIEWS[view])} as its {labels} label.",
            "FER+'s labels need its votes; --labels fer2013 does without.",
        )
    every = _measure(probabilities, truth, view)
    if shown is None:
        return every, None, None
    fresh, new = (
        _measure(probabilities, left, view) if (left >= 0).any() else None
        for left in (np.where(known, -1, truth) for known in (shown.copies, shown.photographs))
    )
    return every, fresh, new


def default_split(faces: FaceSet) -> str:
    """PublicTest if there is one, else the only split that is not Training.

    Raises:
        DataError: there is none, or several.
    """
    names = set(faces.splits.tolist()) - {"Training"}
    if "PublicTest" in names:
        return "PublicTest"
    if len(names) != 1:
        held = ", ".join(sorted(set(faces.splits.tolist())))
        raise DataError(
            f"Which split to evaluate is not clear: there are {held}.",
            "Name one with --split; to publish, there must be PublicTest or one beside Training.",
        )
    return str(names.pop())


def _truth(faces: FaceSet, labels: str, view: str) -> NDArray[np.int64]:
    """Index of each face's class within the view, −1 where the face does not count."""
    place = np.full(len(EMOTIONS) + 1, -1, np.int64)  # one more, so that −1 stays −1
    indices = view_indices(view)
    place[indices] = np.arange(len(indices))
    found: NDArray[np.int64] = place[faces.majority if labels == "ferplus" else faces.labels]
    return found


def _measure(probabilities: NDArray[np.float32], truth: NDArray[np.int64], view: str) -> Measures:
    counts = truth >= 0
    return measure(restrict(probabilities[counts], view), truth[counts], VIEWS[view])
