"""A body on its way in: what will be refused is not put on the disk first.

Waitress takes a whole body, in memory and, once it grows, in a file, before the application hears
of it. Here the jobs room is asked before there is a file. A body it refuses is still received to
its end, for only then does its sender listen, but it is thrown away.
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any, BinaryIO, cast

from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from affect.jobs import FORM_BYTES
from affect.jobs.storage import room
from affect.web.context import Context


def channel_class(here: Context) -> type[HTTPChannel]:
    """Connections whose bodies go to the disk only while these jobs have room for them."""

    class Parser(HTTPRequestParser):
        def parse_header(self, header: bytes) -> None:
            super().parse_header(header)
            if self.body_rcv is not None:
                self.body_rcv.buf = Body(here, self.adj, announced=self.content_length)

    class Channel(HTTPChannel):
        parser_class = Parser

    return Channel


class Body:
    """What a receiver of waitress writes to, and the application then reads.

    Args:
        here: whose jobs are asked for room.
        adjustments: say how much is held in memory.
        announced: size in bytes, 0 when unknown.
    """

    def __init__(self, here: Context, adjustments: Adjustments, announced: int) -> None:
        self._jobs = here.jobs
        self._kept = OverflowableBuffer(adjustments.inbuf_overflow)
        self._announced = announced
        self._size = 0
        self._ask_at = adjustments.inbuf_overflow
        self._too_much = here.settings.limits.max_bytes + FORM_BYTES + 1
        self._refusal: Exception | None = None

    def __len__(self) -> int:
        return self._size

    def append(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._size += len(piece)
        if self._refusal is not None:
            return
        try:
            if self._size >= self._ask_at:
                self._ask()
            with room():
                self._kept.append(piece)
        except Exception as refusal:  # whatever it is, the application answers it
            self._refusal = refusal
            # On a full disk, closing fails too at what was still to be written.
            with suppress(OSError):
                self._kept.close()

    def getfile(self) -> BinaryIO:
        """All bytes; reading a refused body raises why it was refused."""
        if self._refusal is not None:
            return cast(BinaryIO, _Refused(self._refusal))
        return cast(BinaryIO, self._kept.getfile())

    def close(self) -> None:
        """Remove what was kept."""
        self._kept.close()

    def _ask(self) -> None:
        """Before the first byte goes to the disk, and where an unannounced body gets too large."""
        is_unknown = not self._announced and self._size < self._too_much
        self._ask_at = self._too_much
        self._jobs.check_room(None if is_unknown else max(self._size, self._announced))


class _Refused(io.RawIOBase):
    def __init__(self, refusal: Exception) -> None:
        self._refusal = refusal

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise self._refusal
