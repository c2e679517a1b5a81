"""What the faces in a video say, on your own machine, with figures you can check.

import affect

report = affect.analyze("holiday.mp4")
print(report.summary.dominant, report.summary.smile_index)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affect.pipeline import analyze

    __version__: str

__all__ = ["__version__", "analyze"]


def __getattr__(name: str) -> object:
    # Looked up when asked for, so that `import affect` costs nothing.
    if name == "analyze":
        from affect.pipeline import analyze

        return analyze
    if name == "__version__":
        from importlib.metadata import version

        return version("affect")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
