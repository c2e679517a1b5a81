"""Contact sheets: every face that counts, for a person to see whether it is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from affect import faces, media
from affect.contracts import Limits, VideoReport
from affect.report.words import moment

COLUMNS: Final = 16
ROWS: Final = 10
_FACE: Final = 96  # side of a face on the sheet, pixels
_TEXT: Final = 26  # height of its two lines
_GAP: Final = 4
_LETTERS: Final = 15  # that fit below a face

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Tile:
    """A face that counts.

    Attributes:
        clip: the video's name.
        time_s: when it was seen.
        crop: uint8, shape (48, 48): its square; a tilted head was read turned upright.
    """

    clip: str
    time_s: float
    crop: Image


def tiles(video: Path, report: VideoReport) -> Iterator[Tile]:
    """Every readable face of a person in a report, cut once more from its video."""
    with media.open_video(video, Limits()) as opened:
        for frame, moment in zip(opened.sample(report.options.rate), report.moments, strict=False):
            for face in moment.faces:
                if face.readable:
                    yield Tile(video.stem, frame.time_s, faces.crop(frame.gray, face.box))


def batched(found: Iterable[Tile]) -> Iterator[list[Tile]]:
    """As many at a time as fit on a page; the last may hold fewer."""
    tiles = iter(found)
    while shown := list(islice(tiles, COLUMNS * ROWS)):
        yield shown


def page(shown: Sequence[Tile]) -> Image:
    """One sheet of at most `COLUMNS` × `ROWS` faces, each with its clip and time; uint8 (H, W)."""
    height, width = _FACE + _TEXT + _GAP, _FACE + _GAP
    rows = -(-len(shown) // COLUMNS)
    drawn = np.full((rows * height + _GAP, COLUMNS * width + _GAP), 255, np.uint8)
    for index, tile in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        y, x = _GAP + row * height, _GAP + column * width
        drawn[y : y + _FACE, x : x + _FACE] = cv2.resize(tile.crop, (_FACE, _FACE))
        for line, text in enumerate((tile.clip[-_LETTERS:], moment(tile.time_s)), start=1):
            below = (x, y + _FACE + line * _TEXT // 2 - 3)
            cv2.putText(drawn, text, below, cv2.FONT_HERSHEY_SIMPLEX, 0.35, 0, 1, cv2.LINE_AA)
    return drawn
