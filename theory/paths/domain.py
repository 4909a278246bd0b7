"""Where paths live: open, periodic and reflecting axes."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.equations import Underdamped
from theory.laws import Grid, Reflecting
from theory.laws.walkers import torus_of
from theory.paths.scheme import PathEquation

OPEN, PERIODIC, MIRROR = 0, 1, 2
LOOKS_AT_NOISE = 4096  # cells about which it is asked whether noise mixes the axes


def domain_of(domain: Grid | None, sides: Reflecting | None, sde: PathEquation) -> Array:
    """Lower end, length and kind of each axis as `PathBlock.domain`, shape (3, d).

    Raises
    ------
    InputError
        If dimensions differ, sides are asked for without a domain, or the noise of a reflecting axis is
        correlated with that of another: a mirror would then not be the wall without flux.
    """
    require(sides is None or isinstance(sides, Reflecting), f"`sides` must be Reflecting() or None, got {sides!r}")
    torus = torus_of(domain, sde.dim)
    kinds = np.where(torus[1] > 0, PERIODIC, OPEN).astype(np.float64)
    if sides is None:
        return np.array([*torus, kinds])
    if domain is None:
        require(False, "reflecting `sides` need a `domain`; give the Grid at whose ends paths turn")
    assert domain is not None
    require(
        not isinstance(sde, Underdamped), "reflecting `sides` are for first-order equations; Underdamped has none"
    )
    mirrors = kinds == OPEN
    points = domain.centers.reshape(-1, sde.dim)
    tensor = np.abs(sde.tensor(points[:: max(1, len(points) // LOOKS_AT_NOISE)])).max(axis=0)
    mixed = tensor - np.diag(np.diag(tensor))
    axis = int(np.argmax(mixed.max(axis=1) * mirrors))
    require(
        not (mixed.max(axis=1) * mirrors).any(),
        f"reflecting `sides` need noise along axis {axis} that is independent of the other axes, got D with "
        f"{mixed[axis].max():.3g} beside its diagonal; turn the axes to those of D, or take FokkerPlanck",
    )
    lengths = np.array(domain.upper) - np.array(domain.lower)
    return np.array([np.array(domain.lower), lengths, np.where(mirrors, MIRROR, kinds)])
