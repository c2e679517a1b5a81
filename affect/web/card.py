"""The page that tells what the model is."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from affect.report.words import unbroken

_TEXT = "README.md"
_TABLE = '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>\n'


_FIGURES = re.compile(r"[\d.]+ %(, [\d.]+ %)+")


def sections(model: Path) -> dict[str, str]:
    """The model's own description as HTML, by the titles of its sections; raw HTML stays text.

    What stands above the first section is left out: the page has a heading of its own. Tables
    scroll where they are wider than a phone; a percent sign stays with its number.
    """
    path = model / _TEXT
    if not path.is_file():
        return {}
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.add_render_rule("table_open", lambda *_: _TABLE)
    renderer.add_render_rule("table_close", lambda *_: "</table></div>\n")
    found: dict[str, list[Token]] = {}
    section: list[Token] = []
    tokens = renderer.parse(path.read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            section = found.setdefault(tokens[place + 1].content, [])
        for child in token.children or ():
            if child.type == "text":  # not code, which is to be copied
                child.content = unbroken(_together(child.content))
        section.append(token)
    return {
        title: str(renderer.renderer.render(section, renderer.options, {}))
        for title, section in found.items()
    }


def _together(told: str) -> str:
    """Several figures of one cell, kept on one line; other text as it is."""
    return told.replace(", ", ",\N{NO-BREAK SPACE}") if _FIGURES.fullmatch(told) else told
