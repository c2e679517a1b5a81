"""How long a video takes, beside decoding it alone and, if wanted, beside `fer`.

One run, model loaded and charts left out. Prints Markdown tables; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av
import long_video
import numpy as np
import startup
from meters import best_s, forget_highest, highest_mb

from affect import pipeline
from affect.contracts import CROP_SIZE, ExpressionModel, named_as_video

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("AFFECT_TEST_DATA", ROOT.parent / "shared" / "data"))
FULL_HD = ("happy/happy13.mp4", "happy/new_happy02.mp4", "angry/angry1.mp4", "angry/angry21.mp4")
RATES = (1.0, 5.0)


@dataclass(frozen=True)
class Timing:
    """Seconds one video takes; `analyse_s` and `fer_s` by rate."""

    video: str
    length_s: float
    decode_s: float
    analyse_s: dict[float, float]
    fer_s: dict[float, float]


def decode(path: Path) -> float:
    """Decode every picture and throw it away; returns the time of the last one, in seconds."""
    last = 0.0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            last = frame.time or last
    return last


def time_videos(
    paths: Sequence[Path], model: ExpressionModel, repeats: int, fer_python: Path | None
) -> tuple[list[Timing], float]:
    """Time each video; also the highest memory while analysing, in MB."""

    def analyse(path: Path, rate: float) -> list[float]:
        report = pipeline.analyze(path, rate=rate, model=model)
        return [moment.time_s for moment in report.moments]

    forget_highest()
    moments = {str(path): {rate: analyse(path, rate) for rate in RATES} for path in paths}
    peak_mb = highest_mb()
    peer = time_fer(fer_python, moments) if fer_python else {}
    timings = []
    for path in paths:
        decode_s, *analyse_s = best_s(
            partial(decode, path),
            *(partial(analyse, path, rate) for rate in RATES),
            repeats=repeats,
        )
        ours = dict(zip(RATES, analyse_s, strict=True))
        timings.append(Timing(path.name, decode(path), decode_s, ours, peer.get(str(path), {})))
    return timings, peak_mb


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
    (seconds,) = best_s(lambda: [model.score(crops) for _ in range(rounds)], repeats=repeats)
    return 32 * rounds / seconds


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
        found += sorted(file for file in inside if file == path or named_as_video(file))
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

    model = pipeline.load_model()
    timings, peak_mb = time_videos(paths, model, arguments.repeats, arguments.fer_python)
    figures: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "load": os.getloadavg()[0],
        "videos": [asdict(timing) for timing in timings],
        "peak_mb": peak_mb,
        "faces_per_s": faces_per_second(model, arguments.repeats),
        "help_s": startup.help_s(),
        "first_page_s": startup.first_page_s(),
        "installed_first_page_s": startup.installed_first_page_s(),
    }
    print(f"{figures['machine']}, load {figures['load']:.1f}\n")
    print(speed_table(timings) + "\n")
    rows = [
        ["peak memory while analysing", f"{peak_mb:.0f} MB"],
        ["network, batches of 32", f"{figures['faces_per_s']:.0f} faces/s"],
        ["start-up: `python -m affect --help`", f"{figures['help_s']:.2f} s"],
        ["start-up: first page of `python app.py`", f"{figures['first_page_s']:.2f} s"],
        ["the same, installed", f"{figures['installed_first_page_s']:.2f} s"],
    ]
    if arguments.long:
        long = long_video.measure(model, minutes=30)
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
