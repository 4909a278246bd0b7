"""Singularities dominate the stable law where Gibbs itself is drawn to them, and nowhere else."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    Ratio,
    Sampled,
    at_least,
    between,
    claim,
    equal_to,
    series_of,
)
from compare.claims.random_motion import RANDOM_MOTION
from compare.claims.random_motion.wells import anywhere, isotropic_sgd, share, well
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD
from theory import Estimate, Grid, free_energy, learning_coefficient, mean_energy

PRODUCT, LEAST, SUM = "x**2*y**2", "min(x**2, y**2)", "x**2 + y**2"
MEANT = {PRODUCT: "the loss is x^2 y^2 there", LEAST: "it is min(x^2, y^2)"}
BOX = Grid((-1.0, -1.0), (1.0, 1.0), (40, 40))
NEAR = 0.2  # half of the box about the crossing
CROSSING = Grid((-NEAR, -NEAR), (NEAR, NEAR), (40, 40))
RATE = 0.1
WARM, COLD = 1e-2, 1e-3  # temperatures of SGD
COLDER, COLDEST = 1e-4, 1e-6  # of the Gibbs measure
GROWS = 1.5  # times the share, while the noise falls to a tenth; Gibbs says 2.05 and 1.22
CONSTANT = float(np.euler_gamma + 2 * np.log(2))  # E[L]/T = 1/2 - 1/(log 1/T + this) for x^2 y^2 on [-1, 1]^2
SIGN = {PRODUCT: "$x^2 y^2$", LEAST: r"$\min(x^2, y^2)$", SUM: "$x^2 + y^2$"}


@claim(
    "B3",
    source=RANDOM_MOTION,
    where="the free energy and its singularities",
    statement="Singularities dominate the law that training settles in: walkers are drawn to where valleys cross.",
    prediction="Gibbs: at x^2 y^2 the marginal is 1/|x| (lambda = 1/2, m = 2), and as T falls the share of the "
    "crossing tends to 1; min(x^2, y^2) is flat along its arms (m = 1), and the share stays that of its length.",
    quick={"walkers": 6000, "steps": 8000},
    full={"walkers": 80_000, "steps": 8000},
)
def mass_at_the_crossing(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """SGD at two temperatures, and the mass that Gibbs has at the crossing, for two kinds of crossing."""
    shares = {
        (formula, temperature): _share_of_sgd(formula, temperature, walkers, steps, rng)
        for formula in MEANT
        for temperature in (WARM, COLD)
    }
    found = []
    for formula, condition in MEANT.items():
        at = Computed(_mass(formula, COLDEST))
        grown = Ratio(shares[formula, COLD], shares[formula, WARM])
        found += [
            Finding("more than half of Gibbs's mass is at the crossing at T = 1e-6", at, at_least(0.5), condition),
            Finding("SGD is drawn there as its noise falls", grown, at_least(GROWS), condition),
        ]
    exact = learning_coefficient(well(PRODUCT), (0, 0))
    energy = Computed(mean_energy(well(PRODUCT), 1 / COLDEST, BOX))
    shift = 1 / (np.log(1 / COLDEST) + CONSTANT)
    told = [
        equal_to(float(exact.value) - times * shift, margin=shift / 10, formula="lambda - (m - 1)/log(a/T)")
        for times in (exact.multiplicity - 1, 0)
    ]
    found.append(
        Finding("E[L]/T at T = 1e-6 is that of the learning coefficient", energy, told[0], MEANT[PRODUCT])
    )
    control = Finding("E[L]/T with multiplicity 1", energy, told[1])
    flat = Computed(mean_energy(well(LEAST), 1 / COLDER, BOX))
    alone = "a crossing of min(x^2, y^2) has multiplicity 1, as any point of its arms"
    reasons = [Finding(alone, flat, between(0.49, 0.51, formula="E[L]/T = lambda = 1/2"))]
    return Evidence(found, [Control(control)], _picture(shares), reasons)


def _share_of_sgd(formula: str, temperature: float, walkers: int, steps: int, rng: np.random.Generator) -> Sampled:
    start = anywhere(walkers, rng)
    sgd = isotropic_sgd(well(formula), SGD(RATE, 1), temperature, start, steps=steps, every=steps // 40, rng=rng)
    return share(sgd, NEAR, sgd.times[-1] / 2)


def _mass(formula: str, temperature: float) -> Estimate:
    """Gibbs's mass in the box about the crossing, from the free energies of both boxes."""
    whole, part = (free_energy(well(formula), 1 / temperature, grid) for grid in (BOX, CROSSING))
    mass = NEAR**2 * np.exp(float(whole) - float(part))
    return Estimate(mass, mass * (whole.error + part.error))


def _picture(shares: dict[tuple[str, float], Sampled]) -> Picture:
    lines = []
    for formula, coldest in {PRODUCT: -8, LEAST: -4, SUM: -4}.items():
        heat = 10.0 ** np.arange(-1, coldest - 0.25, -0.5)
        lines.append(
            Series.predicted(f"Gibbs, {SIGN[formula]}", heat, [float(_mass(formula, one)) for one in heat])
        )
    for formula in MEANT:
        told = [shares[formula, heat] for heat in (WARM, COLD)]
        lines.append(series_of(f"SGD, {SIGN[formula]}", [WARM, COLD], told))
    x, y = Axis("temperature $T$", logarithmic=True), Axis("share with $|x|, |y| < 0.2$", limits=(0.0, 1.05))
    return Picture([Panel(x, y, lines)], "Share of the walkers near the crossing, as the noise falls.")
