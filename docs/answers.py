"""Write the faces that a run learns from and what a published network answers to each of them.

    python docs/answers.py --data fer2013.npz --model FOLDER --out answers.npz

`train --answers` learns these beside the same faces as they are labelled and voted: ten votes are
few, and FER2013's labels are often wrong, so what was learned from all the others helps (Hinton et
al. 2015; a student much as its teacher: Furlanello et al. 2018). Each face is seen as it is and
mirrored, and the two answers are averaged.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from affect.datasets import fer2013
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime
from affect.training.expression import split_as_published
from affect.training.targets import probabilities


def main() -> None:
    """Parse, load, answer, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--model", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    model = KerasRuntime(options.model / FILES["keras"]).network
    learned, _ = split_as_published(fer2013.load(options.data), options.model)
    images = learned.images
    seen, mirrored = (probabilities(model, way) for way in (images, images[:, :, ::-1]))
    told = {head: np.float32(0.5) * (seen[head] + mirrored[head]) for head in network.HEADS}
    np.savez(options.out, images=images, **told)


if __name__ == "__main__":
    main()
