"""Damages small valid videos at random, a thousand times, and reads what is left of them.

    python benchmarks/corrupt.py [--count 1000] [--seed 1]

Reading has to end in pictures, perhaps partial, or in an error made for it. It prints how often
each happened and ends with status 1 if the reader died, hung or raised anything else. Every file
that made it do so is kept, and its name printed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from affect.contracts import Limits
from affect.errors import AffectError
from affect.media import open_video

SECONDS_TO_HANG = 30
FAULTS = {"died", "hung", "untyped"}
SMALL = {
    "h264.mp4": ("libx264", "yuv420p", {}),
    "h264-faststart.mp4": ("libx264", "yuv420p", {"movflags": "faststart"}),
    "h264-fragments.mp4": ("libx264", "yuv420p", {"movflags": "frag_keyframe+empty_moov"}),
    "h264.mkv": ("libx264", "yuv420p", {}),
    "h264.ts": ("libx264", "yuv420p", {}),
    "hevc.mov": ("libx265", "yuv420p", {}),
    "vp8-live.webm": ("libvpx", "yuv420p", {"live": "1"}),
    "vp9.webm": ("libvpx-vp9", "yuv420p", {}),
    "mpeg4.avi": ("mpeg4", "yuv420p", {}),
    "mpeg2.mpg": ("mpeg2video", "yuv420p", {}),
    "mjpeg.mov": ("mjpeg", "yuvj420p", {}),
    "flv.flv": ("flv", "yuv420p", {}),
    "wmv.wmv": ("wmv2", "yuv420p", {}),
}


def write_small(folder: Path) -> list[bytes]:
    """Two seconds in every kind of file; their contents."""
    for name, (codec, pix_fmt, muxer_options) in SMALL.items():
        with av.open(str(folder / name), "w", options=muxer_options) as container:
            options = {"x265-params": "log-level=none"} if codec == "libx265" else {"g": "10"}
            stream = container.add_stream(codec, rate=25, options=options)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
            for number in range(50):
                gray = np.add.outer(np.arange(64), np.arange(96)) * 2 + number * 5
                frame = av.VideoFrame.from_ndarray(gray.astype(np.uint8), format="gray")
                container.mux(stream.encode(frame.reformat(format=pix_fmt)))
            container.mux(stream.encode())
    return [(folder / name).read_bytes() for name in SMALL]


def damage(content: bytes, rng: random.Random) -> bytes:
    """The same file after one accident."""
    data = bytearray(content)
    start = rng.randrange(len(data))
    end = start + rng.randrange(1, 2000)
    # Half of the accidents happen where the headers are.
    if rng.random() < 0.5:
        start, end = start % 500, start % 500 + end % 40
    match rng.choice(["flip", "overwrite", "blank", "remove", "repeat", "cut"]):
        case "flip":
            for _ in range(rng.randrange(1, 30)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case "overwrite":
            data[start:end] = rng.randbytes(end - start)
        case "blank":
            data[start:end] = bytes(end - start)
        case "remove":
            del data[start:end]
        case "repeat":
            data[start:start] = data[start:end]
        case _:
            del data[start:]
    return bytes(data)


def read(path: Path) -> str:
    """What came of reading a file."""
    try:
        with open_video(path, Limits()) as video:
            for _ in video.sample(5.0):
                pass
            return "partial" if video.partial else "whole"
    except AffectError as error:
        return type(error).__name__
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return "untyped"


def serve(pipe: Connection) -> None:
    """Read files as they are named, until the other side closes."""
    while True:
        try:
            pipe.send(read(pipe.recv()))
        except EOFError:
            return


def start_reader() -> tuple[SpawnProcess, Connection]:
    context = get_context("spawn")
    pipe, other = context.Pipe()
    reader = context.Process(target=serve, args=(other,), daemon=True)
    reader.start()
    other.close()
    return reader, pipe


def outcomes(paths: Iterator[Path]) -> Iterator[tuple[Path, str]]:
    """Read each file in another process, which is replaced when it dies or hangs."""
    reader, pipe = start_reader()
    for path in paths:
        pipe.send(path)
        try:
            outcome = pipe.recv() if pipe.poll(SECONDS_TO_HANG) else "hung"
        except EOFError:
            outcome = "died"
        if outcome in {"died", "hung"}:
            reader.kill()
            reader.join()
            reader, pipe = start_reader()
        yield path, outcome
    reader.kill()
    reader.join()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    counts: Counter[str] = Counter()
    folder = Path(tempfile.mkdtemp(prefix="corrupt-"))
    whole = write_small(folder)

    def damaged() -> Iterator[Path]:
        for number in range(arguments.count):
            path = folder / f"{number}.video"
            path.write_bytes(damage(rng.choice(whole), rng))
            yield path

    for path, outcome in outcomes(damaged()):
        counts[outcome] += 1
        if outcome in FAULTS:
            print(f"{path}: {outcome}", file=sys.stderr)
        else:
            path.unlink()
    for outcome, count in counts.most_common():
        print(f"{outcome:<16} {count}")
    if FAULTS.isdisjoint(counts):
        shutil.rmtree(folder)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
