"""From a decoded picture to an upright gray one."""

from __future__ import annotations

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray


def upright_size(frame: VideoFrame) -> tuple[int, int]:
    """Width and height in pixels, as the picture is shown."""
    a, b, _, _ = _turn(frame)
    return (frame.height, frame.width) if abs(b) > abs(a) else (frame.width, frame.height)


def upright_gray(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Brightness of a picture of any pixel format, turned and mirrored as a player would.

    Args:
        frame: as decoded.
        reformatter: kept by the caller from picture to picture; making one is slow.

    Returns:
        uint8, shape (height, width), full range: 0 is black, 255 is white.
    """
    gray = reformatter.reformat(frame, format="gray", dst_color_range=ColorRange.JPEG).to_ndarray()
    a, b, c, d = _turn(frame)
    if abs(b) > abs(a):
        gray, a, d = gray.T, c, b
    return np.ascontiguousarray(gray[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1], dtype=np.uint8)


def _turn(frame: VideoFrame) -> tuple[int, int, int, int]:
    """a, b, c, d of the file's display matrix: shown x' = a·x + c·y and y' = b·x + d·y."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return 1, 0, 0, 1
    a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), dtype="<i4").tolist()
    return a, b, c, d
