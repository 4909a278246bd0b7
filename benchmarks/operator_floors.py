"""How far SGD's exact laws are from walkers, on data sets and under step rules, in floors of the walkers' noise.

    python benchmarks/operator_floors.py [PART OF A NAME] [SEEDS] [LAST STEP]

A floor is the distance that as many draws from the law itself have in the mean. An exact law is 1 off, more or
less by a tenth on 60 cells and by more where a law holds few: of one sample a ratio above 1.05 is common even
then, in the share that is printed last, so no single ratio can be held to it. The walkers of all seeds are put
together: a law that is b floors of one seed off is some (1 + S b^2)^.5 of S seeds off. Printed are (1 +
b^2)^.5, the ratio expected of one seed; the ratio of all together, by how many standard deviations of draws it
is above 1, and the chance of as large a one; the law's error over a floor of one seed; and the share that has
left. An operator fails where the first is above 1.05 and the chance below .01. Laws are of walkers that have
never left the grid, along what is remembered either: where 2e-4 of them do, the others are counted only, since
who comes back is in no law. Heavy ball is taken with a decay of 0, since rules begin at rest.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy.stats import norm

from simulate import (
    SGD,
    ClipByNorm,
    ClipByValue,
    DataSet,
    Lion,
    Nesterov,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    WithoutReplacement,
    WithReplacement,
    draw_data,
    run_sgd,
    transition_operator,
)
from theory import Density, Grid, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape

WALKERS, DRAWS = 1_000_000, 1000
WATCHED = 20_000  # walkers whose every step is looked at together
LEFT = 2e-4  # of the walkers, a fifteenth of a floor: where more leave, they are watched step by step
MOST = 1.05
LINE = ProductModel("w")
CUBIC = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
WELLS = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0, 1))
LOW, HIGH, SPREAD = -4.0, 4.0, 0.5
CELLS = Grid(LOW, HIGH, 64)
AGAIN, APART = WithReplacement(), WithoutReplacement()


def plane(low: float, high: float, cells: int) -> Grid:
    return Grid((LOW, low), (HIGH, high), (CELLS.size, cells))


def data(model: ProductModel, examples: int) -> DataSet:
    return draw_data(model, examples, np.random.default_rng(examples))


def problems() -> Iterator[tuple[str, object, SGD, Grid, DataSet | None]]:
    for name, model, rates in (("q = w", LINE, (0.2, 0.1, 0.05)), ("cubic", CUBIC, (0.01, 0.01, 0.01))):
        for examples, rate in zip((3, 10, 1000), rates, strict=True):
            for batch in (1, 5):
                sgd = SGD(rate, batch, sampling=AGAIN)
                yield f"{name}, {examples} examples, batches of {batch}", model, sgd, CELLS, data(model, examples)
    yield "q = w, 6 examples, epochs", LINE, SGD(0.3, 2, sampling=APART), CELLS, data(LINE, 6)
    for name, sgd, grid in (
        ("plain", SGD(0.1, 4), CELLS),
        ("heavy ball", SGD(0.1, 4, 0.7, rule=WeightDecay(0.0)), plane(-1.2, 1.2, 48)),
        ("Nesterov", SGD(0.1, 4, Nesterov(0.7)), plane(-1.2, 1.2, 48)),
        ("weight decay", SGD(0.1, 4, rule=WeightDecay(0.3)), CELLS),
        ("clip by value", SGD(0.1, 4, rule=ClipByValue(0.4)), CELLS),
        ("clip by norm", SGD(0.1, 4, rule=ClipByNorm(0.4)), CELLS),
        ("sign", SGD(0.1, 4, rule=Sign()), CELLS),
        ("RMSprop", SGD(0.05, 4, rule=RMSprop(0.9)), plane(-0.1, 2.3, 48)),
        ("pSGLD", SGD(0.05, 4, rule=PreconditionedLangevin(0.1, 0.9)), plane(-0.1, 2.3, 48)),
        ("Lion", SGD(0.15, 4, rule=Lion(0.9, 0.95)), plane(-1.2, 1.2, 48)),
        ("SGLD", SGD(0.1, 4, rule=StochasticLangevin(0.1)), CELLS),
        ("SGHMC", SGD(0.1, 4, rule=StochasticHamiltonian(0.3, 0.1)), plane(-1.5, 1.5, 48)),
    ):
        yield f"wells, {name}", WELLS, sgd, grid, None


def walked(model, sgd, given, steps, seed: int) -> list[np.ndarray]:
    """Positions (walkers,) after each of the `steps` from a normal start."""
    rng = np.random.default_rng(1000 + seed)
    state, done, found = rng.normal(0, SPREAD, (WALKERS, 1)), 0, []
    for stop in steps:
        more = {"rng": rng} if done == 0 else {}
        ensemble = run_sgd(model, sgd, state, steps=stop - done, data=given, progress=False, **more)
        found.append(ensemble.final[:, 0].copy())
        state, done = ensemble.checkpoint, stop
    return found


def watched(model, sgd, given, steps, seed: int) -> list[np.ndarray]:
    """The same of those that have not left the line by then, others not a number."""
    rng = np.random.default_rng(1000 + seed)
    found = []
    for _ in range(WALKERS // WATCHED):
        start = rng.normal(0, SPREAD, (WATCHED, 1))
        ensemble = run_sgd(model, sgd, start, steps=steps[-1], data=given, save_every=1, progress=False, rng=rng)
        every = ensemble.positions[..., 0]
        gone = np.logical_or.accumulate(~((every >= LOW) & (every <= HIGH)), axis=0)
        found.append(np.where(gone, np.nan, every)[list(steps)])
    return list(np.concatenate(found, axis=1))


def watched_in_plane(model, sgd, given, steps, seed: int, grid: Grid) -> list[np.ndarray]:
    """The same of those that have not left `grid` by then, along what is remembered either."""
    rng = np.random.default_rng(1000 + seed)
    state, found = rng.normal(0, SPREAD, (WALKERS, 1)), []
    gone = ~((state[:, 0] >= LOW) & (state[:, 0] <= HIGH))
    for step in range(1, steps[-1] + 1):
        more = {"rng": rng} if step == 1 else {}
        state = run_sgd(model, sgd, state, steps=1, data=given, progress=False, **more).checkpoint
        axes = [state.positions[:, 0], _remembered(sgd, state.memory)]
        for values, low, high in zip(axes, grid.lower, grid.upper, strict=True):
            gone |= ~((values >= low) & (values <= high))
        if step in steps:
            found.append(np.where(gone, np.nan, axes[0]))
    return found


def _remembered(sgd, memory) -> np.ndarray:
    """What is on the second axis, from the memory of all blocks: a velocity, or what a rule averages."""
    if float(sgd.kept_velocity):
        return np.concatenate([block[0][0] for block in memory])
    averages = np.concatenate([block[-1][0, 0] for block in memory])
    return -averages if isinstance(sgd.rules[0], Lion) else np.sqrt(averages)


def main() -> None:
    part, seeds, last = sys.argv[1:] + ["", "4", "1000"][len(sys.argv) - 1 :]
    start = Density.normalised(CELLS, np.diff(norm.cdf(CELLS.edges[0], scale=SPREAD)), cell_averages=True)
    print(
        "| problem | steps | expected of one seed | all seeds together | deviations above 1 | chance |",
        "error in floors | left | exact samples above 1.05 |",
    )
    for name, model, sgd, grid, given in problems():
        if part not in name:
            continue
        operator = transition_operator(model, sgd, grid, given)
        epoch = getattr(operator, "epoch", 1)
        steps = [k * epoch for k in (1, 10, 100, 1000) if k <= int(last)]
        began = time.process_time()
        found = operator.evolve(start, steps)
        laws = [law if grid.dim == 1 else law.marginal(0) for law in found]
        took = time.process_time() - began
        walk = walked
        if found.outside[-1] > LEFT:
            walk = watched if grid.dim == 1 else partial(watched_in_plane, grid=grid)
        every = [walk(model, sgd, given, steps, seed) for seed in range(int(seeds))]
        for k, (law, count) in enumerate(zip(laws, steps, strict=True)):
            counts = sum(np.histogram(positions[k], CELLS.edges[0])[0] for positions in every)
            together, floors = _distance(counts, law), _draws(counts.sum(), law)
            ratio = together / floors.mean()
            above = (ratio - 1) * floors.mean() / floors.std()
            expected = math.sqrt(max(1 + (ratio**2 - 1) / len(every), 0.0))
            one = _draws(counts.sum() // len(every), law)
            print(
                f"| {name} | {count} | {expected:.3f} | {ratio:.2f} | {above:.1f} |",
                f"{np.mean(floors >= together):.3f} | {law.error / one.mean():.2g} |",
                f"{found.outside[k]:.1e} | {np.mean(one > MOST * one.mean()):.2f} | {took:.0f} s",
                flush=True,
            )


def _draws(count: int, law: Density) -> np.ndarray:
    """Distances of as many draws from the law, again and again."""
    draws = np.random.default_rng(1).multinomial(count, law.probabilities, DRAWS)
    return np.array([_distance(one, law) for one in draws])


def _distance(counts: np.ndarray, law: Density) -> float:
    return float(np.abs(counts / counts.sum() - law.probabilities).sum()) / 2


if __name__ == "__main__":
    main()
