"""Docstrings are plain text with `code` in single backticks, read in a terminal; here they become reST."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
MARKUP = re.compile(r"([\\*|_])")
HEADING = re.compile(r"^\s*-{3,}\s*$")


def as_restructured(text: str) -> str:
    """The text with backticks doubled and every other mark of reST taken as itself."""
    out, end = [], 0
    for code in CODE.finditer(text):
        out += [MARKUP.sub(r"\\\1", text[end : code.start()]), f"``{code[2].strip()}``"]
        if text[code.end() : code.end() + 1].isalnum():
            out.append("\\ ")
        end = code.end()
    return "".join([*out, MARKUP.sub(r"\\\1", text[end:])])


def plain(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Rewrites the lines of one docstring in place, before napoleon reads its sections."""
    if what == "data" and getattr(thing, "__doc__", None) == type(thing).__doc__:
        lines[:] = []  # a constant has that of its type
        return
    lines[:] = as_restructured("\n".join(lines)).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Comes before napoleon, which has the usual priority."""
    app.connect("autodoc-process-docstring", plain, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
