"""A larger network that begins where a smaller one ended."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.errors import SettingsError
from affect.expression import network

SILENT = "_second_norm"  # with its scale at 0 a block adds nothing to its shortcut


def grow(old: Any, new: Any) -> None:
    """Give `new` the weights of `old`, so that it answers the same (Chen et al. 2016, "Net2Net").

    New channels begin as they were initialised and are at first not listened to by the old ones;
    new blocks, which may only end a stage, begin silent.

    Args:
        old: keras.Model, as `network.build` or `with_talking_head` returns it; of the latter the
            head that photographs alone taught.
        new: keras.Model of `network.build`, nowhere narrower or shorter than `old`.

    Raises:
        SettingsError: `new` is narrower or shorter somewhere, or its stages differ.
    """
    earlier = {layer.name: layer.get_weights() for layer in old.layers if layer.weights}
    earlier["ferplus"] = earlier.get(network.PHOTOGRAPHS, earlier.get("ferplus"))
    layers = {layer.name: layer for layer in new.layers if layer.weights}
    trunk = {name for name in earlier if name.startswith("st")}  # stem and stages
    if missing := sorted(trunk - layers.keys()):
        raise _unlike(missing[0])
    for name, layer in layers.items():
        weights = layer.get_weights()
        if name in earlier:
            layer.set_weights(
                [_enlarged(*pair, name) for pair in zip(weights, earlier[name], strict=True)]
            )
        elif "_shortcut" in name:
            raise _unlike(name)
        elif name.endswith(SILENT):
            layer.set_weights([np.zeros_like(weights[0]), *weights[1:]])


def _enlarged(new: NDArray[np.float32], old: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    if any(after < before for after, before in zip(new.shape, old.shape, strict=True)):
        raise _unlike(name)
    grown = new.copy()
    if old.ndim > 1:
        grown[..., : old.shape[-1]] = 0
    grown[tuple(slice(length) for length in old.shape)] = old
    return grown


def _unlike(name: str) -> SettingsError:
    return SettingsError(
        "The network to begin with does not fit into the one to train.",
        f"They differ at {name!r}; no stage may be narrower or shorter than it was.",
    )
