"""Which videos the arguments name."""

from __future__ import annotations

from pathlib import Path

from affect.contracts import VIDEO_SUFFIXES
from affect.errors import UnreadableMedia


def videos_at(path: Path) -> tuple[Path, ...]:
    """A folder's videos, sorted by name, as their endings tell; anything else is one video.

    Raises:
        UnreadableMedia: a folder that cannot be read or holds no video.
    """
    try:
        if not path.is_dir():
            return (path,)
        videos = sorted(file for file in path.iterdir() if _is_video(file))
    except OSError as error:
        raise UnreadableMedia(f"It cannot be read: {error.strerror}.", "Choose another.") from error
    if not videos:
        raise UnreadableMedia(
            "The folder holds no video.",
            f"A folder's videos are known by their endings: {' '.join(VIDEO_SUFFIXES)}.",
        )
    return tuple(videos)


def _is_video(file: Path) -> bool:
    hidden = file.name.startswith(".")
    return not hidden and file.suffix.lower() in VIDEO_SUFFIXES and file.is_file()
