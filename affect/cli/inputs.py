"""Which videos the arguments name."""

from __future__ import annotations

from pathlib import Path

from affect.contracts import VIDEO_SUFFIXES, named_as_video
from affect.errors import UnreadableMedia


def is_folder(path: Path) -> bool:
    """Whether there is a folder of this name; one too long for a name has none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def videos_at(path: Path) -> tuple[Path, ...]:
    """A folder's videos, sorted by name, as their endings tell; anything else is one video.

    Raises:
        UnreadableMedia: a folder that cannot be read or holds no video.
    """
    try:
        if not path.is_dir():
            return (path,)
        videos = sorted(file for file in path.iterdir() if named_as_video(file) and file.is_file())
    except OSError as error:
        raise UnreadableMedia(f"It cannot be read: {error.strerror}.", "Choose another.") from error
    if not videos:
        raise UnreadableMedia(
            "The folder holds no video.",
            f"A folder's videos are known by their endings: {' '.join(VIDEO_SUFFIXES)}.",
        )
    return tuple(videos)
