"""Train a separable trunk with compiled PyTorch: `affect train`, faster, and with a memory.

The network, data, augmentation and schedule are those of `affect train expression`, and the
folder it leaves is one that `affect publish expression` takes. Beyond it, the heads learn faster
than the trunk, and a part of the targets is what the network itself answered before (`Memory`).

    pip install torch
    export KERAS_BACKEND=torch
    python docs/train_with_torch.py --data fer2013.npz --config separable.toml --from FOLDER \
        --answers answers.npz --out run

A run goes on after its last whole epoch when it is started again.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.expression import network
from affect.expression.runtimes import as_input
from affect.expression.trunks import separable_convolutions
from affect.training import configuration as configurations
from affect.training import log, run_folder
from affect.training.configuration import Configuration
from affect.training.expression import accuracy, batch, begin, frozen, split_voted
from affect.training.expression import lesson as lesson_of
from affect.training.targets import Lesson, Targets

CLASSES = len(EMOTIONS)
HEADS_RATE = 3.0  # times the learning rate of the trunk, which knows something already
MEMORY = 0.39  # of the targets
REMEMBERS_AFTER = 2  # epochs; what is answered earlier is worth nothing
FRESH = 0.3  # of what is remembered is what was answered last

Layers = dict[str, nn.Module]  # by the name of the Keras layer


class Convolution(nn.Module):
    """One convolution of a separable trunk, with its normalisation and ReLU6."""

    def __init__(self, before: int, after: int, size: int, stride: int, groups: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, after, size, stride, groups=groups, bias=False)
        self.norm = norm(after)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H / stride, W / stride), rounded up."""
        if self.convolution.kernel_size == (3, 3):
            x = functional.pad(x, 2 * padding(x.shape[-1], self.convolution.stride[0]))
        return functional.hardtanh(self.norm(self.convolution(x)), 0.0, 6.0)


def padding(side: int, stride: int) -> tuple[int, int]:
    """How Keras pads for a kernel of three: a strided convolution of an even picture at its end."""
    total = max((math.ceil(side / stride) - 1) * stride + 3 - side, 0)
    return total // 2, total - total // 2


class Network(nn.Module):
    """`network.build` of one trunk; what a run leaves as it began is a part of its own, `kept`."""

    def __init__(self, configuration: Configuration, kept: int) -> None:
        super().__init__()
        width = configuration.stem
        layers = [Convolution(1, width, 3, 2, 1)]
        shape = configuration.shape
        for wider, stride in zip(shape.widths, shape.strides, strict=True):
            layers += [Convolution(width, width, 3, stride, width)]
            layers += [Convolution(width, wider, 1, 1, 1)]
            width = wider
        self.names = separable_convolutions(len(configuration.widths))
        self.kept = nn.Sequential(*layers[:kept])
        self.learning = nn.Sequential(*layers[kept:])
        for value in self.kept.parameters():
            value.requires_grad_(False)
        self.side = configuration.side
        self.dropout = configuration.dropout
        self.heads = nn.ModuleDict({head: nn.Linear(width, CLASSES) for head in network.HEADS})

    def train(self, mode: bool = True) -> Network:
        """As ever, but what is kept never learns statistics either."""
        super().train(mode)
        self.kept.eval()
        return self

    def below(self, x: Tensor) -> Tensor:
        """(N, 1, 48, 48) to what the first layer that learns sees."""
        x = functional.layer_norm(x, x.shape[1:], eps=1e-4)
        x = functional.interpolate(x, (self.side, self.side), mode="bilinear", align_corners=False)
        seen: Tensor = self.kept(x.contiguous(memory_format=torch.channels_last))
        return seen

    def above(self, x: Tensor) -> dict[str, Tensor]:
        """What `below` gives to the logits of each head, (N, 7)."""
        x = self.learning(x).mean((2, 3)).float()
        x = functional.dropout(x, self.dropout, self.training)
        return {head: layer(x) for head, layer in self.heads.items()}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(N, 1, 48, 48) to the logits of each head, (N, 7)."""
        return self.above(self.below(x))

    def layers(self) -> Layers:
        """Every layer with weights."""
        found: Layers = dict(self.heads.items())
        for name, layer in zip(self.names, [*self.kept, *self.learning], strict=True):
            found |= {name: layer.convolution, f"{name}_norm": layer.norm}
        return found


def norm(width: int) -> nn.BatchNorm2d:
    """Keras' batch normalisation: its epsilon, its momentum."""
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.03)


def parts(layer: nn.Module) -> list[tuple[Tensor, tuple[int, ...]]]:
    """A layer's weights in Keras' order, each with the order of its axes there."""
    if isinstance(layer, nn.Conv2d):
        return [(layer.weight, (2, 3, 1, 0) if layer.groups == 1 else (2, 3, 0, 1))]
    if isinstance(layer, nn.BatchNorm2d):
        values = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
        return [(value, (0,)) for value in values]
    return [(layer.weight, (1, 0)), (layer.bias, (0,))]


def to_keras(layer: nn.Module) -> list[np.ndarray]:
    """The weights as the Keras layer takes them."""
    return [
        np.ascontiguousarray(value.detach().numpy().transpose(order))
        for value, order in parts(layer)
    ]


def from_keras(layer: nn.Module, arrays: list[np.ndarray]) -> None:
    """Take the weights of the Keras layer."""
    for (value, order), array in zip(parts(layer), arrays, strict=True):
        array = array.transpose(np.argsort(order))
        value.data.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def save(model: Network, twin: Any, path: Path) -> None:
    """Write the weights as Keras does, and make sure that Keras answers the same with them."""
    for name, layer in model.layers().items():
        twin.get_layer(name).set_weights(to_keras(layer))
    faces = np.random.default_rng(0).random((8, 48, 48, 1), np.float32)
    model.eval()
    with torch.no_grad():
        ours = model(picture(faces))
    theirs = twin.predict_on_batch(faces)
    for head in network.HEADS:
        difference = np.abs(functional.softmax(ours[head], 1).numpy() - theirs[head]).max()
        if not difference <= 1e-3:
            raise SystemExit(f"Keras answers otherwise by {difference}.")
    twin.save_weights(path)


def picture(faces: np.ndarray) -> Tensor:
    """(N, 48, 48, 1) for Keras to (N, 1, 48, 48)."""
    return torch.from_numpy(faces[:, None, :, :, 0])


class Epoch(torch.utils.data.IterableDataset):
    """The rows and changed faces of each batch of an epoch, as `affect train` makes them."""

    def __init__(self, lesson: Lesson, configuration: Configuration, epoch: int) -> None:
        self.lesson, self.configuration, self.epoch = lesson, configuration, epoch

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        images, configuration = self.lesson.images, self.configuration
        # The last, smaller batch is left out: another shape would be compiled anew.
        for index in range(len(images) // configuration.batch):
            rows, faces = batch(images, configuration, self.epoch, index)
            yield torch.from_numpy(rows), picture(faces)


class Memory:
    """What the network itself has answered to each face, as a further teacher.

    Temporal ensembling (Laine & Aila 2017): each epoch's answer to a face, changed as it was and
    with dropout, replaces a part of what is remembered. It costs nothing, and the mean over
    epochs errs less than one label of one person, or ten votes.

    Args:
        told: what labels, votes and teachers say, by head; it is also what is remembered at first.
    """

    def __init__(self, told: Targets) -> None:
        self._told = {head: torch.from_numpy(array) for head, array in told.items()}
        self.remembered = {head: array.clone() for head, array in self._told.items()}

    def targets(self, rows: Tensor) -> list[Tensor]:
        """What each head is to answer to these faces, float32 (N, 7)."""
        return [
            torch.lerp(self._told[head][rows], self.remembered[head][rows], MEMORY)
            for head in network.HEADS
        ]

    def add(self, rows: Tensor, logits: dict[str, Tensor]) -> None:
        """Remember what was answered to these faces."""
        for head, remembered in self.remembered.items():
            answered = logits[head].detach().float().softmax(1)
            remembered[rows] = torch.lerp(remembered[rows], answered, FRESH)


def train(
    faces: FaceSet,
    configuration: Configuration,
    out: Path,
    start: Path | None,
    answers: Path | None,
) -> None:
    """As `affect.training.expression.train`, always resuming, and with a `Memory`."""
    learning, held_out = split_voted(faces, configuration)
    run_folder.check(out, configuration, True, start, answers, held_out)
    keras.utils.set_random_seed(configuration.seed)
    origin = run_folder.origin(out, start)
    twin = begin(configuration, origin, "float32")
    run_folder.prepare(out, configuration, start, answers, held_out)
    lesson = lesson_of(learning, configuration, out)
    memory = Memory(lesson.targets)
    clarity = torch.from_numpy(lesson.clarity)
    steps = len(lesson) // configuration.batch
    kept = len(frozen(configuration)) if origin else 0
    model = Network(configuration, kept).to(memory_format=torch.channels_last)
    for name, layer in model.layers().items():
        from_keras(layer, twin.get_layer(name).get_weights())
    average = torch.optim.swa_utils.AveragedModel(
        model,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(configuration.ema_momentum),
        use_buffers=True,
    )
    optimizer = torch.optim.AdamW(
        [
            {"params": model.learning.parameters(), "times": 1.0},
            {"params": model.heads.parameters(), "times": HEADS_RATE},
        ],
        weight_decay=configuration.weight_decay,
        fused=True,
    )
    first = 0
    state = out / run_folder.TORCH_STATE
    if state.exists():
        saved = torch.load(state)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        memory.remembered = saved["remembered"]
        first = saved["epoch"] + 1
    below, above = torch.compile(model.below), torch.compile(model.above)
    half = configuration.dtype == "mixed_bfloat16"  # on a processor without, it takes minutes

    def answer(x: Tensor) -> dict[str, Tensor]:
        """The logits of each head; gradients end where nothing learns."""
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            with torch.no_grad():
                seen = below(x)
            logits: dict[str, Tensor] = above(seen)
        return logits

    for epoch in range(first, configuration.epochs):
        began, losses = time.monotonic(), []
        torch.manual_seed(configuration.seed + epoch)  # so that a resumed run goes on the same
        model.train()
        loader = torch.utils.data.DataLoader(
            Epoch(lesson, configuration, epoch), batch_size=None, num_workers=1
        )
        for index, (rows, x) in enumerate(loader):
            highest = rate(configuration, epoch * steps + index, steps)
            for group in optimizer.param_groups:
                group["lr"] = highest * group["times"]
            logits = answer(x)
            losses.append(step(model, optimizer, logits, memory.targets(rows), clarity[rows]))
            if epoch >= REMEMBERS_AFTER:
                memory.add(rows, logits)
            average.update_parameters(model)
        row = {"epoch": float(epoch + 1), "loss": float(np.mean(losses))}
        row |= accuracy(answers_of(average.module, held_out), held_out)
        rows = log.joined(out / run_folder.LOG, row)
        if log.best(rows) is row:
            save(average.module, twin, out / run_folder.WEIGHTS)
        log.write(out / run_folder.LOG, rows)
        rounded = {name: round(value, 4) for name, value in row.items()}
        print(rounded, f"{time.monotonic() - began:.0f} s", flush=True)
        torch.save(
            {
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "remembered": memory.remembered,
                "epoch": epoch,
            },
            out / "state.part",
        )
        (out / "state.part").replace(state)


def rate(configuration: Configuration, step: int, steps: int) -> float:
    """One epoch of warm-up, then a cosine to 0."""
    if step < steps:
        return configuration.learning_rate * step / steps
    through = (step - steps) / max(steps * (configuration.epochs - 1), 1)
    return configuration.learning_rate * 0.5 * (1 + math.cos(math.pi * min(through, 1.0)))


def step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    logits: dict[str, Tensor],
    told: list[Tensor],
    clarity: Tensor,
) -> float:
    """Learn from the answers to one batch; their loss."""
    ferplus, fer2013 = (
        crossentropy(logits[head], targets)
        for head, targets in zip(network.HEADS, told, strict=True)
    )
    loss = (ferplus * clarity).mean() + fer2013.mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())


def crossentropy(logits: Tensor, told: Tensor) -> Tensor:
    """Of each row."""
    return -(told * functional.log_softmax(logits.float(), 1)).sum(1)


def answers_of(model: Network, faces: FaceSet) -> Targets:
    """The logits of each head, float32 (N, 7)."""
    model.eval()
    x = picture(as_input(faces.images))
    with torch.no_grad():
        parts = [model(part) for part in x.split(256)]
    return {
        head: torch.cat([part[head] for part in parts]).float().numpy() for head in network.HEADS
    }


def main() -> None:
    """Parse, load, train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--answers", type=Path)
    options = parser.parse_args()
    configuration = configurations.read(options.config)
    print(asdict(configuration))
    train(fer2013.load(options.data), configuration, options.out, options.start, options.answers)


if __name__ == "__main__":
    main()
