"""With momentum walkers are at the crossing as often as without: the position's law is Gibbs's."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    DistanceOf,
    Evidence,
    Finding,
    Outcome,
    Ratio,
    Share,
    at_most,
    between,
    claim,
)
from compare.claims.random_motion import RANDOM_MOTION
from compare.claims.random_motion.wells import (
    FINE,
    TORUS,
    WELLS,
    anywhere,
    at_crossing,
    gibbs_samples,
    isotropic_sgd,
    share,
    well,
)
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD
from theory import BAOAB, Density, Ensemble, Grid, Underdamped, gibbs, sample_paths
from theory.base.arrays import Array

RAISED = f"{WELLS} + 0.15*exp(-10*(x**2 + y**2))"  # a law that is seen at the crossing less often
FRICTIONS = (2.0, 10.0)  # modes along the arms decay as exp(-pi^2 t/friction)
STEP = 0.01  # the frequency across the arms is sqrt(200)
LENGTH = 10.0  # of paths in time, of which the second half is looked at
RATE, MOMENTUM = 2.5e-4, 0.9
NEAR, BLOCK = 0.1, 6
WEAKER = 0.95  # of what there is without momentum, and below, is weaker
SIMILAR = 0.1
WHOLE = Grid((-1.0, -1.0, -1.0, -1.0), (1.0, 1.0, 1.0, 1.0), (2,) * 4, (True, True, False, False))


@claim(
    "B4",
    source=RANDOM_MOTION,
    where="Brownian motion in the loss basin, momentum",
    statement="With momentum walkers are drawn to the crossing of min(x^2, y^2) too, but less strongly.",
    prediction="The law of the underdamped equation is exp(-(U + p^2/2)/T)/Z: its position has the law of Gibbs "
    "at any friction, and heavy-ball SGD has it in the limit of small steps.",
    quick={"walkers": 90_000},
    full={"walkers": 200_000},
)
def crossing_with_momentum(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Underdamped paths at two frictions and heavy-ball SGD: the time at the crossing over that of Gibbs."""
    wells, start, steps = well(WELLS), anywhere(walkers, rng), int(LENGTH / STEP)
    runs: dict[str, Ensemble] = {}
    for friction in FRICTIONS:
        begin = np.hstack([start, rng.standard_normal(start.shape)])
        equation = Underdamped(wells, friction, 1.0)
        paths = sample_paths(
            equation,
            begin,
            dt=STEP,
            steps=steps,
            scheme=BAOAB(),
            save_every=steps // 20,
            domain=WHOLE,
            rng=rng,
        )
        runs[f"Langevin with friction {friction:g}"] = Ensemble(paths.times, paths.positions[..., :2])
    heavy = SGD(RATE, 1, momentum=MOMENTUM)
    runs["heavy-ball SGD"] = isotropic_sgd(wells, heavy, 1.0, start, steps=600, every=30, rng=rng)
    law = gibbs(wells, 1.0, FINE)
    said = Computed(law.mass(lambda w: at_crossing(w, NEAR)))
    over = {name: Ratio(share(one, NEAR, one.times[-1] / 2), said) for name, one in runs.items()}
    found = [
        *(
            Finding(f"{name}: time at the crossing over Gibbs's", one, at_most(WEAKER))
            for name, one in over.items()
        ),
        *(
            Finding("the time at the crossing is similar", one, between(1 - SIMILAR, 1 + SIMILAR), name)
            for name, one in over.items()
        ),
    ]
    reasons = [
        Finding(
            "the position has the law of Gibbs",
            DistanceOf(one.histogram(TORUS).coarsen(BLOCK), law.coarsen(3 * BLOCK)),
            at_most(0.05, formula="total variation"),
            name,
        )
        for name, one in runs.items()
    ]
    raised = gibbs_samples(well(RAISED), 20 * walkers, rng)
    sees = Finding(
        "exact samples in wells whose crossing is raised by 0.15 T",
        Ratio(Share(int(at_crossing(raised, NEAR).sum()), len(raised)), said),
        at_most(WEAKER),
    )
    return Evidence(found, [Control(sees, Outcome.HOLDS)], _picture(law, runs), reasons)


def _picture(law: Density, runs: dict[str, Ensemble]) -> Picture:
    blocks = TORUS.coarsened(BLOCK // 2)
    x = blocks.axes[0]

    def along(values: Array) -> Array:
        return np.asarray(values[:, len(x) // 2])

    lines = [Series.predicted("Gibbs", x, along(law.coarsen(3 * BLOCK // 2).values))]
    for name, one in runs.items():
        kept = one.positions[one.times > one.times[-1] / 2].reshape(-1, 2)
        values = along(Density.from_samples(TORUS.wrap(kept), blocks).values)
        error = 2 * np.sqrt(values / (one.walkers * blocks.cell_volume))
        lines.append(Series.measured(name, x, values, error))
    panel = Panel(Axis("$x$ along an arm"), Axis("density, averaged over cells", limits=(0.0, 2.0)), lines)
    return Picture([panel], r"Positions with momentum in the wells $100 \min(x^2, y^2)$ at $T = 1$.")
