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
    side: int,
    stem: int,
    widths: tuple[int, ...],
    strides: tuple[int, ...],
    dropout: float,
    dtype: str,
) -> Any:
    """One trunk of separable convolutions, two softmax heads.

    MobileNet (Howard et al. 2017) on a face that is first standardised to mean 0 and variance 1,
    so that light and contrast count less, and enlarged.

    Args:
        side: pixels that the face is enlarged to.
        stem: channels of the first convolution, which halves the picture.
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

    def activated(x: Any, name: str) -> Any:
        x = layers.BatchNormalization(momentum=0.97, dtype=dtype, name=f"{name}_norm")(x)
        return layers.ReLU(6.0, dtype=dtype, name=f"{name}_active")(x)

    def convolution(x: Any, filters: int, size: int, stride: int, name: str) -> Any:
        layer = layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False, dtype=dtype, name=name
        )
        return activated(layer(x), name)

    def depthwise(x: Any, stride: int, name: str) -> Any:
        layer = layers.DepthwiseConv2D(
            3, strides=stride, padding="same", use_bias=False, dtype=dtype, name=name
        )
        return activated(layer(x), name)

    face = keras.Input(INPUT_SHAPE, name="face")
    x = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(face)
    # An operation, no layer: Keras' own Resizing makes what follows train when a model is exported.
    x = keras.ops.image.resize(x, (side, side), interpolation="bilinear")
    x = convolution(x, stem, 3, 2, "stem")
    for number, (filters, stride) in enumerate(zip(widths, strides, strict=True), start=1):
        x = depthwise(x, stride, f"block{number}_depth")
        x = convolution(x, filters, 1, 1, f"block{number}_point")
    x = layers.GlobalAveragePooling2D(dtype="float32", name=FEATURES)(x)
    # With a seed of its own its chance can be set anew each epoch, whatever the backend.
    x = layers.Dropout(dropout, seed=0, dtype="float32")(x)
    outputs = {
        head: layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name=head)(x)
        for head in HEADS
    }
    return keras.Model(face, outputs, name="expression")


def convolutions(blocks: int) -> list[str]:
    """The names of the first convolution and of those of so many blocks, in their order."""
    parts = [
        f"block{number}_{part}" for number in range(1, blocks + 1) for part in ("depth", "point")
    ]
    return ["stem", *parts]


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


def with_talking_head(
    model: Any, components: int, hidden: int, examples: NDArray[np.float32]
) -> tuple[Any, Any]:
    """The same network with a second look at the features in its head `ferplus`.

    The head keeps what it learned; a hidden layer adds to its logits, at first nothing. It sees
    principal components alone: of all features, it would learn a few people by heart.

    Args:
        model: a network as `build`, `with_readability` or this function returns it; what an
            earlier call added is left out.
        components: how many principal components the hidden layer sees, at most F.
        hidden: units of the hidden layer.
        examples: features, float32 (N, F), whose components they are, with mean 0, variance 1.

    Returns:
        (the network, its new head alone: float32 features (N, F) to (N, 7)); they share weights.
    """
    import keras
    from keras import layers

    names = {layer.name for layer in model.layers}
    old = model.get_layer(PHOTOGRAPHS if PHOTOGRAPHS in names else "ferplus")
    kept = layers.Dense(len(EMOTIONS), trainable=False, dtype="float32", name=PHOTOGRAPHS)
    kernel, bias = _principal(examples, components)
    seen = layers.Dense(len(bias), trainable=False, dtype="float32", name="talking_components")
    between = layers.Dense(hidden, activation="relu", dtype="float32", name="talking_hidden")
    added = layers.Dense(
        len(EMOTIONS), use_bias=False, kernel_initializer="zeros", dtype="float32", name="talking"
    )

    def head(x: Any) -> Any:
        dropped = layers.Dropout(0.3, dtype="float32", name="talking_dropout")(seen(x))
        logits = layers.Add(dtype="float32", name="talking_sum")([kept(x), added(between(dropped))])
        return layers.Softmax(dtype="float32", name="ferplus")(logits)

    features = model.get_layer(FEATURES).output
    alone = keras.Input(features.shape[1:])
    complete = keras.Model(
        model.input, model.output | {"ferplus": head(features)}, name="expression"
    )
    head_alone = keras.Model(alone, head(alone))
    kept.set_weights(old.get_weights())
    seen.set_weights([kernel, bias])
    return complete, head_alone


def _principal(
    examples: NDArray[np.float32], components: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(kernel, bias) of what turns features into their first components, each of variance 1."""
    mean = examples.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(examples, rowvar=False))
    variances, directions = variances[::-1][:components], directions[:, ::-1][:, :components]
    # What hardly varies is not blown up.
    kernel = directions / np.sqrt(variances.clip(min=0) + 1e-3 * variances[0])
    return kernel.astype(np.float32), (-mean @ kernel).astype(np.float32)
