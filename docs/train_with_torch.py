"""Train the expression network with compiled PyTorch: the recipe of `affect train`, faster.

On two processor cores a step of PyTorch's compiler takes about half the time of TensorFlow's.
The network, data, augmentation, losses and schedule are those of `affect train expression`, and the
folder it leaves is one that `affect publish expression` takes.

    pip install torch
    export KERAS_BACKEND=torch
    python docs/train_with_torch.py --data fer2013.npz --config run.toml --from model --out run

A run goes on after its last whole epoch when it is started again.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
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
from affect.training import configuration as configurations
from affect.training import log, run_folder
from affect.training.augment import augment, touch_up
from affect.training.configuration import Configuration
from affect.training.expression import (
    accuracy,
    begin,
    opinions,
    split_training,
)
from affect.training.targets import Targets, targets

CLASSES = len(EMOTIONS)

Layers = dict[str, nn.Module]  # by the name of the Keras layer
Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # faces, told for each head, clarity
Change = Callable[[Batch, np.random.Generator], Batch]


class Block(nn.Module):
    """The residual block of `network.build`."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.shortcut = None
        if stride != 1 or before != width:
            self.shortcut = nn.Conv2d(before, width, 1, bias=False)
            self.shortcut_norm = norm(width)
        self.first = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.first_norm = norm(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = norm(width)
        self.squeeze = nn.Linear(width, width // 8)
        self.excite = nn.Linear(width // 8, width)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, width, H / stride, W / stride)."""
        shortcut = x
        if self.shortcut is not None:
            last = self.stride - 1  # upside down, the first pixel of each stride is the last
            seen = x[:, :, last :: self.stride, last :: self.stride]
            shortcut = self.shortcut_norm(self.shortcut(seen))
        x = functional.relu(self.first_norm(self.first(x)))
        x = self.second_norm(self.second(x))
        weights = self.excite(functional.relu(self.squeeze(x.mean((2, 3)))))
        return functional.relu(x * torch.sigmoid(weights)[:, :, None, None] + shortcut)


class Network(nn.Module):
    """`network.build`, upside down.

    Keras pads a strided convolution of an even picture at its end, PyTorch at its start. So the
    faces are turned by 180° here, and so are the kernels on their way from and to Keras.
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, configuration.stem, 3, 1, 1, bias=False)
        self.stem_norm = norm(configuration.stem)
        self.blocks = nn.ModuleDict()
        width = configuration.stem
        names = network.block_names(configuration.strides)
        for name, wider, stride in zip(
            names, configuration.widths, configuration.strides, strict=True
        ):
            self.blocks[name] = Block(width, wider, stride)
            width = wider
        self.dropout = configuration.dropout
        self.heads = nn.ModuleDict({head: nn.Linear(width, CLASSES) for head in network.HEADS})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(N, 1, 48, 48) to the logits of each head, float32 (N, 7)."""
        x = functional.layer_norm(x, x.shape[1:], eps=1e-4)
        x = functional.relu(self.stem_norm(self.stem(x)))
        for block in self.blocks.values():
            x = block(x)
        x = functional.dropout(x.mean((2, 3)).float(), self.dropout, self.training)
        return {head: layer(x) for head, layer in self.heads.items()}

    def layers(self) -> Layers:
        """Every layer with weights."""
        found: Layers = {"stem": self.stem, "stem_norm": self.stem_norm, **self.heads}
        for name, block in self.blocks.items():
            found |= {f"{name}_{part}": layer for part, layer in block.named_children()}
        return found


def norm(width: int) -> nn.BatchNorm2d:
    """Keras' batch normalisation: its epsilon, its momentum."""
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.03)


def parts(layer: nn.Module) -> list[tuple[Tensor, tuple[int, ...]]]:
    """A layer's weights in Keras' order, each with the order of its axes there."""
    if isinstance(layer, nn.Conv2d):
        return [(layer.weight, (2, 3, 1, 0))]
    if isinstance(layer, nn.BatchNorm2d):
        values = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
        return [(value, (0,)) for value in values]
    return [(layer.weight, (1, 0)), (layer.bias, (0,))]


def to_keras(layer: nn.Module) -> list[np.ndarray]:
    """The weights as the Keras layer takes them."""
    arrays = [value.detach().numpy().transpose(order) for value, order in parts(layer)]
    if isinstance(layer, nn.Conv2d):
        arrays = [kernel[::-1, ::-1] for kernel in arrays]
    return [np.ascontiguousarray(array) for array in arrays]


def from_keras(layer: nn.Module, arrays: list[np.ndarray]) -> None:
    """Take the weights of the Keras layer."""
    for (value, order), array in zip(parts(layer), arrays, strict=True):
        if isinstance(layer, nn.Conv2d):
            array = array[::-1, ::-1]
        array = array.transpose(np.argsort(order))
        value.data.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def save(model: Network, twin: Any, path: Path) -> None:
    """Write the weights as Keras does, and make sure that Keras answers the same with them."""
    for name, layer in model.layers().items():
        twin.get_layer(name).set_weights(to_keras(layer))
    faces = np.random.default_rng(0).random((8, 48, 48, 1), np.float32)
    model.eval()
    with torch.no_grad():
        ours = model(turned(faces))
    theirs = twin.predict_on_batch(faces)
    for head in network.HEADS:
        difference = np.abs(functional.softmax(ours[head], 1).numpy() - theirs[head]).max()
        if difference > 1e-3:
            raise SystemExit(f"Keras answers otherwise by {difference}.")
    twin.save_weights(path)


def turned(faces: np.ndarray) -> Tensor:
    """(N, 48, 48, 1) for Keras to (N, 1, 48, 48), upside down."""
    upside_down = np.ascontiguousarray(faces[:, ::-1, ::-1, 0])[:, None]
    return torch.from_numpy(upside_down).contiguous(memory_format=torch.channels_last)


class Epoch(torch.utils.data.IterableDataset):
    """The batches of one epoch, as `affect train` makes them."""

    def __init__(
        self, faces: FaceSet, told: Targets, configuration: Configuration, epoch: int
    ) -> None:
        self.faces, self.told = faces, told
        self.configuration, self.epoch = configuration, epoch

    def __iter__(self) -> Iterator[Batch]:
        faces, configuration = self.faces, self.configuration
        order = np.random.default_rng((configuration.seed, self.epoch)).permutation(len(faces))
        last = self.epoch >= configuration.epochs - configuration.touch_up_epochs
        change = touch_up if last else augment
        clarity = faces.clarity
        # The last, smaller batch is left out: another shape would be compiled anew.
        for index in range(len(faces) // configuration.batch):
            rows = order[index * configuration.batch : (index + 1) * configuration.batch]
            rng = np.random.default_rng((configuration.seed, self.epoch, index))
            x = np.stack([change(faces.images[row], rng) for row in rows])[..., None]
            yield (
                turned(x),
                *(torch.from_numpy(self.told[head][rows]) for head in network.HEADS),
                torch.from_numpy(clarity[rows]),
            )


def as_it_is(batch: Batch, rng: np.random.Generator) -> Batch:
    """The batch."""
    return batch


def train(
    faces: FaceSet,
    configuration: Configuration,
    out: Path,
    start: Path | None,
    answers: Path | None,
    change: Change = as_it_is,
) -> None:
    """As `affect.training.expression.train`, always resuming.

    Args:
        change: what else happens to each batch; how trials differ.
    """
    run_folder.check(out, configuration, True, start, answers, faces.split("Training"))
    keras.utils.set_random_seed(configuration.seed)
    learning, held_out = split_training(faces, configuration)
    twin, teacher = begin(configuration, run_folder.origin(out, start), "float32")
    run_folder.prepare(out, configuration, start, answers)
    told = targets(learning, configuration, opinions(faces, learning, teacher, out))
    steps = len(learning) // configuration.batch
    model = Network(configuration).to(memory_format=torch.channels_last)
    for name, layer in model.layers().items():
        from_keras(layer, twin.get_layer(name).get_weights())
    average = torch.optim.swa_utils.AveragedModel(
        model,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(configuration.ema_momentum),
        use_buffers=True,
    )
    optimizer = torch.optim.AdamW(
        model.parameters(), weight_decay=configuration.weight_decay, fused=True
    )
    first = 0
    state = out / "state.pt"
    if state.exists():
        kept = torch.load(state)
        model.load_state_dict(kept["model"])
        average.load_state_dict(kept["average"])
        optimizer.load_state_dict(kept["optimizer"])
        first = kept["epoch"] + 1
    compiled = torch.compile(model)
    for epoch in range(first, configuration.epochs):
        began, losses = time.monotonic(), []
        model.train()
        loader = torch.utils.data.DataLoader(
            Epoch(learning, told, configuration, epoch), batch_size=None, num_workers=1
        )
        for index, batch in enumerate(loader):
            for group in optimizer.param_groups:
                group["lr"] = rate(configuration, epoch * steps + index, steps)
            rng = np.random.default_rng((configuration.seed, epoch, index))
            losses.append(step(compiled, optimizer, change(batch, rng)))
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
    batch: Batch,
) -> float:
    """Learn from one batch; its loss."""
    x, ferplus, fer2013, clarity = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(x)
    loss = (crossentropy(logits["ferplus"], ferplus) * clarity).mean()
    loss = loss + crossentropy(logits["fer2013"], fer2013).mean()
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
    x = turned(faces.images[..., None].astype(np.float32) / np.float32(255))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
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
