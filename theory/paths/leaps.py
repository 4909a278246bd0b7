"""Noise that jumps where walkers are: what paths in other readings than Ito's would miss."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.equations import Langevin
from theory.equations.leaps import noise_leaps
from theory.laws import Grid

CELLS = {1: 400, 2: 60, 3: 16}  # along each axis of the box in which jumps are looked for


def refuse_leaps(sde: object, *points: Array) -> None:
    """Refuse noise that jumps in the box of the `points` (n, d), where the reading adds a share of div D.

    At a jump div D is infinite, and no path meets the jump itself: a scheme would follow Ito's law.

    Raises
    ------
    InputError
        If D jumps between two of some hundred places along an axis.
    """
    if not isinstance(sde, Langevin) or not sde.share or sde.dim not in CELLS:
        return
    reached = np.concatenate([p[np.isfinite(p).all(axis=-1)] for p in points])
    if not len(reached):
        return
    lower, upper = reached.min(axis=0), reached.max(axis=0)
    if (upper > lower).all():
        reading = type(sde.interpretation).__name__
        require(
            not noise_leaps(sde, Grid(lower, upper, [CELLS[sde.dim]] * sde.dim)),
            f"paths in {reading}'s reading need noise without jumps, it jumps between {lower} and {upper}, where "
            "they would follow Ito's law; take FokkerPlanck, or noise that is continuous",
        )
