"""The front door: open a video, then take pictures out of it at chosen times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import av
import numpy as np
from av.container.input import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from affect.contracts import Frame, Limits, VideoInfo, name_of
from affect.errors import UnreadableMedia
from affect.media.container import find_video, open_container, size_of
from affect.media.gray import Upright, find_upright, upright_gray
from affect.media.limits import (
    check_bytes,
    check_duration,
    check_frame_rate,
    check_picture,
    check_pictures,
)
from affect.media.plan import choose, find_needed, find_wanted
from affect.media.scan import Scan, packets, scan

# A video that ends this much before its header says was cut; players round by less.
_CUT_S = 0.5
# Pictures come in the order shown, whatever their times say. Going back this much is a break in
# the video; less is an AVI that numbers pictures in the order stored.
_BACK_S = 0.5


class Video:
    """An open video. Made by `open_video`."""

    def __init__(
        self,
        path: Path,
        limits: Limits,
        info: VideoInfo,
        found: Scan,
        upright: Upright,
        files: ExitStack,
    ) -> None:
        self.info = info
        self._path = path
        self._limits = limits
        self._scan = found
        self._files = files
        self._upright = upright
        cut = info.duration_s is not None and info.duration_s - found.end_s > _CUT_S
        self._partial = found.damaged or cut

    @property
    def partial(self) -> bool:
        """Whether damage or an early end kept some of it from being seen.

        True as soon as it is known, so it is final only after sampling has ended. Damage to a
        picture that no sample needed is not noticed.
        """
        return self._partial

    def sample(self, rate: float) -> Iterator[Frame]:
        """Upright gray pictures, one for each moment that has one; see `affect.media.plan`.

        Packets are decoded one by one, so that a damaged one costs its own picture only, and
        what no sample needs is not decoded. One picture is in memory at a time, beside the few
        that the decoder keeps.

        Args:
            rate: moments a second, above 0.

        Raises:
            UnreadableMedia: not one picture can be decoded.
            MediaTooLarge: what is decoded exceeds a limit, whatever the header said.
        """
        if not rate > 0:
            raise ValueError(f"rate is {rate}, not above 0")
        found = self._scan
        wanted = needed = np.ones(len(found.pts), dtype=bool)
        if found.ordered:
            wanted = find_wanted(found.times_s, found.shown, rate)
            needed = find_needed(found.times_s, found.key, wanted)
        reformatter = VideoReformatter()
        index = -1
        for index, (time_s, picture) in enumerate(choose(self._shown(wanted, needed), rate)):
            yield Frame(index, time_s, upright_gray(picture, self._upright, reformatter))
        if index < 0:
            raise UnreadableMedia("No picture in the file can be decoded; it is damaged.")
        if found.ordered and index + 1 < wanted.sum():
            self._partial = True

    def _shown(
        self, wanted: NDArray[np.bool_], needed: NDArray[np.bool_]
    ) -> Iterator[tuple[float, VideoFrame]]:
        """Decoded pictures with their times, in the order shown: at least the wanted ones."""
        latest_s, start = 0.0, self._scan.start
        for count, picture in enumerate(self._decoded(wanted, needed)):
            check_pictures(count + 1, self._limits)
            if picture.pts is None:
                self._partial = True
                continue
            time_s = (picture.pts - start) * self._scan.tick_s
            check_picture(*self._upright.size(picture.width, picture.height), self._limits)
            self._partial |= picture.is_corrupt or latest_s - time_s > _BACK_S
            latest_s = max(latest_s, time_s)
            check_duration(latest_s, self._limits)
            check_frame_rate(count / (latest_s + 1), self._limits)
            yield latest_s, picture

    def _decoded(
        self, wanted: NDArray[np.bool_], needed: NDArray[np.bool_]
    ) -> Iterator[VideoFrame]:
        """What comes out when the needed packets go in."""
        container = self._files.enter_context(open_container(self._path, self._limits))
        stream = find_video(container)
        stream.thread_type = "AUTO"
        decoder = stream.codec_context
        try:
            plan = zip(packets(container, stream), wanted, needed, strict=False)
            for packet, is_wanted, is_needed in plan:
                if is_needed:
                    decoder.skip_frame = "DEFAULT" if is_wanted else "NONREF"
                    yield from self._pictures(stream, packet)
        except FFmpegError:
            self._partial = True
        yield from self._pictures(stream, None)

    def _pictures(self, stream: VideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
        """The pictures that come out when a packet, or the end of all, goes in."""
        try:
            return stream.decode(packet)
        except FFmpegError:
            self._partial = True
            return []


@contextmanager
def open_video(path: Path, limits: Limits) -> Iterator[Video]:
    """Open a video and look through it once, without decoding more than its first picture.

    Args:
        path: the file; only this file is read, whatever it refers to.
        limits: what is refused as too large.

    Raises:
        UnreadableMedia: no such file, no video, or none that can be decoded.
        NoVideoStream: sound or pictures only.
        MediaTooLarge: a limit is exceeded.
    """
    check_bytes(size_of(path), limits)
    with open_container(path, limits) as container:
        stream = find_video(container)
        if stream.width and stream.height:
            check_picture(stream.width, stream.height, limits)
        check_duration(_length_s(container, stream), limits)
        found = scan(container, stream, limits)
        announced_s = _length_s(container, stream) or _cut_length_s(container, found)
        frame_rate = found.frame_rate or float(stream.average_rate or 0) or None
        # By the pictures' own account: the header around them may lie about their size.
        upright = find_upright(found.first, stream.codec_context.sample_aspect_ratio)
    check_duration(max(announced_s, found.end_s), limits)
    check_frame_rate(frame_rate or 0.0, limits)
    check_picture(found.first.width, found.first.height, limits)
    width, height = upright.size(found.first.width, found.first.height)
    check_picture(width, height, limits)
    info = VideoInfo(
        name=name_of(path),
        duration_s=max(announced_s, found.end_s) or None,
        width=width,
        height=height,
        frame_rate=frame_rate and round(frame_rate, 3),
    )
    with ExitStack() as files:
        yield Video(path, limits, info, found, upright, files)


def _length_s(container: InputContainer, stream: VideoStream) -> float:
    """Length of the video by its header, in seconds; 0 where it says nothing sensible."""
    # These tell one length for all streams. FFmpeg takes it for that of a picture that comes late.
    if {"matroska", "webm", "mpegts"} & set(container.format.name.split(",")):
        return 0.0
    if stream.duration is None or stream.time_base is None:
        return 0.0
    return max(0.0, float(stream.duration * stream.time_base))


def _cut_length_s(container: InputContainer, found: Scan) -> float:
    """Length the video had, in seconds, where only the whole file has one; 0 unless it was cut.

    Of such a file (Matroska, WebM, FLV) the header tells where the longest stream ends. That may
    be the sound; so only when no stream reaches that far is something missing.
    """
    end_s = (container.duration or 0) / av.time_base
    if end_s - found.reach_s <= _CUT_S:
        return 0.0
    return end_s - found.start * found.tick_s
