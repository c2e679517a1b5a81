"""From a decoded picture to an upright gray one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray


@dataclass(frozen=True)
class Turn:
    """How stored pictures have to be turned and mirrored to stand upright, in this order.

    Attributes:
        transposed: rows become columns.
        upside_down: the last row comes first.
        mirrored: the last column comes first.
    """

    transposed: bool
    upside_down: bool
    mirrored: bool

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Upright width and height of a stored picture."""
        return (height, width) if self.transposed else (width, height)


def find_turn(frame: VideoFrame) -> Turn:
    """What the file says about how its pictures lie.

    Ask once a video: a frame that was asked refers to itself and stays in memory for a while.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return Turn(False, False, False)
    # Shown x = a·x + c·y and y = b·x + d·y.
    a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), dtype="<i4").tolist()
    if abs(b) > abs(a):
        return Turn(True, upside_down=b < 0, mirrored=c < 0)
    return Turn(False, upside_down=d < 0, mirrored=a < 0)


def upright_gray(frame: VideoFrame, turn: Turn, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Brightness of a picture of any pixel format.

    Args:
        frame: as decoded.
        turn: from `find_turn`.
        reformatter: kept by the caller from picture to picture; making one is slow.

    Returns:
        uint8, shape (height, width), full range: 0 is black, 255 is white.
    """
    gray = reformatter.reformat(frame, format="gray", dst_color_range=ColorRange.JPEG).to_ndarray()
    upright = gray.T if turn.transposed else gray
    upright = upright[:: -1 if turn.upside_down else 1, :: -1 if turn.mirrored else 1]
    return np.ascontiguousarray(upright, dtype=np.uint8)
