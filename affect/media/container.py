"""Opening a file as a container with a moving picture in it, safely."""

from __future__ import annotations

import stat
from pathlib import Path

import av
from av.container.input import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from affect.contracts import Limits
from affect.errors import EMPTY_FILE, NOT_A_VIDEO, NoVideoStream, UnreadableMedia

# FFmpeg reads far more than videos: playlists and scripts that name other files or addresses,
# still pictures, text. Only containers of moving pictures are let in, and only this one file.
_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg",
}
# Photographs that come in the container of MP4.
_PHOTO_BRANDS = {"avif", "avis", "heic", "heix", "heim", "heis", "mif1"}
# Within this many times the largest picture the decoder still gives one, so that it is refused by
# name; beyond, the decoder itself refuses, so that it never fills the memory.
_DECODER_SLACK = 4
# Pictures beside the video rather than in it.
_COVER = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def size_of(path: Path) -> int:
    """Bytes in a file.

    Raises:
        UnreadableMedia: there is no such file, it is not one, or it may not be read.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _translated(error) from error
    if stat.S_ISDIR(status.st_mode):
        raise _translated(IsADirectoryError())
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableMedia("This is not an ordinary file.")
    if status.st_size == 0:
        raise UnreadableMedia(EMPTY_FILE)
    return status.st_size


def open_container(path: Path, limits: Limits) -> InputContainer:
    """Open a video file; no decoder in it will make a picture far over the limit.

    Raises:
        UnreadableMedia: it is no video of a kind that is read here.
    """
    most_pixels = int(limits.max_megapixels * 1e6 * _DECODER_SLACK)
    decoding = {"max_pixels": str(most_pixels)}
    try:
        # Opening may decode a picture, too, to learn what the header does not tell.
        container = av.open(
            str(path.absolute()), options=_OPTIONS | decoding, metadata_errors="replace"
        )
    except (OSError, ValueError, FFmpegError) as error:
        raise _translated(error) from error
    if container.metadata.get("major_brand", "").strip() in _PHOTO_BRANDS:
        container.close()
        raise NoVideoStream("The file is a photograph, not a video.")
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = decoding
    return container


def find_video(container: InputContainer) -> VideoStream:
    """The stream with the moving picture; of several, the first.

    Raises:
        NoVideoStream: sound, subtitles or a cover picture only.
        UnreadableMedia: the picture is coded in a way that cannot be decoded here.
    """
    pictures = container.streams.video
    moving = [stream for stream in pictures if not stream.disposition & _COVER]
    if not moving:
        if pictures:
            raise NoVideoStream("The file has only a cover picture, not a video.")
        sound = "only sound" if container.streams.audio else "no picture"
        raise NoVideoStream(f"The file has {sound} in it.", "Choose a video.")
    if moving[0].codec_context is None:
        raise UnreadableMedia("The video is coded in a way that this program cannot read.")
    return moving[0]


def _translated(error: Exception) -> UnreadableMedia:
    """The sentence for what Python or FFmpeg said when the file was opened."""
    match error:
        case FileNotFoundError():
            return UnreadableMedia("There is no such file.", "Check the name and the folder.")
        case IsADirectoryError():
            return UnreadableMedia("This is a folder, not a video.", "Choose a file in it.")
        case PermissionError():
            return UnreadableMedia(
                "This file may not be read.", "Change its permissions or choose another."
            )
        case FFmpegError():
            return UnreadableMedia(NOT_A_VIDEO)
        case _:
            return UnreadableMedia(
                "No file can be reached under this name.", "Check the name, or shorten it."
            )
