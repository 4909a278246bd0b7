"""A map of the plane: one field as colours, another as contours, points and arrows on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from compare.pictures.panel import Axis
from theory.base.arrays import Array, read_only
from theory.base.errors import require


@dataclass(frozen=True, eq=False)
class Plane:
    """A field over the plane.

    Parameters
    ----------
    x_centres, y_centres
        Of the cells, (m,) and (n,), evenly spaced.
    values
        Of the cells, (m, n), with what they are in `value_label`.
    signed
        Whether 0 is in the middle of the values: a difference; else they begin there: a density.
    decades
        Below the highest value that are shown, on a logarithmic scale; None: a linear one.
    saturated
        Where the colours of signed values end; None: at the largest.
    contours
        A field (m, n) whose level lines are drawn: the loss.
    points
        Of the plane, (k, 2): minima.
    arrows
        A vector field (2, m, n): a current.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """

    x: Axis
    y: Axis
    x_centres: Array = field(repr=False)
    y_centres: Array = field(repr=False)
    values: Array = field(repr=False)
    value_label: str = "density"
    title: str = ""
    signed: bool = False
    decades: float | None = None
    saturated: float | None = None
    contours: Array | None = field(default=None, repr=False)
    points: Array | None = field(default=None, repr=False)
    arrows: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        shape = (len(self.x_centres), len(self.y_centres))
        shapes = {
            "x_centres": shape[:1],
            "y_centres": shape[1:],
            "values": shape,
            "contours": shape,
            "arrows": (2, *shape),
        }
        for name, expected in shapes.items():
            if getattr(self, name) is None:
                continue
            array = read_only(getattr(self, name))
            require(array.shape == expected, f"`{name}` must have the shape {expected}, got {array.shape}")
            object.__setattr__(self, name, array)
        if self.points is not None:
            points = read_only(self.points).reshape(-1, 2)
            object.__setattr__(self, "points", read_only(points))
