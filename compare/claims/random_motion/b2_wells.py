"""Brownian motion in crossing wells is at the crossing as often as Gibbs says; estimators show more."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from compare import total_variation
from compare.claims import (
    Computed,
    Control,
    Difference,
    DistanceOf,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Outcome,
    Ratio,
    Share,
    at_least,
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
from compare.pictures import Axis, Panel, Picture, Plane, Series
from simulate import SGD
from theory import (
    Density,
    Estimate,
    FokkerPlanck,
    Isotropic,
    Langevin,
    LeimkuhlerMatthews,
    gibbs,
    sample_paths,
)
from theory.base.arrays import Array

DEEPER = f"{WELLS} - 0.3*exp(-10*(x**2 + y**2))"  # a law with an excess, some 1.25
NEAR = 0.1  # half of the box about the crossing
RATE, EVERY = 2.5e-4, 40  # the curvature across the arms is 200
SETTLED = 0.4  # modes along the arms decay as exp(-pi^2 t)
WIDTH = 0.06  # of the kernel: Scott's rule for some 1e6 walkers
GROUPS = 40  # of walkers, for the errors of estimated densities
BLOCK = 6  # cells a side that are joined where laws are compared
MORE = 1.1  # times what Gibbs says, and beyond, is an excess; the estimator makes 1.18
CROSSING, ARM = 30, 45  # cells of the middle, and of half an arm


@claim(
    "B2",
    source=RANDOM_MOTION,
    where="Brownian motion in the loss basin",
    statement="Brownian motion in the wells U = c min(x^2, y^2) is at their crossing more often than Gibbs says.",
    prediction="Langevin's equation with isotropic noise has the law exp(-U/T)/Z, which is flat along the arms. A "
    "kernel density estimate makes any such law highest at the crossing, where the kernel sees two arms.",
    quick={"walkers": 36_000, "steps": 3200},
    full={"walkers": 100_000, "steps": 3200},
)
def excess_at_the_crossing(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """Paths, Fokker-Planck, exact Gibbs samples and SGD: time at the crossing, one estimator for all."""
    wells, heat = well(WELLS), Isotropic(1.0, 2)
    law, equation = gibbs(wells, 1.0, TORUS), Langevin(wells, heat)
    solved = FokkerPlanck(equation, FINE).stationary()
    start, scheme = anywhere(walkers, rng), LeimkuhlerMatthews()
    paths = sample_paths(
        equation, start, dt=RATE, steps=steps, scheme=scheme, save_every=EVERY, domain=TORUS, rng=rng
    )
    sgd = isotropic_sgd(wells, SGD(RATE, 1), 1.0, start, steps=steps, every=EVERY, rng=rng)
    drawn, deeper = (gibbs_samples(well(formula), 20 * walkers, rng) for formula in (WELLS, DEEPER))
    said = Computed(gibbs(wells, 1.0, FINE).mass(lambda w: at_crossing(w, NEAR)))
    times: dict[str, Measurement] = {
        "Langevin paths": share(paths, NEAR, SETTLED),
        "Fokker-Planck": Computed(solved.mass(lambda w: at_crossing(w, NEAR))),
        "SGD with isotropic noise": share(sgd, NEAR, SETTLED),
    }
    kept = [one.positions[one.times > SETTLED] for one in (paths, sgd)]
    samples = dict(zip(("Langevin paths", "SGD", "Gibbs samples"), [*kept, drawn[None]], strict=True))
    heights: dict[str, Measurement] = {name: MeanOf(_peaks(points)) for name, points in samples.items()}
    heights["Fokker-Planck"] = Computed(Estimate(_peak(solved.coarsen(3)), 0.0))
    found = [
        Finding(f"{name}: time at the crossing over Gibbs's", Ratio(one, said), at_least(MORE))
        for name, one in times.items()
    ]
    sees = Finding(
        "exact samples in wells whose crossing is deeper by 0.3 T",
        Ratio(Share(int(at_crossing(deeper, NEAR).sum()), len(deeper)), said),
        at_least(MORE),
    )
    seen = "exact Gibbs samples show the same excess through a kernel density estimate"
    coarse = gibbs(wells, 1.0, FINE).coarsen(3 * BLOCK)
    reasons = [
        Finding(
            "the paths have the law of Gibbs",
            DistanceOf(paths.histogram(TORUS).coarsen(BLOCK), coarse),
            at_most(0.05, formula="total variation"),
        ),
        Finding(
            seen, heights["Gibbs samples"], at_least(MORE, formula="1.18 by the kernel"), "crossing over arms"
        ),
        *(
            Finding(seen, Difference(heights[name], heights["Gibbs samples"]), between(-0.1, 0.1), name)
            for name in ("Langevin paths", "SGD", "Fokker-Planck")
        ),
    ]
    kernels = {name: _estimate(_density(points)) for name, points in samples.items()}
    kernels["Fokker-Planck"] = _estimate(solved.coarsen(3))
    distance = total_variation(sgd.histogram(TORUS), law)
    note = f"SGD, {walkers} walkers: total variation {distance.value:.3f}, floor {distance.noise_floor:.3f}."
    return Evidence(found, [Control(sees, Outcome.HOLDS)], _picture(law, kernels), reasons, [note])


def _estimate(law: Density) -> Array:
    """The kernel density estimate on the torus."""
    return np.asarray(gaussian_filter(law.averaged().values, WIDTH / TORUS.spacing, mode="wrap"))


def _density(points: Array) -> Density:
    """Of all points (..., 2), wrapped on the torus."""
    return Density.from_samples(TORUS.wrap(points.reshape(-1, 2)), TORUS)


def _peaks(points: Array) -> Array:
    """Estimated density at the crossing over that half-way along the arms, in groups of walkers.

    `points` are (times, walkers, 2): a walker is in one group at all times, so that groups are independent.
    """
    return np.array([_peak(_density(group)) for group in np.array_split(points, GROUPS, axis=1)])


def _peak(law: Density) -> float:
    near = _estimate(law)
    middle = near[CROSSING - 1 : CROSSING + 1, CROSSING - 1 : CROSSING + 1]
    arms = [near[ARM, CROSSING], near[-ARM, CROSSING], near[CROSSING, ARM], near[CROSSING, -ARM]]
    return float(middle.mean() / np.mean(arms))


def _picture(law: Density, kernels: dict[str, Array]) -> Picture:
    x, y = TORUS.axes
    top = float(law.values.max())
    planes = [
        Plane(Axis("$x$"), Axis("$y$"), x, y, values, "density", title)
        for title, values in {
            "Gibbs, exact": law.values,
            **{f"{n}, estimated": k for n, k in kernels.items()},
        }.items()
    ]
    along = [Series.predicted("Gibbs, exact", x, law.values[:, CROSSING])]
    along += [
        Series.measured(f"{name}, estimated", x, values[:, CROSSING], joined=True)
        for name, values in kernels.items()
    ]
    panel = Panel(Axis("$x$ along an arm, $y = 0$"), Axis("density", limits=(0.0, 1.2 * top)), along)
    return Picture(
        [*planes, panel], r"Densities in the wells $100 \min(x^2, y^2)$ at $T = 1$, by one kernel estimator.", 3
    )
