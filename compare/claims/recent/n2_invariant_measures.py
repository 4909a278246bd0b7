"""On a finite sum SGD keeps to the well it is in for ever, where its diffusion approximation leaves it."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    DistanceOf,
    Evidence,
    Finding,
    Share,
    Source,
    at_least,
    at_most,
    claim,
    series_of,
)
from compare.pictures import Axis, Mark, Panel, Picture, Role, Series
from simulate import SGD, WithReplacement, first_exit, run_sgd
from theory import DatasetModel, Grid, Histogram, Outside, first_passage_times, langevin_limit
from theory.base.arrays import Array

SOURCE = Source(
    "Shirokoff & Zaleski",
    2024,
    "Convergence of Markov chains for constant step-size stochastic gradient descent with separable functions",
    "arXiv:2409.12243",
)
RATE = 0.8
TILT, BEYOND = 0.95, 1.1  # slopes of the examples; at 1 the wells open
TOP, PERIOD = float(np.pi), float(2 * np.pi)  # of the barrier, and from one well to the next
EDGE = float(np.arcsin(TILT))  # of the interval that no step leaves
FEWER, FINER = 5, 5  # walkers of the diffusion, and its steps for one of SGD
NOBODY = 1e-3  # share of the walkers, and less
WELL, NEXT = (Grid(at - EDGE, at + EDGE, 24) for at in (0.0, PERIOD))


@claim(
    "N2",
    source=SOURCE,
    where="abstract and section on examples",
    statement="SGD with a constant step on a finite sum has an invariant measure in each of several absorbing "
    "sets, to which it comes from everywhere within; its diffusion approximation misses this.",
    prediction="Examples 1 - cos w + a w and 1 - cos w - a w: the maps w -> w - eta (sin w +- a) rise for "
    "eta < 1 and keep [-arcsin a, arcsin a] and its shifts by 2 pi for a < 1. Its diffusion leaves each.",
    quick={"walkers": 10_000, "steps": 600},
    full={"walkers": 20_000, "steps": 4000},
)
def several_invariant_measures(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """SGD from two wells, from both sides of one, and beyond the bifurcation; its diffusion approximation."""
    model, sgd = two_tilted_wells(TILT), SGD(RATE, 1, sampling=WithReplacement())
    first, second = np.zeros((walkers, 1)), np.full((walkers, 1), PERIOD)
    kept = [
        first_exit(model, sgd, start, f"w > {at - TOP} and w < {at + TOP}", steps=steps, rng=rng)
        for start, at in ((first, 0.0), (second, PERIOD))
    ]
    open_ = first_exit(two_tilted_wells(BEYOND), sgd, first, f"w > {-TOP} and w < {TOP}", steps=steps, rng=rng)
    low, high = (run_sgd(model, sgd, first + side, steps=100, rng=rng).histogram(WELL) for side in (-1.2, 1.2))
    other = run_sgd(model, sgd, second, steps=100, rng=rng).histogram(NEXT)
    few, limit = first[: len(first) // FEWER], langevin_limit(model, sgd)
    paths = first_passage_times(limit, few, Outside(-TOP, TOP), dt=RATE / FINER, steps=FINER * steps, rng=rng)
    found = [
        Finding(
            f"walkers that leave the {name} well",
            Share(int((one.event >= 0).sum()), walkers),
            at_most(NOBODY, formula="0"),
        )
        for name, one in zip(("first", "second"), kept, strict=True)
    ]
    found += [
        Finding(
            "distance of the laws from both ends of a well",
            DistanceOf(low.coarsen(2), high.coarsen(2)),
            at_most(0.1),
        ),
        Finding(
            "the diffusion approximation leaves the well",
            Share(int(np.isfinite(paths.times).sum()), len(few)),
            at_least(0.1),
        ),
    ]
    crossed = Finding(
        "walkers that leave where the slopes of examples exceed 1",
        Share(int((open_.event >= 0).sum()), walkers),
        at_most(NOBODY),
    )
    seen = {
        "SGD, $a = 0.95$": np.where(kept[0].event < 0, np.inf, kept[0].event),
        "SGD, $a = 1.1$": np.where(open_.event < 0, np.inf, open_.event),
        "diffusion, $a = 0.95$": np.nan_to_num(paths.times / RATE, nan=np.inf),
    }
    return Evidence(found, [Control(crossed)], _picture(seen, low, other, steps))


def two_tilted_wells(slope: float) -> DatasetModel:
    """The mean of 1 - cos w + slope w and 1 - cos w - slope w."""

    def loss(w: Array, x: Array, y: Array) -> Array:
        return 1 - np.cos(w[..., 0]) + y * w[..., 0]

    def gradient(w: Array, x: Array, y: Array) -> Array:
        return np.sin(w) + y[..., None]

    return DatasetModel(np.zeros((2, 1)), np.array([-slope, slope]), loss, gradient, dim=1)


def _picture(seen: dict[str, Array], law: Histogram, other: Histogram, steps: int) -> Picture:
    at = np.linspace(0, steps, 61)
    lines = []
    for (name, left), role in zip(seen.items(), (Role.MEASURED, Role.CONTROL, Role.PREDICTED), strict=True):
        shares = [Share(int((left > one).sum()), len(left)) for one in at]
        lines.append(series_of(name, at, shares, role, joined=True))
    laws = [
        Series.measured(f"started at {name}", one.grid.axes[0], one.density.values, joined=True)
        for name, one in (("0", law), (r"$2\pi$", other))
    ]
    marks = [Mark(TOP, "barrier"), *(Mark(PERIOD * k + side, "") for k in (0, 1) for side in (-EDGE, EDGE))]
    return Picture(
        [
            Panel(Axis("steps"), Axis("share still in the well", limits=(0.0, 1.05)), lines),
            Panel(Axis("$w$"), Axis("density"), laws, marks=marks),
        ],
        r"SGD on two examples $1 - \cos w \pm a w$: walkers in their well, and an invariant measure in each.",
    )
