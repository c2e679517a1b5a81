"""The largest and the smallest video that is looked at. Each check takes what was found."""

from __future__ import annotations

import math

from affect.contracts import Limits
from affect.errors import MediaTooLarge, UnreadableMedia

# Smaller than any face; pictures of one or two pixels are attacks or mistakes.
_SMALLEST_SIDE = 16
# A phone's 240 pictures a second are 240.2 in the ticks that it tells their times in.
_RATE_SLACK = 1.01


def check_bytes(size: int, limits: Limits) -> None:
    """Refuse a file of too many bytes."""
    if size > limits.max_bytes:
        raise MediaTooLarge(
            f"The file has {size / 1e6:.1f} MB; the limit is {limits.max_bytes / 1e6:g} MB."
        )


def check_duration(duration_s: float, limits: Limits) -> None:
    """Refuse a video of too many seconds."""
    if duration_s > limits.max_duration_s:
        raise MediaTooLarge(
            f"The video lasts {_clock(math.ceil(duration_s))} (hours:minutes:seconds);"
            f" the limit is {_clock(limits.max_duration_s)}."
        )


def check_picture(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture of too many pixels, or of hardly any."""
    if width * height > limits.max_megapixels * 1e6:
        raise MediaTooLarge(
            f"The picture has {width} × {height} pixels;"
            f" the limit is {limits.max_megapixels:g} megapixels."
        )
    if min(width, height) < _SMALLEST_SIDE:
        raise UnreadableMedia(
            f"The picture has only {width} × {height} pixels.",
            f"Choose a video of at least {_SMALLEST_SIDE} × {_SMALLEST_SIDE} pixels.",
        )


def check_frame_rate(frame_rate: float, limits: Limits) -> None:
    """Refuse a video of too many pictures a second."""
    if frame_rate > limits.max_frame_rate * _RATE_SLACK:
        raise MediaTooLarge(
            f"The video has {frame_rate:.0f} pictures a second;"
            f" the limit is {limits.max_frame_rate:g}."
        )


def check_pictures(count: int, limits: Limits) -> None:
    """Refuse more pictures than fit into the longest video, whatever times they have."""
    if count > limits.max_pictures:
        raise MediaTooLarge("The video has more pictures than the limits allow.")


def _clock(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
