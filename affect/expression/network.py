"""The network: trunks, heads, and how sure it is to see a face, in Keras 3 alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from affect.emotions import EMOTIONS
from affect.expression.trunks import Trunk, features

INPUT_SHAPE = (48, 48, 1)
HEADS = ("ferplus", "fer2013")  # what labels of photographs teach
VIDEO = "video"  # both weighed over several looks, as people who talk teach; the page answers so
ANSWERS = (VIDEO, *HEADS)
FEATURES = "features"
READABLE = "readable"


def build(trunks: Sequence[Trunk], dropout: float, dtype: str) -> Any:
    """One or several trunks side by side, two softmax heads on what they see.

    Args:
        trunks: of different kinds; each looks at the face, first standardised to mean 0 and
            variance 1, so that light and contrast count less.
        dropout: share of features dropped before the heads while training, in [0, 1).
        dtype: Keras dtype policy of the trunks, such as "float32" or "mixed_bfloat16".

    Returns:
        keras.Model: float32 (N, 48, 48, 1) in [0, 1] to a dict of the `HEADS`, each float32
        (N, 7), rows summing to 1, in the order of `EMOTIONS`.
    """
    import keras
    from keras import layers

    face = keras.Input(INPUT_SHAPE, name="face")
    standardised = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(face)
    seen = [features(standardised, trunk, dtype) for trunk in trunks]
    x = layers.Concatenate(dtype="float32", name=FEATURES)(seen)
    # With a seed of its own its chance can be set anew each epoch, whatever the backend.
    x = layers.Dropout(dropout, seed=0, dtype="float32")(x)
    outputs = {
        head: layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name=head)(x)
        for head in HEADS
    }
    return keras.Model(face, outputs, name="expression")


def join(models: Sequence[Any], shares: Sequence[float], joined: Any) -> None:
    """Let one network see what several see, and answer what they answer in the mean.

    Args:
        models: keras.Models of `build`, of one trunk each.
        shares: how much each counts beside the others.
        joined: keras.Model of `build`, of all their trunks in this order; its logits become the
            means of theirs.
    """
    for model in models:
        take(model, joined)
    parts = np.asarray(shares, np.float32) / np.float32(sum(shares))
    for head in HEADS:
        kernels, biases = zip(
            *(model.get_layer(head).get_weights() for model in models), strict=True
        )
        joined.get_layer(head).set_weights(
            [
                np.concatenate(
                    [kernel * part for kernel, part in zip(kernels, parts, strict=True)]
                ),
                np.average(biases, axis=0, weights=parts),
            ]
        )


def take(old: Any, new: Any) -> None:
    """Give each layer of `new` the weights of its namesake in `old`, if there is one of its size.

    So a network of one trunk takes that trunk out of a joined one, but not the heads, which see
    more there. Of a head with a hidden layer its linear part is taken.
    """
    known = {layer.name: layer.get_weights() for layer in old.layers}
    for layer in new.layers:
        weights = known.get(layer.name) or known.get(f"{layer.name}_linear", [])
        if weights and [part.shape for part in weights] == [part.shape for part in layer.weights]:
            layer.set_weights(weights)


def with_readability(model: Any) -> Any:
    """The same network with one more output, `READABLE`: float32 (N, 1) in [0, 1].

    It is one logistic unit on the trunk's features: how sure it is that what it sees is a face
    whose expression can be read.
    """
    import keras

    seen = model.get_layer(FEATURES).output
    readable = keras.layers.Dense(1, activation="sigmoid", dtype="float32", name=READABLE)(seen)
    return keras.Model(model.input, model.output | {READABLE: readable}, name="expression")
