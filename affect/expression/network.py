"""The network's architecture, in Keras 3 without any backend's own calls."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.emotions import EMOTIONS

INPUT_SHAPE = (48, 48, 1)
HEADS = ("ferplus", "fer2013")
FEATURES = "features"
READABLE = "readable"


def build(
    stem: int, widths: tuple[int, ...], strides: tuple[int, ...], dropout: float, dtype: str
) -> Any:
    """One residual trunk, two softmax heads.

    Residual blocks (He et al. 2016) with squeeze-and-excitation (Hu et al. 2018) over a face
    that is first standardised to mean 0 and variance 1, so that light and contrast count less.

    Args:
        stem: channels of the first convolution, at full resolution.
        widths: channels of each block.
        strides: stride of each block.
        dropout: share of features dropped before the heads while training, in [0, 1).
        dtype: Keras dtype policy of the trunk, such as "float32" or "mixed_bfloat16".

    Returns:
        keras.Model: float32 (N, 48, 48, 1) in [0, 1] to a dict of the `HEADS`, each float32
        (N, 7), rows summing to 1, in the order of `EMOTIONS`.
    """
    import keras
    from keras import layers

    def convolution(x: Any, filters: int, size: int, stride: int) -> Any:
        x = layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False, dtype=dtype
        )(x)
        return layers.BatchNormalization(momentum=0.97, dtype=dtype)(x)

    def attention(x: Any, filters: int) -> Any:
        weights = layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype)(x)
        weights = layers.Dense(filters // 8, activation="relu", dtype=dtype)(weights)
        weights = layers.Dense(filters, activation="sigmoid", dtype=dtype)(weights)
        return layers.Multiply(dtype=dtype)([x, weights])

    def block(x: Any, filters: int, stride: int) -> Any:
        shortcut = x
        if stride != 1 or x.shape[-1] != filters:
            shortcut = convolution(x, filters, 1, stride)
        x = convolution(x, filters, 3, stride)
        x = layers.ReLU(dtype=dtype)(x)
        x = attention(convolution(x, filters, 3, 1), filters)
        return layers.ReLU(dtype=dtype)(layers.Add(dtype=dtype)([x, shortcut]))

    face = keras.Input(INPUT_SHAPE, name="face")
    x = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(face)
    x = layers.ReLU(dtype=dtype)(convolution(x, stem, 3, 1))
    for filters, stride in zip(widths, strides, strict=True):
        x = block(x, filters, stride)
    x = layers.GlobalAveragePooling2D(dtype="float32", name=FEATURES)(x)
    # With a seed of its own its chance can be set anew each epoch, whatever the backend.
    x = layers.Dropout(dropout, seed=0, dtype="float32")(x)
    outputs = {
        head: layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name=head)(x)
        for head in HEADS
    }
    return keras.Model(face, outputs, name="expression")


def with_readability(model: Any) -> Any:
    """The same network with a third output, `READABLE`: float32 (N, 1) in [0, 1].

    It is one logistic unit on the trunk's features: how sure it is that what it sees is a face
    whose expression can be read.
    """
    import keras

    features = model.get_layer(FEATURES).output
    readable = keras.layers.Dense(1, activation="sigmoid", dtype="float32", name=READABLE)(features)
    outputs = {head: model.output[head] for head in HEADS} | {READABLE: readable}
    return keras.Model(model.input, outputs, name="expression")


def with_talking_head(model: Any, hidden: int, examples: NDArray[np.float32]) -> tuple[Any, Any]:
    """The same network with a new, untrained head `ferplus` that has a hidden layer.

    Args:
        model: a network as `build` or `with_readability` returns it.
        hidden: units of the hidden layer, which the head sees beside the features.
        examples: features, float32 (N, F); the head sees theirs with mean 0 and variance 1.

    Returns:
        (the network, its new head alone: float32 features (N, F) to (N, 7)); they share weights.
    """
    import keras
    from keras import layers

    normalised = layers.Normalization(dtype="float32", name="talking_normalised")
    normalised.adapt(examples)
    between = layers.Dense(hidden, activation="relu", dtype="float32", name="talking_hidden")
    last = layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="ferplus")

    def head(x: Any) -> Any:
        x = layers.Dropout(0.3, dtype="float32", name="talking_dropout")(normalised(x))
        return last(layers.Concatenate(dtype="float32", name="talking_both")([x, between(x)]))

    features = model.get_layer(FEATURES).output
    alone = keras.Input(features.shape[1:])
    outputs = model.output | {"ferplus": head(features)}
    complete = keras.Model(model.input, outputs, name="expression")
    return complete, keras.Model(alone, head(alone))
