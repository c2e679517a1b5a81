"""Keep libraries written in C++ from talking over what the program says."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_one_at_a_time = threading.RLock()  # or a second thread would put back the first one's nothing


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what is written to file descriptor 2 meanwhile.

    Python's own `sys.stderr` would not do: the lines come from C++, before any log level holds.
    """
    with _one_at_a_time:
        kept = os.dup(2)
        try:
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
                yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
