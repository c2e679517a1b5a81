"""One change at a time to how the expression network is trained, in a table.

    pip install torch
    export KERAS_BACKEND=torch
    python docs/trials.py --data fer2013.npz --talking TALKING --from model --answers answers.npz \
        --out runs/trials

Each trial goes on from the published network for six epochs and differs from the first in one
thing. None looks at PublicTest. Trials that are there already are not run again.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from train_with_torch import Batch, Change, as_it_is, train  # beside this file

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.expression import network
from affect.training import configuration as configurations
from affect.training import talking
from affect.training.expression import accuracy, begin, split_training
from affect.training.run_folder import WEIGHTS
from affect.training.targets import probabilities
from affect.training.video import FIVE, SIX

EPOCHS = 6


@dataclass(frozen=True)
class Trial:
    """What differs from the first trial: settings, or what happens to each batch."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    change: Change = as_it_is


def mixed(batch: Batch, rng: np.random.Generator) -> Batch:
    """Each face is seen through another one, and so is its answer (Zhang et al. 2018, "mixup")."""
    share = float(rng.beta(0.2, 0.2))
    other = torch.from_numpy(rng.permutation(len(batch[0])))
    faces, *told = (share * part + (1 - share) * part[other] for part in batch)
    return faces.contiguous(memory_format=torch.channels_last), *told


def cut(batch: Batch, rng: np.random.Generator) -> Batch:
    """A rectangle of each face comes from another (Yun et al. 2019, "CutMix"), every other time."""
    if rng.random() < 0.5:
        return batch
    other = torch.from_numpy(rng.permutation(len(batch[0])))
    size = batch[0].shape[-1]
    side = round(size * float(np.sqrt(1 - rng.uniform())))
    top, left = rng.integers(0, size - side + 1, 2)
    faces = batch[0].clone()
    patch = (..., slice(top, top + side), slice(left, left + side))
    faces[patch] = batch[0][other][patch]
    share = 1 - side**2 / size**2
    return faces, *(share * part + (1 - share) * part[other] for part in batch[1:])


def heads(ferplus: float, fer2013: float) -> Change:
    """The heads' losses count so much."""
    return lambda batch, _: (batch[0], batch[1], batch[2] * fer2013, batch[3] * ferplus)


def balanced(faces: FaceSet) -> Change:
    """A face counts by one over the root of how many share its label, 1 in the mean."""
    counts = np.bincount(faces.labels, minlength=len(EMOTIONS))
    weights = torch.from_numpy(1 / np.sqrt(counts)).float()
    weights = weights / weights[torch.from_numpy(faces.labels.astype(np.int64))].mean()

    def change(batch: Batch, _: np.random.Generator) -> Batch:
        face, ferplus, fer2013, clarity = batch
        weight = weights[fer2013.argmax(1)]
        return face, ferplus, fer2013 * weight[:, None], clarity * weights[ferplus.argmax(1)]

    return change


def trials(faces: FaceSet) -> list[Trial]:
    """The first is what the others differ from."""
    return [
        Trial("as it is"),
        Trial("labels and votes alone", {"teacher_share": 0.0}),
        Trial("mixup", change=mixed),
        Trial("CutMix", change=cut),
        Trial("classes balanced", change=balanced(faces)),
        Trial("FER2013's head counts twice", change=heads(1.0, 2.0)),
        Trial("FER+'s head counts twice", change=heads(2.0, 1.0)),
        Trial("faces hardly changed", {"touch_up_epochs": EPOCHS}),
    ]


def measure(model: Any, held_out: FaceSet, talkers: talking.TalkingFaces) -> list[float]:
    """FER+, FER2013 in percent; both cross-entropies; six, five of people who talk in percent."""
    answers = probabilities(model, held_out.images)
    right = accuracy(answers, held_out)
    clear = held_out.majority >= 0
    surprise = [
        functional.nll_loss(torch.from_numpy(answers[head][rows]).log(), torch.from_numpy(truth))
        for head, rows, truth in (
            ("ferplus", clear, held_out.majority[clear].astype(np.int64)),
            ("fer2013", slice(None), held_out.labels.astype(np.int64)),
        )
    ]
    seen = probabilities(model, talkers.images)["ferplus"]
    clips = np.unique(talkers.clips)
    means = np.stack([seen[talkers.clips == clip].mean(axis=0) for clip in clips])
    truth = np.array([talkers.labels[talkers.clips == clip][0] for clip in clips])
    talk = []
    for names in (SIX, FIVE):
        classes = np.array([EMOTIONS.index(name) for name in names])
        rows = np.isin(truth, classes)
        talk.append(float((classes[means[rows][:, classes].argmax(axis=1)] == truth[rows]).mean()))
    percent = [100 * right[head] for head in network.HEADS]
    return [*percent, *map(float, surprise), *(100 * share for share in talk)]


def row(name: str, figures: list[float]) -> str:
    """One line of the table."""
    ferplus, label, *surprise, six, five = figures
    return (
        f"| {name} | {ferplus:.1f} %, {label:.1f} % | "
        f"{surprise[0]:.3f}, {surprise[1]:.3f} | {six:.1f} %, {five:.1f} % |"
    )


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--talking", "--answers", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--from", dest="start", type=Path, required=True)
    options = parser.parse_args()

    faces = fer2013.load(options.data)
    base = replace(
        configurations.read(options.start / "expression.toml"),
        epochs=EPOCHS,
        touch_up_epochs=0,
        batch=128,
        learning_rate=1e-3,
        weight_decay=0.05,
        teacher_share=0.6,
    )
    learning, held_out = split_training(faces, base)
    talkers = talking.find(options.talking)
    model = begin(base, None, "float32")
    weights = []
    print("| what | held out: FER+, FER2013 | cross-entropy | people who talk: six, five |")
    print("| --- | --- | --- | --- |", flush=True)
    for trial in trials(learning):
        out = options.out / trial.name.replace(" ", "-")
        if not (out / "done").exists():
            train(
                faces,
                replace(base, **trial.settings),
                out,
                options.start,
                options.answers,
                trial.change,
                memory_share=0.0,
            )
            (out / "done").touch()
        model.load_weights(out / WEIGHTS)
        weights.append(model.get_weights())
        print(row(trial.name, measure(model, held_out, talkers)), flush=True)
    model.set_weights([np.mean(values, axis=0) for values in zip(*weights, strict=True)])
    print(row("the mean of all these weights", measure(model, held_out, talkers)))


if __name__ == "__main__":
    main()
