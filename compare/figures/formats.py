"""Figures as bytes: formats by name, with fonts that travel and nothing that changes from run to run."""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.figure import Figure

from compare.figures.style import LATEX_ENGINES, in_style, latex_engine

USUAL = ("png", "pdf")
UNDATED: dict[str, dict[str, Any]] = {  # the same figure is the same file
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
    "eps": {},
    "png": {"Software": None},
}
PGF_PREAMBLE = b"\\providecommand{\\mathdefault}[1]{#1}%\n"  # of matplotlib, else for the reader's own preamble


def check_format(name: str) -> str:
    """`name`, where figures can be written in that format on this machine.

    Raises
    ------
    InputError
        If it is no format, or needs LaTeX that is not there.
    """
    from compare.results import FORMATS
    from theory.base.errors import require
    from theory.base.hints import hint

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
        As `check_format`; or if a map of colours is asked for as pgf.
    """
    if name not in UNDATED:  # those can be drawn on any machine, and nothing that computes is loaded for them
        check_format(name)
    content = io.BytesIO()
    if name == "pgf":
        if figure.findobj(lambda artist: bool(artist.get_rasterized())):
            from theory.base.errors import InputError

            raise InputError(
                "the format pgf holds lines and letters only, this figure has a map of colours; take pdf"
            )
        figure.savefig(content, format=name)
        return PGF_PREAMBLE + content.getvalue()
    told = dict(UNDATED[name]) | ({"Title": title} if title else {})
    figure.savefig(content, format=name, metadata=told)
    return re.sub(rb"%%CreationDate: .*\n", b"", content.getvalue()) if name == "eps" else content.getvalue()
