"""Write down what a published network answers to each face of Training, for `train --answers`.

    python docs/answers.py --data fer2013.npz --model model --out answers.npz

Each face is seen as it is and mirrored, and the two answers are averaged. The head `ferplus`
answers as photographs alone taught it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np

from affect.datasets import fer2013
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime
from affect.training.targets import Targets, probabilities


def of_photographs(published: Any) -> Any:
    """The network with both heads as they were before people who talk."""
    names = {layer.name for layer in published.layers}
    if network.PHOTOGRAPHS not in names:
        return published
    logits = published.get_layer(network.PHOTOGRAPHS).output
    heads = {head: published.output[head] for head in network.HEADS}
    return keras.Model(published.input, heads | {"ferplus": keras.layers.Softmax()(logits)})


def both_ways(model: Any, images: np.ndarray) -> Targets:
    """Each head's answers to faces as they are and mirrored, in the mean; as `probabilities`."""
    seen, mirrored = (probabilities(model, way) for way in (images, images[:, :, ::-1]))
    return {head: np.float32(0.5) * (seen[head] + mirrored[head]) for head in network.HEADS}


def main() -> None:
    """Parse, load, answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--model", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    model = of_photographs(KerasRuntime(options.model / FILES["keras"]).network)
    images = fer2013.load(options.data).split("Training").images
    np.savez(options.out, **both_ways(model, images))


if __name__ == "__main__":
    main()
