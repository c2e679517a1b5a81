"""How often the page is right on people who talk and whom it never saw.

    python benchmarks/talking.py --model model --data TALKING --faces fer2013.npz [--json FILE]

Each speaker's clips are judged, as the product reads video, by a weighing that learned from the
other speakers and from FER2013's training part, as `affect publish` teaches it. `--runtime` and
`--rate` are those of `affect analyze`. What the same weighings say of photographs that were held
out is told, too: seen once ("still"), and several times, changed as a video might ("moved").

    … --json model/talking.json

is what the page tells of people who talk beside its results.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from affect.contracts import ModelIdentity, VideoReport
from affect.datasets import fer2013
from affect.datasets.crops import strangers
from affect.expression.model import FILES, Model
from affect.expression.network import HEADS
from affect.expression.runtimes import DEFAULT_RUNTIME, RUNTIMES, KerasRuntime, run
from affect.expression.weighing import Weighing, as_said
from affect.pipeline import analyze
from affect.training import configuration, pupils, talking, video
from affect.training.accuracy import people_interval
from affect.training.calibration import fit_temperature
from affect.training.expression import split_as_published

Looks = NDArray[np.float32]  # (looks, N, 14): what both heads say of N faces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("model"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--runtime", choices=RUNTIMES, default=DEFAULT_RUNTIME)
    parser.add_argument("--rate", type=float, default=talking.RATE)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    settings, *_ = configuration.published(options.model)
    learned, held_out = split_as_published(fer2013.load(options.faces), options.model)
    rng = np.random.default_rng(settings.seed)
    trained = KerasRuntime(options.model / FILES["keras"]).network
    strange = strangers(held_out, learned)
    strange = strange.take(strange.majority >= 0)
    teacher = talking.Teacher(trained, learned, strange, talking.find(options.data), rng)
    runtime = RUNTIMES[options.runtime](options.model / FILES[options.runtime])

    def said(images: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
        return start.said(run(runtime, images))

    start = as_said(HEADS)
    clear = held_out.take(held_out.majority >= 0)
    calibrating = said(strange.images)[None]
    photographs = {
        "still": said(clear.images)[None],
        "moved": np.stack(
            [said(pupils.augmented(clear.images, rng)) for _ in range(talking.LOOKS)]
        ),
    }

    table = video.talking_table(options.data)
    talks: list[video.Talk] = []
    faces: list[tuple[bool, float]] = []  # of each: whether it is right, and how sure
    kept: dict[str, list[float]] = {name: [] for name in photographs}
    for person in sorted({speaker for _, speaker, _ in table}):
        taught = teacher.teach(without={person})
        for name, looks in photographs.items():
            kept[name].append(right_of(taught, looks, clear.majority))
        model = Model(
            runtime,
            taught,
            fit_temperature(answers(taught, calibrating), strange.majority),
            ModelIdentity("left out", "0" * 64),
        )
        for file, speaker, label in table:
            if speaker != person:
                continue

            def read(
                path: Path, view: str, label: str = label, model: Model = model
            ) -> VideoReport:
                report = analyze(path, rate=options.rate, emotions=view, model=model)
                faces.extend(judged(report, label))
                return report

            talks.append(video.talk(options.data, file, speaker, label, read))
        print(person, *video.accuracy([talk for talk in talks if talk.speaker == person]))

    read_by = (options.model / FILES[options.runtime]).read_bytes()
    figures: dict[str, object] = {
        "runtime": options.runtime,
        "rate": options.rate,
        "sha256": hashlib.sha256(read_by).hexdigest(),
    }
    without_fear = [talk for talk in talks if talk.label != "fear"]
    for name, group in (("six", talks), ("five", without_fear)):
        right = np.array([getattr(talk, name) == talk.label for talk in group])
        low, high = people_interval(right, np.array([talk.speaker for talk in group]))
        figures[name] = {"n": len(right), "accuracy": right.mean(), "interval": [low, high]}
        print(f"{name}: {right.mean():.1%} of {len(right)} clips (people: {low:.1%} to {high:.1%})")
    named, sure = np.mean(faces, axis=0)
    figures["faces"] = {"n": len(faces), "right": named, "mean_confidence": sure}
    print(f"{len(faces)} faces, seven emotions: {named:.0%} right, {sure:.0%} sure in the mean")
    for name, looks in photographs.items():
        before = right_of(start, looks, clear.majority)
        figures[name] = {"video": np.mean(kept[name]), "ferplus": before}
        print(
            f"photographs held out, {name}, by FER+'s majority: {np.mean(kept[name]):.1%} right, "
            f"by the head ferplus {before:.1%}"
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def answers(weighing: Weighing, looks: Looks) -> NDArray[np.float32]:
    """What is answered to faces that were looked at so often, (N, 7)."""
    return weighing.answer(looks.mean(axis=0), looks.std(axis=0))


def right_of(weighing: Weighing, looks: Looks, truth: NDArray[np.int64]) -> float:
    return float((answers(weighing, looks).argmax(axis=1) == truth).mean())


def judged(report: VideoReport, label: str) -> Iterator[tuple[bool, float]]:
    """Of each face that was read: whether it was called `label`, and how sure that was."""
    for moment in report.moments:
        for face in moment.faces:
            if face.scores is not None:
                yield face.emotion == label, max(face.scores.values())


if __name__ == "__main__":
    main()
