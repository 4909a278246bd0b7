"""A map in cells of different size: a number in each, or a reason why there is none, with lines across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.pictures.panel import Axis
from theory.base.arrays import Array, Integers, read_only
from theory.base.errors import require


@dataclass(frozen=True, eq=False)
class Curve:
    """A line across a map with its label; those of one label are one line in pieces. `x` and `y`: (n,).

    Raises
    ------
    InputError
        If their lengths differ.
    """

    label: str
    x: Array = field(repr=False)
    y: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            object.__setattr__(self, name, read_only(np.atleast_1d(getattr(self, name))))
        require(
            self.x.shape == self.y.shape, f"`x` and `y` must be of one length, got {len(self.x)}, {len(self.y)}"
        )


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Rectangles over a plane, each with a number or a reason.

    Parameters
    ----------
    edges
        Left, right, lower and upper side of each, (n, 4).
    values
        Of the cells, (n,); NaN where there is a reason.
    reasons
        The place in `reason_names` of each, (n,), -1 where there is a number.
    marked
        Cells with a dot, (n,); None: none.
    curves
        Lines across.
    decades
        Below the highest value that are shown, on a logarithmic scale; None: a linear one from 0.

    Raises
    ------
    InputError
        If there is no cell, shapes differ, or a cell has neither a number nor a reason.
    """

    x: Axis
    y: Axis
    edges: Array = field(repr=False)
    values: Array = field(repr=False)
    reasons: Integers = field(repr=False)
    reason_names: Sequence[str] = ()
    marked: Array | None = field(default=None, repr=False)
    curves: Sequence[Curve] = ()
    value_label: str = ""
    title: str = ""
    decades: float | None = None

    def __post_init__(self) -> None:
        values, edges, reasons = read_only(self.values), read_only(self.edges), np.asarray(self.reasons, dtype=int)
        number = len(values)
        require(number > 0, "a mosaic needs at least one cell, got none")
        require(edges.shape == (number, 4), f"`edges` must have the shape ({number}, 4), got {edges.shape}")
        require(reasons.shape == (number,), f"`reasons` must have the shape ({number},), got {reasons.shape}")
        bare = int(np.count_nonzero(~np.isfinite(values) & (reasons < 0)))
        require(bare == 0, f"every cell must have a number or a reason, {bare} have neither")
        require(
            int(reasons.max()) < len(self.reason_names),
            f"`reasons` must be places in the {len(self.reason_names)} `reason_names`, got {int(reasons.max())}",
        )
        if self.marked is not None:
            marked = read_only(self.marked)
            require(marked.shape == (number,), f"`marked` must have the shape ({number},), got {marked.shape}")
            object.__setattr__(self, "marked", marked)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "reasons", reasons)
        object.__setattr__(self, "reason_names", tuple(self.reason_names))
        object.__setattr__(self, "curves", tuple(self.curves))

    @property
    def signed(self) -> bool:
        """Whether 0 is in the middle of its scale: it is not."""
        return False

    @property
    def saturated(self) -> None:
        """Where the colours of signed values end: nowhere."""
        return
