"""Tell what remembering the photographs of Training would be worth on PublicTest.

    python docs/remembering.py --data fer2013.npz

Of each photograph that Training shows, too, it tells how often the shipped head `fer2013` is
right, and how often it would be if it said what Training's picture is labelled.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from affect import expression
from affect.datasets import crops, fer2013


def main() -> None:
    """Parse, look, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    faces = fer2013.load(parser.parse_args().data)
    training, public = faces.split("Training"), faces.split("PublicTest")
    rows = crops.counterparts(public, training)
    copies, shown = fer2013.copies_of(public, training), rows >= 0
    scores = expression.load("fer2013").score(public.images)
    right = scores.probabilities.argmax(axis=1) == public.labels
    remembered = np.where(shown, training.labels[rows] == public.labels, right)
    for name, chosen in (
        ("copies", copies),
        ("other crops", shown & ~copies),
        ("new photographs", ~shown),
        ("all", np.ones(len(public), bool)),
    ):
        if chosen.any():
            print(
                f"{name:16}{chosen.sum():5}  right {right[chosen].mean():.1%}  "
                f"remembering {remembered[chosen].mean():.1%}"
            )


if __name__ == "__main__":
    main()
