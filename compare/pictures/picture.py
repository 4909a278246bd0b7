"""A picture: panels in reading order, and what they show in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compare.pictures.mosaic import Mosaic
from compare.pictures.panel import Panel
from compare.pictures.plane import Plane
from theory.base.errors import require


@dataclass(frozen=True, eq=False)
class Picture:
    """Panels in reading order with a caption.

    Parameters
    ----------
    columns
        Panels side by side; None: as many as there are, three at most.
    share_x, share_y
        Whether all panels have one scale along an axis.

    Raises
    ------
    InputError
        If there is no panel, or no column.
    """

    panels: Sequence[Panel | Plane | Mosaic]
    caption: str = ""
    columns: int | None = None
    share_x: bool = False
    share_y: bool = False

    def __post_init__(self) -> None:
        require(len(self.panels) > 0, "a picture needs at least one panel, got none")
        require(self.columns is None or self.columns >= 1, f"`columns` must be at least 1, got {self.columns}")
        object.__setattr__(self, "panels", tuple(self.panels))
