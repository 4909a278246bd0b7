"""What goes from the process that computes to that of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PICTURE = "about:blank#laws"  # where the address of the picture goes


@dataclass(frozen=True)
class PointAnswer:
    """The HTML of a point and its study as TOML; of a `problem`, one line, the HTML says that alone or is empty.

    `drawn` holds the laws whose picture goes where the HTML has `PICTURE`, as what a data set of xarray is made
    of; None where there is no law at all.
    """

    html: str
    toml: str
    problem: str = ""
    drawn: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None = None
