from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from affect.media.ahead import read_ahead


def test_same_items_in_order() -> None:
    assert list(read_ahead(iter(range(100)))) == list(range(100))
    assert list(read_ahead(iter(()))) == []


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("the disk is gone")

    seen = []
    with pytest.raises(OSError, match="the disk is gone"):
        for item in read_ahead(items()):
            seen.append(item)
    assert seen == [1, 2]


def test_works_ahead_of_the_reader() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    ahead = read_ahead(items())
    assert next(ahead) == 1
    assert second.wait(timeout=10)
    assert list(ahead) == [2]


def test_closing_ends_the_thread() -> None:
    ahead = read_ahead(iter(range(1_000_000)))
    assert next(ahead) == 0
    ahead.close()
    assert "decode ahead" not in {thread.name for thread in threading.enumerate()}
