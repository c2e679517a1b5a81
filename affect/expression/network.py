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
PHOTOGRAPHS = "ferplus_photographs"  # the head as photographs alone taught it, as logits


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

    def convolution(x: Any, filters: int, size: int, stride: int, name: str) -> Any:
        x = layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False, dtype=dtype, name=name
        )(x)
        return layers.BatchNormalization(momentum=0.97, dtype=dtype, name=f"{name}_norm")(x)

    def attention(x: Any, filters: int, name: str) -> Any:
        weights = layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype)(x)
        for units, activation, step in (
            (filters // 8, "relu", "squeeze"),
            (filters, "sigmoid", "excite"),
        ):
            weights = layers.Dense(
                units, activation=activation, dtype=dtype, name=f"{name}_{step}"
            )(weights)
        return layers.Multiply(dtype=dtype)([x, weights])

    def block(x: Any, filters: int, stride: int, name: str) -> Any:
        shortcut = x
        if stride != 1 or x.shape[-1] != filters:
            shortcut = convolution(x, filters, 1, stride, f"{name}_shortcut")
        x = convolution(x, filters, 3, stride, f"{name}_first")
        x = layers.ReLU(dtype=dtype)(x)
        x = attention(convolution(x, filters, 3, 1, f"{name}_second"), filters, name)
        return layers.ReLU(dtype=dtype)(layers.Add(dtype=dtype)([x, shortcut]))

    face = keras.Input(INPUT_SHAPE, name="face")
    x = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(face)
    x = layers.ReLU(dtype=dtype)(convolution(x, stem, 3, 1, "stem"))
    for name, filters, stride in zip(block_names(strides), widths, strides, strict=True):
        x = block(x, filters, stride, name)
    x = layers.GlobalAveragePooling2D(dtype="float32", name=FEATURES)(x)
    # With a seed of its own its chance can be set anew each epoch, whatever the backend.
    x = layers.Dropout(dropout, seed=0, dtype="float32")(x)
    outputs = {
        head: layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name=head)(x)
        for head in HEADS
    }
    return keras.Model(face, outputs, name="expression")


def block_names(strides: tuple[int, ...]) -> list[str]:
    """Name each block by its stage, which a stride begins, and its place in it."""
    names, stage, place = [], 0, 0
    for stride in strides:
        stage, place = (stage + 1, 1) if stride != 1 else (stage, place + 1)
        names.append(f"stage{stage}_block{place}")
    return names


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
    """The same network with a second look at the features in its head `ferplus`.

    The head keeps what it learned; a hidden layer adds to its logits, at first nothing.

    Args:
        model: a network as `build`, `with_readability` or this function returns it; what an
            earlier call added is left out.
        hidden: units of the hidden layer.
        examples: features, float32 (N, F); the hidden layer sees theirs with mean 0, variance 1.

    Returns:
        (the network, its new head alone: float32 features (N, F) to (N, 7)); they share weights.
    """
    import keras
    from keras import layers

    names = {layer.name for layer in model.layers}
    old = model.get_layer(PHOTOGRAPHS if PHOTOGRAPHS in names else "ferplus")
    kept = layers.Dense(len(EMOTIONS), trainable=False, dtype="float32", name=PHOTOGRAPHS)
    # Keras' own Normalization layer becomes a second input in an ONNX file.
    normalised = layers.BatchNormalization(
        center=False,
        scale=False,
        epsilon=1e-8,  # some features vary by no more than 1e-6
        trainable=False,
        dtype="float32",
        name="talking_normalised",
    )
    between = layers.Dense(hidden, activation="relu", dtype="float32", name="talking_hidden")
    added = layers.Dense(
        len(EMOTIONS), use_bias=False, kernel_initializer="zeros", dtype="float32", name="talking"
    )

    def head(x: Any) -> Any:
        seen = layers.Dropout(0.3, dtype="float32", name="talking_dropout")(normalised(x))
        logits = layers.Add(dtype="float32", name="talking_sum")([kept(x), added(between(seen))])
        return layers.Softmax(dtype="float32", name="ferplus")(logits)

    features = model.get_layer(FEATURES).output
    alone = keras.Input(features.shape[1:])
    complete = keras.Model(
        model.input, model.output | {"ferplus": head(features)}, name="expression"
    )
    head_alone = keras.Model(alone, head(alone))
    kept.set_weights(old.get_weights())
    normalised.set_weights([examples.mean(axis=0), examples.var(axis=0)])
    return complete, head_alone
