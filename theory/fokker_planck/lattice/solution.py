"""A stationary law on a grid with the record of how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from theory.base.arrays import Array
from theory.fokker_planck.generator import Flux
from theory.laws import Density


@dataclass(frozen=True, eq=False)
class StationarySolution:
    """A stationary density, the flux that gave it, and what was done to its values.

    Parameters
    ----------
    density
        The answer on the user's grid; its `error` is that of the mesh plus `negative_mass`.
    flux
        The flux that was taken.
    reason
        Why, in one line with the figures.
    order
        Order in the spacing: 1 where D loses rank and drift is upwinded, 2 as solved, 4 or 6 extrapolated from
        three meshes, 6 by deferred correction with the centred flux; None where exp(-Phi) is exact.
    largest_peclet
        Largest |v.e| over Selling edges between cells with at least a thousandth of the largest density; taken on
        the grid of a quarter of the cells, where there is one, and scaled to this one.
    negative_mass
        Sum of the negative masses that were replaced by those of second order or 0, before the law was scaled to
        mass 1; 0 with the fitted flux.
    unscaled_mass
        Mass of the extrapolated values before they were scaled to a law: 1 but for the mesh error; 1 without
        extrapolation.
    plain
        Null vector of the generator of `flux` on this grid, before extrapolation or correction, as density
        values of shape `grid.shape` and mass 1; it may be negative with the centred flux.
    """

    density: Density
    flux: Flux
    reason: str
    order: int | None
    largest_peclet: float
    negative_mass: float
    unscaled_mass: float
    plain: Array = field(repr=False)

    @property
    def law(self) -> Density:
        """The density, whose error holds what reading masses from its values adds."""
        total = self.density.averaged().error
        if total is None or self.density.cell_averages is not False:
            return self.density
        return replace(self.density, error=total, reading_counted=True)
