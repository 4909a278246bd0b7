"""The examples, run as a reader runs them."""

from __future__ import annotations

import os
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
from matplotlib import pyplot as plt
from nbclient import NotebookClient
from repository import ROOT

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
SECONDS = 300  # of one cell


def run(name: str) -> dict[str, Any]:
    """What the example of this name has found; its figures are drawn, as on its page, and closed."""
    try:
        found = runpy.run_path(str(path_of(name)), run_name="__main__")
        figures = [plt.figure(number) for number in plt.get_fignums()]
        assert figures, f"{name} draws nothing"
        for figure in figures:
            figure.canvas.draw()
    finally:
        plt.close("all")
    return found


def printed(name: str) -> str:
    """What the notebook of this name prints, its cells run by a kernel as Jupyter runs them."""
    notebook = jupytext.read(ROOT / "examples" / "notebooks" / f"{name}.md")
    own = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # a command may have set it
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3").execute(env=own)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs), f"{name} draws nothing"
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


def path_of(name: str) -> Path:
    """The file of the example of this name."""
    return ROOT / "examples" / f"{name}.py"


def misplaced(text: str) -> Sequence[str]:
    """What keeps a script from being a page of the gallery: a title with its line, cells, under sixty lines."""
    lines = text.splitlines()
    return [
        fault
        for fault, seen in (
            ("sixty lines or more", len(lines) >= 60),
            ("no title", lines[0] != '"""' or len(lines[1]) != len(lines[2]) or set(lines[2]) != {"="}),
            ("no cells", "\n# %%" not in text),
        )
        if seen
    ]
