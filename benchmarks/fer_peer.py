"""Times `fer` on given moments of given videos; analyze.py runs it in fer's own environment.

Standard input: {"video": {"rate": [seconds of each moment]}}; standard output: the same with
{"s": seconds of decoding and reading faces, "frames": how many, "faces": how many} for the moments.
That environment needs fer, av, TensorFlow and setuptools < 81; see benchmarks/README.md.
"""

from __future__ import annotations

import json
import sys
import time

import av
import numpy as np
from fer.fer import FER


def measure(peer: FER, path: str, moments: list[float]) -> dict[str, float]:
    """Decode the video and hand those frames to fer, the way its users call it: Haar, TFLite."""
    waiting = sorted(moments)
    frames = faces = 0
    start = time.perf_counter()
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        first = None
        for frame in container.decode(stream):
            first = frame.time if first is None else first
            if frame.time - first < waiting[frames] - 1e-6:
                continue
            faces += len(peer.detect_emotions(frame.to_ndarray(format="bgr24")))
            frames += 1
            if frames == len(waiting):
                break
    return {"s": time.perf_counter() - start, "frames": frames, "faces": faces}


def main() -> None:
    """Read the work, do it, write the times."""
    work: dict[str, dict[str, list[float]]] = json.load(sys.stdin)
    peer = FER()
    peer.detect_emotions(np.zeros((256, 256, 3), np.uint8))
    json.dump(
        {
            path: {rate: measure(peer, path, moments) for rate, moments in rates.items()}
            for path, rates in work.items()
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
