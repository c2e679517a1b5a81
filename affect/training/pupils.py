"""Teach the heads more than a linear layer holds, on top of finished trunks.

Several hidden layers are taught apart and joined in one: what chance taught each evens out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.expression import hidden, network
from affect.expression.runtimes import as_input
from affect.training.augment import augment
from affect.training.targets import Targets, as_labelled

LAYERS: Final = 2  # that are taught apart
HIDDEN: Final = 64  # units of each, between the trunks and the heads
COMPONENTS: Final = 16  # of a second trunk; more know the people, not what they show
EPOCHS: Final = 8
BATCH: Final = 512

Images = NDArray[np.uint8] | NDArray[np.float32]  # (N, 48, 48); uint8, or float32 in [0, 1]


@dataclass(frozen=True, eq=False)
class FeatureLesson:
    """What heads learn from.

    Attributes:
        features: of the trunks, float32 (N, F).
        targets: of each head, float32 (N, 7), rows summing to 1.
        weights: how much each face counts for a head, float32 (N,).
    """

    features: NDArray[np.float32]
    targets: Targets
    weights: Mapping[str, NDArray[np.float32]]


def teach(model: Any, lesson: FeatureLesson, seed: int) -> Any:
    """The model with heads that learned more of photographs; all else is shared.

    Both heads learn on the same layers: what is learned of votes helps with labels.

    Args:
        model: a network as `network.build` returns it.
        lesson: by its features what the layers see is normalised.
        seed: of all chance.
    """
    import keras

    keras.utils.set_random_seed(seed)
    taught = []
    for _ in range(LAYERS):
        _, pupil = _begin(model, HIDDEN, lesson)
        _learn(pupil, lesson)
        taught.append(pupil)
    complete, joined = _begin(model, LAYERS * HIDDEN, lesson)
    hidden.join_hidden(taught, joined)
    return complete


def _begin(model: Any, units: int, lesson: FeatureLesson) -> tuple[Any, Any]:
    return hidden.with_hidden(model, COMPONENTS, units, lesson.features)


def _learn(pupil: Any, lesson: FeatureLesson) -> None:
    import keras

    weights = {head: counts / counts.mean() for head, counts in lesson.weights.items()}
    steps = EPOCHS * -(-len(lesson.features) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    losses = {head: keras.losses.CategoricalCrossentropy() for head in network.HEADS}
    pupil.compile(keras.optimizers.AdamW(schedule), losses)
    pupil.fit(
        lesson.features,
        lesson.targets,
        sample_weight=weights,
        epochs=EPOCHS,
        batch_size=BATCH,
        verbose=0,
    )


def photographs(model: Any, faces: FaceSet, rng: np.random.Generator) -> FeatureLesson:
    """Each photograph as it is and changed, for the heads `HEADS`; all weigh 1 together.

    Args:
        model: a network with the layer `FEATURES`.
        faces: with votes; those on which people agree count more for the head `ferplus`.
        rng: changes them.
    """
    told = as_labelled(faces, smoothing=0)  # smoothed labels made it unsure, and no more right
    looks = [features(model, faces.images), features(model, augmented(faces.images, rng))]
    clarity = np.tile(told.clarity, len(looks))
    weights = {
        "ferplus": clarity / clarity.sum(),
        "fer2013": np.full(len(clarity), 1 / len(clarity), np.float32),
    }
    targets = {head: np.tile(told.targets[head], (len(looks), 1)) for head in network.HEADS}
    return FeatureLesson(np.concatenate(looks), targets, weights)


def augmented(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Each face changed as a video might show it, float32 in [0, 1], same shape."""
    return np.array([augment(image, rng) for image in images], np.float32).reshape(images.shape)


def features(model: Any, images: Images) -> NDArray[np.float32]:
    """What the trunks see in faces, float32 (N, F)."""
    import keras

    seen = model.get_layer(network.FEATURES).output
    if not len(images):
        return np.empty((0, seen.shape[-1]), np.float32)
    trunk = keras.Model(model.input, seen)
    answers = trunk.predict(as_input(images), batch_size=256, verbose=0)
    return np.asarray(answers, np.float32)
