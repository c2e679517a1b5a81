"""The page that tells what the model is."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt

from affect.report.words import unbroken

_TEXT = "README.md"
_TABLE = '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>\n'


_FIGURES = re.compile(r"[\d.]+ %(, [\d.]+ %)+")


def text(model: Path) -> str | None:
    """The model's own description as HTML, None without one; raw HTML in it stays text.

    Its headings stand one level lower: the page has a heading of its own. Its tables scroll where
    they are wider than a phone; a percent sign stays with its number.
    """
    path = model / _TEXT
    if not path.is_file():
        return None
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = renderer.parse(path.read_text(encoding="utf-8"))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        for child in token.children or ():
            if child.type == "text":  # not code, which is to be copied
                child.content = unbroken(_together(child.content))
    renderer.add_render_rule("table_open", lambda *_: _TABLE)
    renderer.add_render_rule("table_close", lambda *_: "</table></div>\n")
    rendered: str = renderer.renderer.render(tokens, renderer.options, {})
    return rendered


def _together(told: str) -> str:
    """Several figures of one cell, kept on one line; other text as it is."""
    return told.replace(", ", ",\N{NO-BREAK SPACE}") if _FIGURES.fullmatch(told) else told
