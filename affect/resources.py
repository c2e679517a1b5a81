"""Where `model/`, `templates/` and `static/` lie: in the installed package or the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder of that name, inside the package as a wheel installs it, else beside it.

    Raises:
        FileNotFoundError: it lies in neither place.
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"no folder {name!r} in {_PACKAGE} or beside it")
