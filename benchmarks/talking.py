"""How often the page is right on people who talk and whom it never saw.

    python benchmarks/talking.py --model model --data TALKING --faces fer2013.npz [--json FILE]

Each speaker's clips are judged, as the product reads video, by the model's own network and a
weighing that learned from the other speakers and from FER2013's training part, as `affect publish`
teaches it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import keras
import numpy as np

from affect.contracts import ModelIdentity
from affect.datasets import fer2013
from affect.expression.model import NAME, Model
from affect.pipeline import analyze
from affect.training import configuration, expression, talking, video
from affect.training.accuracy import share_interval
from affect.training.calibration import fit_temperature
from affect.training.targets import probabilities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("model"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    network = keras.models.model_from_json(
        (options.model / f"{NAME}.architecture.json").read_text()
    )
    network.load_weights(options.model / f"{NAME}.weights.h5")
    settings, *_ = configuration.published(options.model)
    learned, held_out = expression.split_training(fer2013.load(options.faces), settings)
    clear = held_out.majority >= 0
    truth = held_out.majority[clear]
    rng = np.random.default_rng(settings.seed)
    teacher = talking.Teacher(network, learned, talking.find(options.data), rng)
    said_of_held_out = probabilities(network, held_out.images[clear])
    table = video.talking_table(options.data)

    talks: list[video.Talk] = []
    kept: list[float] = []
    for person in sorted({speaker for _, speaker, _ in table}):
        taught = teacher.teach(without={person})
        answers = taught.alone(said_of_held_out)
        kept.append(float((answers.argmax(axis=1) == truth).mean()))
        model = Model(
            network.predict_on_batch,
            taught,
            fit_temperature(answers, truth),
            ModelIdentity("left out", "0" * 64),
        )
        talks += [
            video.talk(
                options.data,
                *row,
                lambda path, view, model=model: analyze(path, emotions=view, model=model),
            )
            for row in table
            if row[1] == person
        ]
        print(person, *video.accuracy([talk for talk in talks if talk.speaker == person]))

    figures: dict[str, object] = {"held_out_photographs": float(np.mean(kept))}
    without_fear = [talk for talk in talks if talk.label != "fear"]
    for name, group in (("six", talks), ("five", without_fear)):
        right = np.array([getattr(talk, name) == talk.label for talk in group])
        low, high = share_interval(right)
        figures[name] = {"n": len(right), "accuracy": right.mean(), "interval": [low, high]}
        print(f"{name}: {right.mean():.1%} of {len(right)} clips ({low:.1%} to {high:.1%})")
    print(f"photographs held out, by FER+'s majority: {np.mean(kept):.2%}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
