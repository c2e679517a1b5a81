"""FER2013 (Goodfellow et al. 2013) with the votes of FER+ (Barsoum et al. 2016), joined by row."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from affect.emotions import EMOTIONS
from affect.errors import DataError

SIZE = 48
VOTE_COLUMNS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
# FER+'s name for each of our seven, in the order of EMOTIONS.
_VOTES_OF_EMOTION = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
_VOTE_INDICES = [VOTE_COLUMNS.index(name) for name in _VOTES_OF_EMOTION]
_UNCLEAR_INDICES = [VOTE_COLUMNS.index("unknown"), VOTE_COLUMNS.index("NF")]
VOTES_FILE = "fer2013new.csv"  # as FER+ names it
# What NumPy and the tables' readers raise for files of another form.
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
)
_EXPECTED = (
    "Expected an .npz with pixels (N, 48, 48), label, usage and usage_names, FER2013's own "
    f"CSV with emotion, pixels and Usage (FER+'s {VOTES_FILE} may lie beside it), or folders "
    "SPLIT/EMOTION/*.png."
)
_EXPECTED_VOTES = (
    f"Expected FER+'s table: Usage, Image name, {', '.join(VOTE_COLUMNS)}, and for each row of "
    "FER2013's CSV its votes, in the same order."
)


@dataclass(frozen=True, eq=False)
class FaceSet:
    """Labelled 48×48 gray faces.

    Attributes:
        images: uint8, shape (N, 48, 48).
        labels: FER2013's label as an index into `EMOTIONS`, int64, shape (N,).
        votes: FER+'s votes, int64, shape (N, 10), columns `VOTE_COLUMNS`; all zero where a
            source has none.
        splits: name of the split of each row, shape (N,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.int64]
    splits: NDArray[np.str_]

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.shape[1:] != (SIZE, SIZE) or self.images.dtype != np.uint8:
            raise DataError(
                f"Faces are {self.images.dtype} {self.images.shape}, not uint8 (N, 48, 48).",
                _EXPECTED,
            )
        shapes = (self.labels.shape, self.votes.shape, self.splits.shape)
        if shapes != ((n,), (n, len(VOTE_COLUMNS)), (n,)):
            raise DataError(
                f"Labels, votes and splits have shapes {shapes} for {n} faces.", _EXPECTED
            )
        if n and (self.labels.min() < 0 or self.labels.max() >= len(EMOTIONS)):
            raise DataError("A label lies outside 0 to 6.", _EXPECTED)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> FaceSet:
        """The chosen rows, by index or mask."""
        return FaceSet(self.images[rows], self.labels[rows], self.votes[rows], self.splits[rows])

    def split(self, name: str) -> FaceSet:
        """The rows of one split.

        Raises:
            DataError: there is no such split.
        """
        chosen = self.splits == name
        if not chosen.any():
            names = ", ".join(sorted(set(self.splits.tolist())))
            raise DataError(f"There is no split {name!r} in this data.", f"It holds: {names}.")
        return self.take(chosen)

    @property
    def digest(self) -> str:
        """SHA-256 of the images, whatever their order, in hexadecimal."""
        found = hashlib.sha256()
        for image in sorted(image.tobytes() for image in self.images):
            found.update(image)
        return found.hexdigest()

    @property
    def soft_votes(self) -> NDArray[np.float32]:
        """Share of each of the seven emotions among the votes for them, float32 (N, 7)."""
        chosen = self.votes[:, _VOTE_INDICES].astype(np.float32)
        total = chosen.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = np.divide(
            chosen, total, out=np.full_like(chosen, 1 / len(EMOTIONS)), where=total > 0
        )
        return shares

    @property
    def clarity(self) -> NDArray[np.float32]:
        """Share of all votes that fall on one of the seven emotions, float32 (N,)."""
        chosen = self.votes[:, _VOTE_INDICES].sum(axis=1)
        return np.asarray(chosen / np.maximum(self.votes.sum(axis=1), 1), dtype=np.float32)

    @property
    def unclear(self) -> NDArray[np.float32]:
        """Share of all votes for "unknown" or "no face", float32 (N,)."""
        chosen = self.votes[:, _UNCLEAR_INDICES].sum(axis=1)
        return np.asarray(chosen / np.maximum(self.votes.sum(axis=1), 1), dtype=np.float32)

    @property
    def no_face(self) -> NDArray[np.bool_]:
        """Where more than half of all votes say "no face", bool (N,)."""
        said = self.votes[:, VOTE_COLUMNS.index("NF")]
        return np.asarray(said * 2 > self.votes.sum(axis=1))

    @property
    def majority(self) -> NDArray[np.int64]:
        """The emotion with more than half of all votes as an index, −1 without one, int64 (N,)."""
        chosen = self.votes[:, _VOTE_INDICES]
        best = chosen.argmax(axis=1)
        return np.where(chosen.max(axis=1) * 2 > self.votes.sum(axis=1), best, -1).astype(np.int64)


def load(path: Path) -> FaceSet:
    """Read an .npz, FER2013's CSV, or a folder of SPLIT/EMOTION/*.png.

    The CSV has no votes. Where FER+'s own table, `VOTES_FILE`, lies beside it, they are joined by
    row: both tables keep one order, while FER+'s "Image name" counts otherwise and is sometimes
    blank. A folder "train" is the split "Training".

    Raises:
        DataError: the file is missing or of another form.
    """
    if path.is_dir():
        return _load_folders(path)
    if not path.is_file():
        raise DataError(f"There is no data at {path}.", _EXPECTED)
    if path.suffix == ".csv":
        return _load_csv(path)
    return _load_npz(path)


def _load_npz(path: Path) -> FaceSet:
    try:
        with np.load(path, allow_pickle=False) as archive:
            pixels = archive["pixels"]
            labels = archive["label"].astype(np.int64)
            splits = archive["usage_names"][archive["usage"]]
            votes = (
                archive["votes"].astype(np.int64) if "votes" in archive else _no_votes(len(pixels))
            )
            names = tuple(archive["label_names"].tolist()) if "label_names" in archive else EMOTIONS
            columns = (
                tuple(archive["vote_columns"].tolist())
                if "vote_columns" in archive
                else VOTE_COLUMNS
            )
    except (*_UNREADABLE, zipfile.BadZipFile) as error:
        raise DataError(f"{path.name} cannot be read as a face data set.", _EXPECTED) from error
    if splits.dtype.kind != "U" or pixels.ndim != 3 or votes.ndim != 2:
        raise DataError(f"{path.name} is of another form.", _EXPECTED)
    if names != EMOTIONS or columns != VOTE_COLUMNS:
        raise DataError(
            f"{path.name} names other labels or vote columns.",
            f"Expected labels {', '.join(EMOTIONS)} and votes {', '.join(VOTE_COLUMNS)}.",
        )
    return FaceSet(pixels, labels, votes, splits)


def _load_csv(path: Path) -> FaceSet:
    images, labels, splits = [], [], []
    try:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                image = np.array(row["pixels"].split(), dtype=np.uint8)
                images.append(image.reshape(SIZE, SIZE))
                labels.append(int(row["emotion"]))
                splits.append(row["Usage"])
    except (*_UNREADABLE, OverflowError, csv.Error) as error:
        raise DataError(f"{path.name} is not FER2013's CSV.", _EXPECTED) from error
    if None in splits:
        raise DataError(f"{path.name} has a row without its split.", _EXPECTED)
    if not images:
        raise DataError(f"{path.name} holds no rows.", _EXPECTED)
    table = path.with_name(VOTES_FILE)
    votes = _read_votes(table, splits) if table.is_file() else _no_votes(len(images))
    return FaceSet(np.stack(images), np.array(labels, np.int64), votes, np.array(splits))


def _read_votes(path: Path, splits: list[str]) -> NDArray[np.int64]:
    """FER+'s votes, int64 (N, 10), for faces of these splits, in this order."""
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        votes = [[int(row[column]) for column in VOTE_COLUMNS] for row in rows]
        voted = [row["Usage"] for row in rows]
    except (*_UNREADABLE, csv.Error) as error:
        raise DataError(f"{path.name} is not FER+'s table of votes.", _EXPECTED_VOTES) from error
    if len(voted) != len(splits):
        raise DataError(
            f"{path.name} has votes for {len(voted)} faces, not for {len(splits)}.", _EXPECTED_VOTES
        )
    if voted != splits:
        row = next(i for i, pair in enumerate(zip(voted, splits, strict=True)) if len({*pair}) > 1)
        raise DataError(
            f"Row {row + 1} of {path.name} is of {voted[row]!r}, that of FER2013's CSV of "
            f"{splits[row]!r}.",
            _EXPECTED_VOTES,
        )
    return np.array(votes, np.int64)


def _load_folders(path: Path) -> FaceSet:
    import cv2

    images, labels, splits = [], [], []
    for file in sorted(path.glob("*/*/*")):
        if any(part.startswith(".") for part in file.relative_to(path).parts):
            continue
        if file.parent.name not in EMOTIONS:
            raise DataError(
                f"{path.name} has a folder {file.parent.name!r}, which is none of the emotions.",
                f"Name the folders in each split {', '.join(EMOTIONS)}.",
            )
        image = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        if image is None or image.shape != (SIZE, SIZE):
            raise DataError(f"{file.name} is not a {SIZE}×{SIZE} picture.", _EXPECTED)
        images.append(image.astype(np.uint8))
        labels.append(EMOTIONS.index(file.parent.name))
        split = file.parent.parent.name
        splits.append("Training" if split == "train" else split)
    if not images:
        raise DataError(f"{path} holds no SPLIT/EMOTION/ pictures.", _EXPECTED)
    votes = _no_votes(len(images))
    return FaceSet(np.stack(images), np.array(labels, np.int64), votes, np.array(splits))


def _no_votes(faces: int) -> NDArray[np.int64]:
    return np.zeros((faces, len(VOTE_COLUMNS)), np.int64)


def copies_of(faces: FaceSet, others: FaceSet) -> NDArray[np.bool_]:
    """Which faces are exact copies of one of the others, bool (N,)."""
    known = {image.tobytes() for image in others.images}
    return np.array([image.tobytes() in known for image in faces.images], dtype=bool)


def clean(faces: FaceSet) -> FaceSet:
    """The faces fit for training: no black image, no "no face" majority, each image once.

    Of copies that carry the same label the first stays; copies with conflicting labels all go.
    """
    first: dict[bytes, int] = {}
    conflicting: set[bytes] = set()
    for row, image in enumerate(faces.images):
        key = image.tobytes()
        if faces.labels[first.setdefault(key, row)] != faces.labels[row]:
            conflicting.add(key)
    no_face = faces.no_face
    rows = [
        row
        for key, row in first.items()
        if key not in conflicting and faces.images[row].any() and not no_face[row]
    ]
    return faces.take(np.array(rows, dtype=np.intp))


def hold_out(faces: FaceSet, share: float, seed: int) -> tuple[FaceSet, FaceSet]:
    """Split into (training, held out) at random; the same seed gives the same split."""
    order = np.random.default_rng(seed).permutation(len(faces))
    cut = round(len(faces) * share)
    return faces.take(order[cut:]), faces.take(order[:cut])
