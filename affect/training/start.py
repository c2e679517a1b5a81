"""A run that begins with a network of the same build that has learned something already."""

from __future__ import annotations

from typing import Any

from affect.expression import network
from affect.training.configuration import Configuration


def begin_with(old: Any, new: Any) -> None:
    """Give every layer of `new` the weights it has in `old`.

    Args:
        old: keras.Model, as `network.build` or `with_talking_head` returns it; of the latter the
            head that photographs alone taught.
        new: keras.Model of `network.build`, built as `old` was.
    """
    known = {layer.name: layer.get_weights() for layer in old.layers}
    known["ferplus"] = known.get(network.PHOTOGRAPHS, known["ferplus"])
    for layer in new.layers:
        if layer.weights:
            layer.set_weights(known[layer.name])


def frozen(configuration: Configuration) -> list[str]:
    """The names of the convolutions that stay as what a run begins with, in their order."""
    return network.convolutions(configuration.frozen) if configuration.frozen else []


def freeze(model: Any, names: list[str]) -> None:
    """Keep these convolutions and what normalises them as they are."""
    for name in names:
        for layer in (model.get_layer(name), model.get_layer(f"{name}_norm")):
            layer.trainable = False
