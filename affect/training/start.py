"""A run that begins with a network of the same build that has learned something already."""

from __future__ import annotations

from typing import Any

from affect.errors import SettingsError
from affect.expression import network


def begin_with(old: Any, new: Any) -> None:
    """Give every layer of `new` the weights it has in `old`.

    Args:
        old: keras.Model, as `network.build` or `with_talking_head` returns it; of the latter the
            head that photographs alone taught.
        new: keras.Model of `network.build`.

    Raises:
        SettingsError: they are not built alike.
    """
    known = {layer.name: layer.get_weights() for layer in old.layers if layer.weights}
    known["ferplus"] = known.get(network.PHOTOGRAPHS, known.get("ferplus"))
    for layer in new.layers:
        if not layer.weights:
            continue
        shapes = [array.shape for array in known.get(layer.name) or ()]
        if shapes != [tuple(weights.shape) for weights in layer.weights]:
            raise SettingsError(
                "The network to begin with does not fit into the one to train.",
                f"They differ at {layer.name!r}: configure both alike.",
            )
        layer.set_weights(known[layer.name])


def freeze(model: Any, blocks: int) -> None:
    """Keep the first convolution, so many blocks, and what normalises them as they are."""
    for name in network.convolutions(blocks):
        for layer in (model.get_layer(name), model.get_layer(f"{name}_norm")):
            layer.trainable = False
