"""Size, start, speed, memory and accuracy of the network in each runtime.

Each is measured in a process of its own. Prints a Markdown table; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from meters import highest_mb

from affect import export
from affect.contracts import CROP_SIZE
from affect.datasets import fer2013
from affect.expression.model import FILES
from affect.expression.network import HEADS
from affect.expression.runtimes import RUNTIMES, KerasRuntime, run
from affect.resources import folder
from affect.training.evaluate import default_split, judge
from affect.training.expression import calibration_faces, split_as_published

ROUNDS = 20
COLUMNS = ("file, MB", "start, s", "faces/s", "peak, MB", "FER+, %", "FER2013, %")


def measure(name: str, file: Path, data: Path) -> dict[str, float]:
    """Measure one file in this process, which shall have done nothing else before."""
    crops = np.random.default_rng(0).integers(0, 256, (32, CROP_SIZE, CROP_SIZE), dtype=np.uint8)
    start = time.perf_counter()
    runtime = RUNTIMES[name](file)
    run(runtime, crops)
    figures = {"file, MB": file.stat().st_size / 1e6, "start, s": time.perf_counter() - start}
    tries = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(ROUNDS):
            run(runtime, crops)
        tries.append(time.perf_counter() - start)
    figures["faces/s"] = 32 * ROUNDS / min(tries)
    figures["peak, MB"] = highest_mb()
    faces = fer2013.load(data)
    judging = faces.split(default_split(faces))
    answers = run(runtime, judging.images)
    for column, labels in zip(COLUMNS[4:], HEADS, strict=True):
        figures[column] = 100 * judge(answers[labels], judging, None, labels, "seven")[0].accuracy
    return figures


def main() -> None:
    """Convert, measure and print; with a runtime and a file, measure those and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="FER2013 with FER+'s votes")
    parser.add_argument("--only", nargs=2, metavar=("RUNTIME", "FILE"), help="measure one file")
    arguments = parser.parse_args()
    if arguments.only:
        name, file = arguments.only
        print(json.dumps(measure(name, Path(file), arguments.data)))
        return
    weights = folder("model") / FILES["keras"]
    learned, _ = split_as_published(fer2013.load(arguments.data), folder("model"))
    with tempfile.TemporaryDirectory() as temporary:
        files = {"keras": ("keras", weights)}
        network = KerasRuntime(weights).network
        for form in export.FORMATS:
            for label, faces in ((form, None), (f"{form} int8", calibration_faces(learned))):
                files[label] = form, Path(temporary, label)
                export.convert(network, form, files[label][1], faces)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print(f"| runtime | {' | '.join(COLUMNS)} |")
        print(f"| --- |{' ---: |' * len(COLUMNS)}")
        for label, (form, file) in files.items():
            command = [sys.executable, __file__, "--data", arguments.data, "--only", form, file]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            figures = json.loads(done.stdout.splitlines()[-1])
            cells = (
                f"{figures[column]:.{0 if figures[column] > 200 else 2}f}" for column in COLUMNS
            )
            print(f"| {label} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
