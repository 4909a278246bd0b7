"""The code of the documents: blocks of Python, each with what the page says that it prints."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n^```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code and the text block after it, or what its lines with `print` say behind a `#`."""

    code: str
    said: tuple[str, ...]


def _said(code: str, text: str | None) -> tuple[str, ...]:
    if text is not None:
        return tuple(line.rstrip() for line in text.splitlines())
    return tuple(line.rpartition("  # ")[2] for line in code.splitlines() if re.match(r"print\(.*  # ", line))


def blocks_of(page: str) -> list[Block]:
    """The blocks of Python of a page, in their order."""
    return [Block(found[1], _said(found[1], found[2])) for found in BLOCK.finditer(page)]


def printed(blocks: list[Block], name: str) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Each block with the lines that it prints, all run in one namespace, as a script is."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block.code, name, "exec"), names)
        yield block, tuple(line.rstrip() for line in out.getvalue().splitlines())
