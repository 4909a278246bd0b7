"""Figures as bytes: formats by name, with fonts that travel and nothing that changes from run to run."""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.figure import Figure

from compare.figures.style import LATEX_ENGINES, in_style, latex_engine
from compare.results import FORMATS as FORMATS
from theory.base.errors import require
from theory.base.hints import hint

USUAL = ("png", "pdf")
UNDATED: dict[str, dict[str, Any]] = {  # the same figure is the same file
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
    "eps": {},
    "png": {"Software": None},
}


def check_format(name: str) -> str:
    """`name`, where figures can be written in that format on this machine.

    Raises
    ------
    InputError
        If it is no format, or needs LaTeX that is not there.
    """
    advice = hint(name, FORMATS, "take one of them")
    require(name in FORMATS, f"`format` must be one of {', '.join(FORMATS)}, got {name!r}; {advice}")
    require(
        name != "pgf" or latex_engine() is not None,
        f"the format pgf needs one of {', '.join(LATEX_ENGINES)}, this machine has none; take pdf",
    )
    return name


@in_style
def image(figure: Figure, name: str, title: str = "") -> bytes:
    """The bytes of a figure in a format, under the style that holds; `title` goes into its properties.

    Raises
    ------
    InputError
        As `check_format`.
    """
    check_format(name)
    content = io.BytesIO()
    told = dict(UNDATED.get(name, {})) | ({"Title": title} if title and name in UNDATED else {})
    figure.savefig(content, format=name, metadata=told or None)
    return re.sub(rb"%%CreationDate: .*\n", b"", content.getvalue()) if name == "eps" else content.getvalue()
