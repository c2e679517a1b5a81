"""The two trunks: what becomes of a face before the heads look, in Keras 3 alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Trunk:
    """How one trunk is built.

    Attributes:
        kind: which of `TRUNKS`; every layer's name begins with it.
        side: pixels that the face is enlarged to; 48 leaves it as it is.
        stem: channels of the first convolution.
        widths: channels of each block.
        strides: stride of each block.
        waists: channels between the two halves of each residual block's convolutions; 0 for whole
            ones.
    """

    kind: str
    side: int
    stem: int
    widths: tuple[int, ...]
    strides: tuple[int, ...]
    waists: tuple[int, ...]


def features(face: Any, trunk: Trunk, dtype: str) -> Any:
    """What a trunk sees in faces.

    Args:
        face: Keras tensor, float32 (N, 48, 48, 1), each standardised to mean 0 and variance 1.
        dtype: Keras dtype policy, such as "float32" or "mixed_bfloat16".

    Returns:
        Keras tensor, float32 (N, trunk.widths[-1]).
    """
    import keras

    if trunk.side != face.shape[1]:
        # An operation, no layer: Keras' own Resizing makes what follows train when it is exported.
        face = keras.ops.image.resize(face, (trunk.side, trunk.side), interpolation="bilinear")
    x = TRUNKS[trunk.kind](face, trunk, dtype)
    return keras.layers.GlobalAveragePooling2D(dtype="float32", name=f"{trunk.kind}_features")(x)


def _residual(x: Any, trunk: Trunk, dtype: str) -> Any:
    """Residual blocks (He et al. 2016) with squeeze-and-excitation (Hu et al. 2018).

    With a waist, a convolution of 3×3 is one of 3×1 and one of 1×3 (Jaderberg et al. 2014).
    """
    from keras import layers

    def plain(
        x: Any, filters: int, size: tuple[int, int], strides: tuple[int, int], name: str
    ) -> Any:
        layer = layers.Conv2D(
            filters, size, strides, padding="same", use_bias=False, dtype=dtype, name=name
        )
        return layer(x)

    def convolution(x: Any, filters: int, size: int, stride: int, name: str, waist: int = 0) -> Any:
        name = f"{trunk.kind}_{name}"
        if waist:
            x = plain(x, waist, (size, 1), (stride, 1), waist_name(name))
            x = plain(x, filters, (1, size), (1, stride), name)
        else:
            x = plain(x, filters, (size, size), (stride, stride), name)
        return layers.BatchNormalization(momentum=0.97, dtype=dtype, name=f"{name}_norm")(x)

    def attention(x: Any, filters: int, name: str) -> Any:
        weights = layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype)(x)
        for units, activation, step in (
            (filters // 8, "relu", "squeeze"),
            (filters, "sigmoid", "excite"),
        ):
            weights = layers.Dense(
                units, activation=activation, dtype=dtype, name=f"{trunk.kind}_{name}_{step}"
            )(weights)
        return layers.Multiply(dtype=dtype)([x, weights])

    def block(x: Any, filters: int, stride: int, waist: int, name: str) -> Any:
        shortcut = x
        if stride != 1 or x.shape[-1] != filters:
            shortcut = convolution(x, filters, 1, stride, f"{name}_shortcut")
        x = convolution(x, filters, 3, stride, f"{name}_first", waist)
        x = layers.ReLU(dtype=dtype)(x)
        x = attention(convolution(x, filters, 3, 1, f"{name}_second", waist), filters, name)
        return layers.ReLU(dtype=dtype)(layers.Add(dtype=dtype)([x, shortcut]))

    x = layers.ReLU(dtype=dtype)(convolution(x, trunk.stem, 3, 1, "stem"))
    for number, (filters, stride, waist) in enumerate(
        zip(trunk.widths, trunk.strides, trunk.waists, strict=True), start=1
    ):
        x = block(x, filters, stride, waist, f"block{number}")
    return x


def _separable(x: Any, trunk: Trunk, dtype: str) -> Any:
    """MobileNet's separable convolutions (Howard et al. 2017); the first one halves the picture."""
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

    stem, *names = separable_convolutions(len(trunk.widths))
    x = convolution(x, trunk.stem, 3, 2, stem)
    for depth, point, filters, stride in zip(
        names[::2], names[1::2], trunk.widths, trunk.strides, strict=True
    ):
        x = convolution(depthwise(x, stride, depth), filters, 1, 1, point)
    return x


def separable_convolutions(blocks: int) -> list[str]:
    """The names of a separable trunk's convolutions: the first one, and two in each block."""
    parts = [
        f"separable_block{number}_{part}"
        for number in range(1, blocks + 1)
        for part in ("depth", "point")
    ]
    return ["separable_stem", *parts]


def waist_name(convolution: str) -> str:
    """The name of the first half, 3×1, of a convolution with a waist."""
    return f"{convolution}_waist"


TRUNKS: Final[dict[str, Callable[[Any, Trunk, str], Any]]] = {
    "residual": _residual,
    "separable": _separable,
}
