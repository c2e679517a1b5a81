"""What every page that is one file is made with."""

from __future__ import annotations

import base64

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from affect.resources import folder


def environment() -> Environment:
    """Templates, with styles to be put into them; what is not said is an error."""
    return Environment(
        loader=FileSystemLoader([folder("templates"), folder("static")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def data_uri(png: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
