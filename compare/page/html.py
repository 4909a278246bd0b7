"""The page as one HTML text."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined

from compare.claims import Judgement
from compare.figures import Style, draw_picture, image
from compare.page.entry import Entry
from compare.pictures import picture_tables, picture_to_xarray
from theory.base.errors import in_one_line

WIDTH = 6.5  # inches of a picture: it is made smaller where the window is
TEMPLATE = "page.html.j2"


@dataclass(frozen=True)
class _Picture:
    """A picture and its data as addresses that hold their content."""

    svg: str
    netcdf: str
    tables: dict[str, str]


def page_of(entries: Sequence[Entry], tell: Callable[[str], None] = lambda fault: None) -> str:
    """One HTML text with a row for each entry, its evidence, picture and data; it needs no other file.

    `tell` gets what is wrong with a picture that cannot be drawn; the page says so in its place.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = (resources.files("compare.page") / TEMPLATE).read_text("utf-8")
    kinds = Counter(entry.verdict_kind for entry in entries)
    sources = list(dict.fromkeys(entry.source for entry in entries))
    with Style.of(WIDTH).applied():
        rows = [(entry, _picture(entry.judgement, tell)) for entry in entries]
    return environment.from_string(text).render(rows=rows, kinds=kinds, sources=sources, number=_number)


def _picture(judgement: Judgement | None, tell: Callable[[str], None]) -> _Picture | None:
    if judgement is None or judgement.picture is None:
        return None
    try:
        drawn = image(draw_picture(judgement.picture), "svg", judgement.identifier)
    except Exception as error:  # labels of a user's own may be no mathematics
        tell(f"the picture of {judgement.identifier} cannot be drawn: {in_one_line(str(error))}")
        return None
    data = bytes(picture_to_xarray(judgement.picture).to_netcdf(engine="h5netcdf"))
    tables = picture_tables(judgement.picture)
    return _Picture(
        _address("image/svg+xml", drawn),
        _address("application/x-netcdf", data),
        {name: _address("text/csv", table.encode()) for name, table in tables.items()},
    )


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
