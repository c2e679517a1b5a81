"""A hidden layer that adds to what both heads say, on top of finished trunks, in Keras 3 alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.emotions import EMOTIONS
from affect.expression.network import FEATURES, HEADS
from affect.expression.trunks import TRUNKS

NAME: Final = "photographs"  # what the layers' names begin with: what teaches them


def with_hidden(
    model: Any, components: int, hidden: int, examples: NDArray[np.float32]
) -> tuple[Any, Any]:
    """The same network with heads to which one hidden layer adds, at first nothing.

    It sees all features of the first trunk, but of another, which knows who is who, only the
    principal components: of all of them, it would learn people by heart.

    Args:
        model: a network as `build` returns it.
        components: how many of a further trunk's principal components the layer sees, at most.
        hidden: units of the layer.
        examples: features, float32 (N, F), by which what it sees has mean 0 and variance 1.

    Returns:
        (the network, its new heads alone: float32 features (N, F) to a dict of (N, 7)); they
        share weights.
    """
    import keras
    from keras import layers

    names = {layer.name for layer in model.layers}
    trunks = [f"{kind}_features" for kind in TRUNKS if f"{kind}_features" in names]
    first, *further = (model.get_layer(trunk).output for trunk in trunks)
    width = first.shape[-1]
    own, others = examples[:, :width], examples[:, width:]
    main = _principal(others, components) if others.shape[1] else None
    # Keras' own Normalization layer becomes a second input in an ONNX file.
    normalised = layers.BatchNormalization(
        center=False,
        scale=False,
        epsilon=1e-8,  # some features vary by no more than 1e-6
        trainable=False,
        dtype="float32",
        name=f"{NAME}_normalised",
    )
    principal = main and layers.Dense(
        len(main[1]), trainable=False, dtype="float32", name=f"{NAME}_components"
    )
    between = layers.Dense(hidden, activation="relu", dtype="float32", name=f"{NAME}_hidden")
    linear = {head: _dense(f"{head}_linear", trainable=False) for head in HEADS}
    added = {
        head: _dense(f"{head}_added", use_bias=False, kernel_initializer="zeros") for head in HEADS
    }

    def answers(x: Any, own: Any, others: Sequence[Any]) -> dict[str, Any]:
        seen = normalised(own)
        if principal:
            view = layers.Concatenate(dtype="float32", name=f"{NAME}_view")
            seen = view([seen, *map(principal, others)])
        seen = layers.Dropout(0.3, dtype="float32", name=f"{NAME}_dropout")(seen)
        said = between(seen)
        sums = {
            head: layers.Add(dtype="float32", name=f"{head}_sum")([linear[head](x), more(said)])
            for head, more in added.items()
        }
        return {head: layers.Softmax(dtype="float32", name=head)(sums[head]) for head in HEADS}

    # Of the trunks themselves: slices of the features would be operations in every exported file.
    outputs = answers(model.get_layer(FEATURES).output, first, further)
    complete = keras.Model(model.input, outputs, name="expression")
    alone = keras.Input(examples.shape[1:])
    heads_alone = keras.Model(alone, answers(alone, alone[:, :width], [alone[:, width:]]))
    for head in HEADS:
        linear[head].set_weights(model.get_layer(head).get_weights())
    normalised.set_weights([own.mean(axis=0), own.var(axis=0)])
    if principal:
        principal.set_weights(main)
    return complete, heads_alone


def join_hidden(pupils: Sequence[Any], joined: Any) -> None:
    """Let one hidden layer add to each head's logits what several add in the mean.

    Args:
        pupils: heads alone, of one network, which differ in what they learned.
        joined: those of the same network, with as many hidden units as all of them together.
    """
    kernels, biases = zip(
        *(pupil.get_layer(f"{NAME}_hidden").get_weights() for pupil in pupils), strict=True
    )
    joined.get_layer(f"{NAME}_hidden").set_weights(
        [np.concatenate(kernels, axis=1), np.concatenate(biases)]
    )
    for head in HEADS:
        added = [pupil.get_layer(f"{head}_added").get_weights()[0] for pupil in pupils]
        joined.get_layer(f"{head}_added").set_weights([np.concatenate(added) / len(pupils)])


def _dense(name: str, **options: Any) -> Any:
    from keras import layers

    return layers.Dense(len(EMOTIONS), dtype="float32", name=name, **options)


def _principal(examples: NDArray[np.float32], components: int) -> list[NDArray[np.float32]]:
    """[kernel, bias] of what turns features into their first components, each of variance 1."""
    mean = examples.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(examples, rowvar=False))
    variances, directions = variances[::-1][:components], directions[:, ::-1][:, :components]
    # What hardly varies is not blown up.
    kernel = directions / np.sqrt(variances.clip(min=0) + 1e-3 * variances[0])
    return [kernel.astype(np.float32), (-mean @ kernel).astype(np.float32)]
