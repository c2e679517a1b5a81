"""How often `fer` is right on people who talk, counted as talking.py counts the product.

    fer-env/bin/python benchmarks/fer_talking.py --data TALKING

benchmarks/README.md says how to make that environment. `fer` looks five times a second, with its
own Haar detector, as its users call it; of each look the largest face counts, and a clip's answer
is the most probable emotion by the mean over its looks.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from fer.fer import FER

RATE = 5.0
SIX = ("angry", "fear", "happy", "sad", "surprise", "neutral")
FIVE = ("angry", "happy", "sad", "surprise", "neutral")


def looks(path: Path) -> Iterator[np.ndarray]:
    """The pictures of a clip, BGR, five a second."""
    with av.open(str(path)) as container:
        first, due = None, 0
        for frame in container.decode(video=0):
            first = frame.time if first is None else first
            if frame.time - first >= due / RATE - 1e-6:
                due += 1
                yield frame.to_ndarray(format="bgr24")


def mean(peer: FER, path: Path) -> dict[str, float] | None:
    """The mean probability of each emotion; None without a face."""
    seen = []
    for picture in looks(path):
        if faces := peer.detect_emotions(picture):
            seen.append(max(faces, key=lambda face: face["box"][2] * face["box"][3])["emotions"])
    return {name: float(np.mean([one[name] for one in seen])) for name in SIX} if seen else None


def main() -> None:
    """Read the table, look at each clip, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    peer = FER()
    right: dict[str, list[bool]] = {"six": [], "five": []}
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = mean(peer, folder / row["file"])
            for name, classes in (("six", SIX), ("five", FIVE)):
                if row["label"] in classes:
                    answer = max(classes, key=found.__getitem__) if found else None
                    right[name].append(answer == row["label"])
    for name, hits in right.items():
        print(f"{name}: {np.mean(hits):.1%} of {len(hits)} clips")


if __name__ == "__main__":
    main()
