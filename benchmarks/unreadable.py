"""How many faces the product declines to read: clear ones, and the same made unreadable.

    python benchmarks/unreadable.py --data fer2013.npz [--runtime onnx]

Clear are the faces of PublicTest on which most voters agree. The ways they are spoilt are those the
network learned from, on other faces.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from affect import expression
from affect.datasets import fer2013
from affect.expression.model import Model
from affect.pipeline import READABLE
from affect.training.evaluate import default_split
from affect.training.readability import SPOILT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--runtime", choices=expression.RUNTIMES, default=expression.DEFAULT_RUNTIME
    )
    options = parser.parse_args()
    faces = fer2013.load(options.data)
    faces = faces.split(default_split(faces))
    clear = faces.images[faces.majority >= 0]
    model = expression.load("video", options.runtime)
    print(f"{'as they are':24}{declined(model, clear):6.1%} of {len(clear)}")
    for name, way in SPOILT.items():
        rng = np.random.default_rng(0)
        spoilt = np.stack([way(image, rng) for image in clear])
        print(f"{name:24}{declined(model, spoilt):6.1%}")


def declined(model: Model, crops: np.ndarray) -> float:
    return float((model.score(crops).readability < READABLE).mean())


if __name__ == "__main__":
    main()
