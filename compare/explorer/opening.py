"""What the page of a study is built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what computes is loaded in another process
    from compare.explorer.ranges import Stops
    from compare.explorer.settings import PointSettings


@dataclass(frozen=True)
class Opening:
    """A study as its page shows it first.

    Parameters
    ----------
    title, file
        Of the study, and of the file that a point of it is saved to.
    formula, noise
        What the formula is of, and what the noise is measured by.
    settings
        Those of the study.
    stops
        The values of each slider.
    """

    title: str
    file: str
    formula: str
    noise: str
    settings: PointSettings
    stops: dict[str, Stops]
