"""Heavy tails: densities that reach a side of their grid as a power, and the moments that then follow the box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from theory.base.arrays import Array

if TYPE_CHECKING:
    from theory.laws.density import Density

OCTAVES = 2  # towards the side over which the slope must stay what it is
OCTAVE_PARTS = 4  # of these octaves whose slopes are compared
STEADY = 1.3  # largest slope over the least: those of an exponential differ by 2.8, those of a normal law by 8
POWER_ERROR = 0.01  # of a power, to which it is seen
FEWEST = 16  # cells that show a power
FLATTEST = 0.05  # power below which a density is level


@dataclass(frozen=True)
class Tail:
    """A density that falls like distance^-power from its mode towards one side of an axis.

    Parameters
    ----------
    axis
        Of the grid.
    side
        Coordinate of the side.
    power
        Positive. Up to 1 the mass follows the box, up to 2 the mean, up to 3 the variance.
    """

    axis: int
    side: float
    power: float

    @property
    def moment(self) -> str:
        """The lowest moment that the box decides, in words; empty where it decides none up to the variance."""
        names = ("mass", "mean", "variance")
        return next((name for order, name in enumerate(names) if self.power <= order + 1 + POWER_ERROR), "")

    def __str__(self) -> str:
        return self.named(f"w{self.axis}")

    def named(self, variable: str) -> str:
        """In words, with the axis called `variable`."""
        return f"the density falls like distance^-{self.power:.3g} towards {variable} = {self.side:.6g}"


def power_tails(density: Density) -> tuple[Tail, ...]:
    """The sides that a computed law reaches as a power, by the marginal of each axis that is not periodic.

    Over two octaves of the distance from the mode up to the side the logarithmic slope must be the same to 30 %.
    None for samples, whose noise hides slopes.
    """
    if density.samples is not None:
        return ()
    found = []
    for axis in np.flatnonzero(~np.array(density.grid.periodic)):
        line = density if density.grid.dim == 1 else density.marginal(int(axis))
        w, values = line.grid.axes[0], line.values
        mode = w[int(values.argmax())]
        for sign, side in ((-1, line.grid.lower[0]), (1, line.grid.upper[0])):
            power = _power(sign * (w - mode), values, abs(side - mode))
            if power is not None:
                found.append(Tail(int(axis), float(side), power))
    return tuple(found)


def _power(distance: Array, values: Array, farthest: float) -> float | None:
    """The power with which `values` fall with the distance over the last octaves, or None."""
    last = (distance >= farthest * 2.0**-OCTAVES) & (values > 0)
    if np.count_nonzero(last) < FEWEST:
        return None
    x, y = np.log(distance[last]), np.log(values[last])
    order = np.argsort(x)
    cuts = np.linspace(x.min(), x.max(), OCTAVE_PARTS + 1)
    slopes = -np.diff(np.interp(cuts, x[order], y[order])) / np.diff(cuts)
    if slopes.min() < FLATTEST or slopes.max() > STEADY * slopes.min():
        return None
    return float(slopes[-1])
