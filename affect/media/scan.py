"""A first look through a whole file that reads every packet and decodes one picture.

It costs about a hundredth of decoding, and everything else is known before that starts: how long
the video really is, which packets to decode, whether anything can be decoded at all.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from av.bitstream import BitStreamFilterContext
from av.container.input import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from affect.contracts import Limits
from affect.errors import UnreadableMedia
from affect.media.limits import check_pictures

# Packets tried for a first picture. Broadcasts cut anywhere need some hundred; an encrypted video
# would go on failing to its end.
_PATIENCE = 1000


@dataclass(frozen=True, eq=False)
class Scan:
    """What lies in a video stream of N packets, in the order of decoding.

    Attributes:
        first: the first picture that can be decoded.
        tick_s: seconds in a unit of time stamps.
        pts: presentation time stamps, int64 (N,).
        durations: of the pictures, in the same unit, 0 where unknown, int64 (N,).
        key: packets that need no packet before them, bool (N,).
        shown: packets that are not cut from the presentation, bool (N,).
        ordered: every packet has its picture's time stamp and time never goes back; only then do
            the arrays tell which packet holds which moment.
        reach_s: where the last packet of any stream ends, in seconds by the file's own clock.
        damaged: reading broke off, or within a packet something is missing.
    """

    first: VideoFrame
    tick_s: float
    pts: NDArray[np.int64]
    durations: NDArray[np.int64]
    key: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    ordered: bool
    reach_s: float
    damaged: bool

    @property
    def start(self) -> int:
        """Time stamp of the first picture shown."""
        if self.ordered and self.shown.any():
            return int(self.pts[self.shown].min())
        return self.first.pts or 0

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Seconds since the first picture shown, shape (N,); negative for some that are cut."""
        times_s: NDArray[np.float64] = (self.pts.astype(np.float64) - self.start) * self.tick_s
        return times_s

    @property
    def end_s(self) -> float:
        """Seconds from the first picture to the end of the last."""
        return float((self.times_s + self.durations * self.tick_s).max(initial=0.0))

    @property
    def frame_rate(self) -> float | None:
        """Pictures a second on average; None for a single one."""
        times_s = self.times_s[self.shown]
        span_s = float(np.ptp(times_s)) if len(times_s) else 0.0
        return (len(times_s) - 1) / span_s if span_s > 0 else None


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Stream]]:
    """The packets of some streams that hold something, in the order of decoding.

    Raises:
        FFmpegError: the file breaks off.
    """
    try:
        for packet in container.demux(*streams):
            # An empty packet would tell the decoder that the video has ended.
            if packet.size:
                yield packet
    except IndexError:
        # All is read. PyAV (18) then looks for streams that appeared on the way, as they may in
        # a transport stream, in a list made before they did.
        return


def scan(container: InputContainer, stream: VideoStream, limits: Limits) -> Scan:
    """Look through a freshly opened file.

    Raises:
        UnreadableMedia: no picture can be decoded, or the pictures have no times.
        MediaTooLarge: it has more pictures than length and frame rate may add up to.
    """
    pts, durations, key, shown = array("q"), array("q"), bytearray(), bytearray()
    first, damaged, last_dts, reach_s = None, False, -(2**63), 0.0
    # An AVI numbers pictures as they are stored; where that is not how they are shown, it does
    # not tell which one is where.
    ordered = not (container.format.name == "avi" and stream.codec_context.has_b_frames)
    is_fresh_start = _fresh_start_test(stream)
    try:
        for packet in packets(container, *container.streams):
            reach_s = max(reach_s, _end_s(packet))
            if packet.stream.index != stream.index:
                continue
            damaged |= packet.is_corrupt  # of a packet, the end is missing
            if first is None and len(pts) < _PATIENCE:
                first = _first_picture(stream, packet)
            if packet.dts is not None:
                ordered &= packet.dts > last_dts
                last_dts = packet.dts
            ordered &= packet.pts is not None
            pts.append(last_dts if packet.pts is None else packet.pts)
            durations.append(packet.duration or 0)
            shown.append(not packet.is_discard)
            key.append(packet.is_keyframe and is_fresh_start(packet))
            check_pictures(len(pts), limits)
    except FFmpegError:
        damaged = True
    first = first or _first_picture(stream, None)
    if first is None:
        raise UnreadableMedia(
            "No picture in the file can be decoded; it is damaged, encrypted or far too large."
        )
    if first.pts is None or stream.time_base is None:
        raise UnreadableMedia("The pictures in the file have no times.")
    return Scan(
        first=first,
        tick_s=float(stream.time_base),
        pts=np.frombuffer(pts, dtype=np.int64),
        durations=np.frombuffer(durations, dtype=np.int64),
        key=np.frombuffer(key, dtype=bool),
        shown=np.frombuffer(shown, dtype=bool),
        ordered=ordered,
        reach_s=reach_s,
        damaged=damaged,
    )


def _end_s(packet: Packet[Stream]) -> float:
    """Where a packet ends in time, in seconds; 0 where it has no time."""
    if packet.pts is None or packet.time_base is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)


def _first_picture(stream: VideoStream, packet: Packet[Stream] | None) -> VideoFrame | None:
    """The first picture that comes out when a packet, or the end of all, goes in."""
    try:
        return next(iter(stream.decode(packet)), None)
    except FFmpegError:
        return None


def _fresh_start_test(stream: VideoStream) -> Callable[[Packet[Stream]], bool]:
    """A test whether decoding can start at a key packet as if there were none before.

    Files call those H.264 pictures key, too, from which on the picture only heals over time or
    which later pictures reach behind. Only an IDR picture (unit type 5) is a fresh start. The
    test empties the packet.
    """
    if stream.codec_context.name != "h264":
        return lambda _: True
    try:
        only_idr = BitStreamFilterContext("filter_units=pass_types=5", stream)
    except FFmpegError:
        return lambda _: False

    def has_idr(packet: Packet[Stream]) -> bool:
        try:
            return bool(only_idr.filter(packet))
        except FFmpegError:
            return False

    return has_idr
