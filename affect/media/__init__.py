"""From a file to upright pictures at chosen times, and nothing it was not asked for."""

from affect.media.ahead import read_ahead
from affect.media.video import Video, open_video

__all__ = ["Video", "open_video", "read_ahead"]
