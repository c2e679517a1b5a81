"""How long a video takes, beside decoding it alone and, if wanted, beside `fer`.

One run, model loaded and charts left out. Prints Markdown tables; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import av
import numpy as np
import psutil
from skimage import data

from affect import pipeline
from affect.contracts import CROP_SIZE, ExpressionModel, Progress

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("AFFECT_TEST_DATA", ROOT.parent / "shared" / "data"))
FULL_HD = ("happy/happy13.mp4", "happy/new_happy02.mp4", "angry/angry1.mp4", "angry/angry21.mp4")
SUFFIXES = {".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi"}
RATES = (1.0, 5.0)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Timing:
    """Seconds one video takes; `analyse_s` and `fer_s` by rate."""

    video: str
    length_s: float
    decode_s: float
    analyse_s: dict[float, float]
    fer_s: dict[float, float]


@dataclass(frozen=True)
class LongVideo:
    """Memory in MB over a long video, a tenth of the way in and at its highest."""

    minutes: float
    seconds: float
    early_mb: float
    peak_mb: float
    faces: int


def best(action: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest of several tries: the one least disturbed by other work."""
    tries = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        tries.append(time.perf_counter() - start)
    return min(tries)


def decode(path: Path) -> float:
    """Decode every picture and throw it away; returns the time of the last one, in seconds."""
    last = 0.0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            last = frame.time or last
    return last


def rss_mb() -> float:
    """Memory of this process now, in MB."""
    return float(psutil.Process().memory_info().rss) / MEGABYTE


def time_videos(
    paths: Sequence[Path], model: ExpressionModel, repeats: int, fer_python: Path | None
) -> tuple[list[Timing], float]:
    """Time each video; also the highest memory seen while analysing, in MB."""
    peak = 0.0

    def watch(_: Progress) -> None:
        nonlocal peak
        peak = max(peak, rss_mb())

    def analyse(path: Path, rate: float) -> list[float]:
        report = pipeline.analyze(path, rate=rate, model=model, on_progress=watch)
        return [moment.time_s for moment in report.moments]

    moments = {str(path): {rate: analyse(path, rate) for rate in RATES} for path in paths}
    peer = time_fer(fer_python, moments) if fer_python else {}
    timings = [
        Timing(
            video=path.name,
            length_s=decode(path),
            decode_s=best(lambda path=path: decode(path), repeats),
            analyse_s={
                rate: best(lambda path=path, rate=rate: analyse(path, rate), repeats)
                for rate in RATES
            },
            fer_s=peer.get(str(path), {}),
        )
        for path in paths
    ]
    return timings, peak


def time_fer(
    python: Path, moments: dict[str, dict[float, list[float]]]
) -> dict[str, dict[float, float]]:
    """Seconds that fer takes for the same moments of the same videos, decoding included."""
    done = subprocess.run(
        [python, ROOT / "benchmarks" / "fer_peer.py"],
        input=json.dumps(moments),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    return {
        path: {float(rate): part["s"] for rate, part in rates.items()}
        for path, rates in answer.items()
    }


def faces_per_second(model: ExpressionModel, repeats: int) -> float:
    """Faces the network reads in a second, in batches of 32."""
    crops = np.random.default_rng(0).integers(0, 256, (32, CROP_SIZE, CROP_SIZE), dtype=np.uint8)
    rounds = 10
    return 32 * rounds / best(lambda: [model.score(crops) for _ in range(rounds)], repeats)


def help_s() -> float:
    """Seconds until the command line has answered."""
    command = [sys.executable, "-m", "affect", "--help"]
    return best(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), 5)


def first_page_s() -> float:
    """Seconds from the command to the first page."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, ROOT / "app.py", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            env=os.environ | {"AFFECT_DATA": folder},
        )
        try:
            while True:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/"):
                        return time.perf_counter() - start
                except URLError:
                    if server.poll() is not None:
                        raise
                    time.sleep(0.02)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def write_long_video(path: Path, minutes: float) -> None:
    """A face that wanders over a gray picture: 640×360, 10 frames a second."""
    face = data.astronaut()[0:256, 96:352]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for i in range(int(minutes * 60 * 10)):
            picture = np.full((360, 640, 3), 127, np.uint8)
            x, y = int(192 + 180 * np.sin(i / 40)), int(52 + 50 * np.sin(i / 23))
            picture[y : y + 256, x : x + 256] = face
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def measure_long(model: ExpressionModel, minutes: float) -> LongVideo:
    """Analyse a generated video at five looks a second and watch the memory."""
    early = peak = 0.0

    def watch(progress: Progress) -> None:
        nonlocal early, peak
        now = rss_mb()
        peak = max(peak, now)
        if progress.done_s <= minutes * 6:
            early = max(early, now)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mp4"
        write_long_video(path, minutes)
        start = time.perf_counter()
        report = pipeline.analyze(path, rate=5, model=model, on_progress=watch)
        seconds = time.perf_counter() - start
    faces = sum(len(moment.faces) for moment in report.moments)
    return LongVideo(minutes, seconds, early, peak, faces)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown, the first column to the left and figures to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def speed_table(timings: Sequence[Timing]) -> str:
    """A row a video and one for their sum; each time also as a multiple of another."""
    total = Timing(
        "all",
        sum(timing.length_s for timing in timings),
        sum(timing.decode_s for timing in timings),
        {rate: sum(timing.analyse_s[rate] for timing in timings) for rate in RATES},
        {rate: sum(t.fer_s[rate] for t in timings) for rate in RATES if timings[0].fer_s},
    )
    head = ["video", "length, s", "decode only, s"]
    for rate in RATES:
        head += [f"analyse at {rate:g}/s, s", "÷ decode"]
        head += [f"`fer` at {rate:g}/s, s", "÷ ours"] if total.fer_s else []
    rows = []
    for timing in [*timings, total]:
        row = [timing.video, f"{timing.length_s:.1f}", f"{timing.decode_s:.2f}"]
        for rate in RATES:
            ours = timing.analyse_s[rate]
            row += [f"{ours:.2f}", f"{ours / timing.decode_s:.2f}"]
            if timing.fer_s:
                row += [f"{timing.fer_s[rate]:.2f}", f"{timing.fer_s[rate] / ours:.1f}"]
        rows.append(row)
    return table(head, rows)


def videos_in(paths: Iterable[Path]) -> list[Path]:
    """The files named and those in the folders named."""
    found: list[Path] = []
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        found += sorted(file for file in inside if file == path or file.suffix in SUFFIXES)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", nargs="*", type=Path, help="files or folders")
    parser.add_argument("--repeats", type=int, default=3, help="tries; the fastest counts")
    parser.add_argument("--fer-python", type=Path, help="python of an environment with fer in it")
    parser.add_argument("--long", action="store_true", help="also a generated 30-minute video")
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    paths = videos_in(arguments.videos or [SHARED_DATA / "clips" / name for name in FULL_HD])
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        parser.error(f"no video at {', '.join(missing or map(str, arguments.videos))}")

    model = pipeline.load_model("ferplus")
    timings, peak_mb = time_videos(paths, model, arguments.repeats, arguments.fer_python)
    figures: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load": os.getloadavg()[0],
        "videos": [asdict(timing) for timing in timings],
        "peak_mb": peak_mb,
        "faces_per_s": faces_per_second(model, arguments.repeats),
        "help_s": help_s(),
        "first_page_s": first_page_s(),
    }
    print(f"{figures['machine']}, load {figures['load']:.1f}\n")
    print(speed_table(timings) + "\n")
    rows = [
        ["peak memory while analysing", f"{peak_mb:.0f} MB"],
        ["network, batches of 32", f"{figures['faces_per_s']:.0f} faces/s"],
        ["start-up: `python -m affect --help`", f"{figures['help_s']:.2f} s"],
        ["start-up: first page of `python app.py`", f"{figures['first_page_s']:.2f} s"],
    ]
    if arguments.long:
        long = measure_long(model, minutes=30)
        figures["long"] = asdict(long)
        rows += [
            ["30-minute video at 5/s", f"{long.seconds:.0f} s, {long.faces} faces"],
            ["its memory after 3 minutes", f"{long.early_mb:.0f} MB"],
            ["its highest memory", f"{long.peak_mb:.0f} MB"],
        ]
    print(table(["measure", "value"], rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
