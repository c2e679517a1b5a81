"""Decode the next pictures while the last one is being looked at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")

_AHEAD = 3  # pictures in memory beside the one in use
_WAIT_S = 0.1  # between looks at whether anyone still wants more


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, made in a thread of their own.

    What the items raise is raised here, in its place. Closing this iterator ends the thread
    before it returns.
    """
    ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(_AHEAD)
    unwanted = threading.Event()

    def put(item: Item | None, error: BaseException | None) -> None:
        while not unwanted.is_set():
            with suppress(queue.Full):
                ready.put((item, error), timeout=_WAIT_S)
                return

    def make() -> None:
        try:
            for item in items:
                put(item, None)
                if unwanted.is_set():
                    return
        except BaseException as error:
            put(None, error)
        else:
            put(None, StopIteration())

    thread = threading.Thread(target=make, name="decode ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            assert item is not None
            yield item
    finally:
        unwanted.set()
        thread.join()
