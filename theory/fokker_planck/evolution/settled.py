"""Laws at late times on lines where walkers draw together: the stationary law, with a bound on what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.equations.leaps import noise_leaps
from theory.equations.protocol import Equation
from theory.fokker_planck.evolution.resolved_laws import ROUNDING_OF_EVOLVED_LAWS, ResolvedLaws
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.line import NODES, Line, scaled, zero_flux
from theory.laws import Grid, NoStationaryDensity

LINEAR = 1e-12  # exponent x below which (1 - e^-x) / x is 1
SAMPLES_OF_DRIFT = 9  # of the drift in a cell


@dataclass(frozen=True, eq=False)
class Contraction:
    """How fast two walkers on a line that share their noise approach, in lengths y for which D is 1.

    Parameters
    ----------
    rate
        Least rate, of either sign: |y - y'| falls at least like exp(-rate t).
    widths
        Of the cells, shape (cells,).
    """

    rate: float
    widths: Array = field(repr=False)

    @staticmethod
    def of(equation: Equation, grid: Grid) -> Contraction | None:
        """That between the walls of `grid`, from the slopes of the drift; None on a ring, or where noise ends."""
        if grid.dim > 1 or grid.periodic[0] or noise_leaps(equation, grid):
            return None
        fine = grid.refined(SAMPLES_OF_DRIFT)
        noise = np.asarray(equation.tensor(fine.centers))[:, 0, 0]
        drift = equation.drift(fine.centers)[:, 0] - equation.divergence(fine.centers)[:, 0] / 2
        if not (np.isfinite(noise).all() and (noise > 0).all() and np.isfinite(drift).all()):
            return None
        steps = fine.spacing[0] / np.sqrt(noise)
        slopes = np.diff(drift / np.sqrt(noise)) / ((steps[1:] + steps[:-1]) / 2)
        return Contraction(float(-slopes.max()), steps.reshape(-1, SAMPLES_OF_DRIFT).sum(axis=1))

    def apart(self, one: Array, other: Array, times: Array) -> Array:
        """Bound on the total variation between laws that started with these masses, shape (times,).

        Their distance of transport, each law anywhere within its cells, falls at the rate, and normal laws that
        far apart, of the variance that noise has given, bound the total variation of what starts in two points.
        """
        away = np.abs(np.cumsum(one - other)) @ self.widths + (one + other) @ self.widths
        pulls = 2 * self.rate * times
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            shares = np.where(np.abs(pulls) > LINEAR, -np.expm1(-pulls) / pulls, 1.0)
            bounds = away * np.exp(-pulls / 2) / np.sqrt(4 * np.pi * times * shares)
        return np.asarray(np.where(np.isfinite(bounds), np.minimum(bounds, 1.0), 1.0))


def settled_laws(
    equation: Equation, grid: Grid, start: InitialLaw, times: Sequence[float] | Array
) -> ResolvedLaws | None:
    """The stationary law of a line at all `times`, with a bound on how far the law is from it.

    Coupling by reflection: with b - D' / 2 over the root of D falling at least at the rate k in the length y, laws
    from points y apart differ after t by at most y exp(-k t) / sqrt(2 pi v), v = (1 - exp(-2 k t)) / k, as those
    of an Ornstein-Uhlenbeck process do. None where there is no such law.

    References
    ----------
    Lindvall & Rogers (1986), "Coupling of multidimensional diffusions by reflection".
    """
    found = Contraction.of(equation, grid)
    if found is None or found.rate <= 0:
        return None
    try:
        line = Line.of(equation, grid)
        if len(line.pieces) != 1 or not line.pieces[0].recurrent:
            return None
        law, rougher = (zero_flux(line, line.pieces[0], nodes) for nodes in (NODES, NODES // 2))
    except (InputError, NoStationaryDensity):
        return None
    masses = law.shares
    doubt = ROUNDING_OF_EVOLVED_LAWS + law.doubt + float(np.abs(masses - rougher.shares).sum() / 2)
    bounds = found.apart(start.masses(grid), masses, np.asarray(times, dtype=np.float64))
    shape = (len(bounds), grid.size)
    averages = np.broadcast_to(masses / grid.cell_volume, shape)
    centres = averages if law.infinite else np.broadcast_to(scaled(law.log_values) / grid.cell_volume, shape)
    return ResolvedLaws(centres, averages, np.zeros(shape), doubt + bounds)
