"""The network: trunks, heads, and what is learned on top of them, in Keras 3 alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.emotions import EMOTIONS
from affect.expression.trunks import TRUNKS, Trunk, features

INPUT_SHAPE = (48, 48, 1)
HEADS = ("ferplus", "fer2013")  # what labels of photographs teach
VIDEO = "video"  # what people who talk teach beside them; the page answers so
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
    more there.
    """
    known = {layer.name: layer.get_weights() for layer in old.layers}
    for layer in new.layers:
        weights = known.get(layer.name, [])
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


def with_video_head(
    model: Any, components: int, hidden: int, examples: NDArray[np.float32]
) -> tuple[Any, Any]:
    """The same network with one more output, `VIDEO`: float32 (N, 7), rows summing to 1.

    It begins as the head `ferplus`; a hidden layer adds to those logits, at first nothing. It sees
    all features of the first trunk, but of another, which knows who is who, only the principal
    components: of all of them, it would learn a few people by heart.

    Args:
        model: a network as `build`, `with_readability` or this function returns it; another
            `VIDEO` is left out.
        components: how many of a further trunk's principal components the hidden layer sees, at
            most.
        hidden: units of the hidden layer.
        examples: features, float32 (N, F), by which what it sees has mean 0 and variance 1.

    Returns:
        (the network, its new head alone: float32 features (N, F) to (N, 7)); they share weights.
    """
    import keras
    from keras import layers

    names = {layer.name for layer in model.layers}
    first = next(f"{kind}_features" for kind in TRUNKS if f"{kind}_features" in names)
    kept = layers.Dense(len(EMOTIONS), trainable=False, dtype="float32", name="video_photographs")
    width = model.get_layer(first).output.shape[-1]
    # Keras' own Normalization layer becomes a second input in an ONNX file.
    normalised = layers.BatchNormalization(
        center=False,
        scale=False,
        epsilon=1e-8,  # some features vary by no more than 1e-6
        trainable=False,
        dtype="float32",
        name="video_normalised",
    )
    own, others = examples[:, :width], examples[:, width:]
    main = _principal(others, components) if others.shape[1] else None
    principal = main and layers.Dense(
        len(main[1]), trainable=False, dtype="float32", name="video_components"
    )
    between = layers.Dense(hidden, activation="relu", dtype="float32", name="video_hidden")
    added = layers.Dense(
        len(EMOTIONS),
        use_bias=False,
        kernel_initializer="zeros",
        dtype="float32",
        name="video_added",
    )

    def head(x: Any) -> Any:
        seen = normalised(x[:, :width])
        if principal:
            further = principal(x[:, width:])
            seen = layers.Concatenate(dtype="float32", name="video_view")([seen, further])
        seen = layers.Dropout(0.3, dtype="float32", name="video_dropout")(seen)
        logits = layers.Add(dtype="float32", name="video_sum")([kept(x), added(between(seen))])
        return layers.Softmax(dtype="float32", name=VIDEO)(logits)

    seen_by_heads = model.get_layer(FEATURES).output
    alone = keras.Input(seen_by_heads.shape[1:])
    complete = keras.Model(
        model.input, model.output | {VIDEO: head(seen_by_heads)}, name="expression"
    )
    head_alone = keras.Model(alone, head(alone))
    kept.set_weights(model.get_layer("ferplus").get_weights())
    normalised.set_weights([own.mean(axis=0), own.var(axis=0)])
    if principal:
        principal.set_weights(main)
    return complete, head_alone


def join_hidden(heads: Sequence[Any], joined: Any) -> None:
    """Let one head of `with_video_head` add to its logits what several add in the mean.

    Args:
        heads: of one network, which differ in what they learned alone.
        joined: of the same network, with as many hidden units as all of them together.
    """
    kernels, biases = zip(
        *(head.get_layer("video_hidden").get_weights() for head in heads), strict=True
    )
    joined.get_layer("video_hidden").set_weights(
        [np.concatenate(kernels, axis=1), np.concatenate(biases)]
    )
    added = [head.get_layer("video_added").get_weights()[0] for head in heads]
    joined.get_layer("video_added").set_weights([np.concatenate(added) / len(heads)])


def _principal(examples: NDArray[np.float32], components: int) -> list[NDArray[np.float32]]:
    """[kernel, bias] of what turns features into their first components, each of variance 1."""
    mean = examples.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(examples, rowvar=False))
    variances, directions = variances[::-1][:components], directions[:, ::-1][:, :components]
    # What hardly varies is not blown up.
    kernel = directions / np.sqrt(variances.clip(min=0) + 1e-3 * variances[0])
    return [kernel.astype(np.float32), (-mean @ kernel).astype(np.float32)]
