"""The scripts of `examples/` as the gallery wants them; they themselves stay as they are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from plain_docstrings import as_restructured

HEAD = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)
CELL = re.compile(r"^```\{code-cell\}.*\n(?::.*\n)*(?:---\n(?:.*\n)*?---\n)?", re.MULTILINE)
HEADER = """Examples
========

Short studies to start from, each with numbers that the tests check. Copy one and change it:
``python examples/NAME.py`` prints its numbers.
"""


def as_page(source: str, name: str) -> str:
    """The source with its docstring, which begins with a title, as reST."""
    tree = ast.parse(source)
    text, first = ast.get_docstring(tree), tree.body[0]
    if text is None:
        raise ValueError(f"examples/{name}.py needs a docstring")
    rest = "\n".join(source.split("\n")[first.end_lineno :])
    unlinked = ".. autolink-skip:: file"  # the gallery makes links by itself
    return f'r"""\n{as_restructured(text)}\n\n{unlinked}\n"""\n{rest}'


def gather(examples: Path, into: Path) -> Path:
    """Writes the scripts into a folder of the build, and leaves alone what has not changed."""
    into.mkdir(parents=True, exist_ok=True)
    wanted = {"GALLERY_HEADER.rst": HEADER}
    for path in sorted(examples.glob("*.py")):
        wanted[path.name] = as_page(path.read_text("utf-8"), path.stem)
    for old in into.glob("*.py"):
        if old.name not in wanted:
            old.unlink()
    write_changed(into, wanted)
    return into


def gather_notebooks(notebooks: Path, into: Path) -> None:
    """Writes the notebooks as pages: their cells as blocks of Python, without what Jupyter wants to know."""
    into.mkdir(exist_ok=True)
    texts = {path.name: path.read_text("utf-8") for path in sorted(notebooks.glob("*.md"))}
    write_changed(into, {name: as_document(text) for name, text in texts.items()})


def as_document(notebook: str) -> str:
    """A notebook of MyST as a page."""
    return CELL.sub("```python\n", HEAD.sub("", notebook))


def write_changed(folder: Path, texts: dict[str, str]) -> None:
    """Writes the texts that differ from the files that are there."""
    for name, text in texts.items():
        target = folder / name
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")
