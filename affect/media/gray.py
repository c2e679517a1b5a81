"""From a decoded picture to an upright gray one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np
from av.error import FFmpegError
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

# No camera makes pixels longer than that; a file that says so errs.
_LONGEST_PIXEL = 4


@dataclass(frozen=True)
class Upright:
    """What is done to stored pictures to see them upright: stretched, turned, mirrored, in order.

    Attributes:
        pixel: width of a stored pixel in its heights; old television and some cameras do not
            store squares.
        transposed: rows become columns.
        upside_down: the last row comes first.
        mirrored: the last column comes first.
    """

    pixel: Fraction
    transposed: bool
    upside_down: bool
    mirrored: bool

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Upright width and height of a stored picture."""
        width, height = self.stretched(width, height)
        return (height, width) if self.transposed else (width, height)

    def stretched(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of a stored picture once its pixels are square; neither shrinks."""
        if self.pixel > 1:
            return round(width * self.pixel), height
        return width, round(height / self.pixel)


def find_upright(frame: VideoFrame, pixel: Fraction | None) -> Upright:
    """What the file says about how its pictures lie.

    Ask once a video: a frame that was asked refers to itself and stays in memory for a while.

    Args:
        frame: the first picture.
        pixel: its sample aspect ratio, None where the video does not tell.
    """
    if not pixel or not 1 / _LONGEST_PIXEL <= pixel <= _LONGEST_PIXEL:
        pixel = Fraction(1)
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return Upright(pixel, False, False, False)
    # Shown x = a·x + c·y and y = b·x + d·y.
    a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), dtype="<i4").tolist()
    if abs(b) > abs(a):
        return Upright(pixel, True, upside_down=b < 0, mirrored=c < 0)
    return Upright(pixel, False, upside_down=d < 0, mirrored=a < 0)


def upright_gray(
    frame: VideoFrame, upright: Upright, reformatter: VideoReformatter
) -> NDArray[np.uint8]:
    """Brightness of a picture of any pixel format.

    Args:
        frame: as decoded.
        upright: from `find_upright`.
        reformatter: kept by the caller from picture to picture; making one is slow.

    Returns:
        uint8, shape (height, width), full range: 0 is black, 255 is white.
    """
    width, height = upright.stretched(frame.width, frame.height)
    made = partial(
        reformatter.reformat, frame, width, height, format="gray", dst_color_range=ColorRange.JPEG
    )
    try:
        gray = made().to_ndarray()
    except FFmpegError:
        # Some ways of telling colours it does not know, such as YCgCo, BT.2020c or ICtCp; their
        # brightness is a plane of its own like any other's.
        gray = made(src_colorspace=Colorspace.ITU601).to_ndarray()
    gray = gray.T if upright.transposed else gray
    gray = gray[:: -1 if upright.upside_down else 1, :: -1 if upright.mirrored else 1]
    return np.ascontiguousarray(gray, dtype=np.uint8)
