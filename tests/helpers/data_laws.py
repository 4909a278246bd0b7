"""Laws on a fixed data set beside walkers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sgd_models import seeded

from compare.distances import total_variation
from simulate import SGD, DataSet, draw_data, run_sgd
from theory import Density, Grid, Histogram, ProductModel

LINE = ProductModel("w")
CUBIC = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
WIDE, BOX = Grid(-4.0, 4.0, 64), Grid(-4.0, 4.0, 40)
DATA = {n: draw_data(LINE, n, seeded(n)) for n in (3, 10, 1000)}
WALKERS = 40_000


def uniform(grid: Grid, lower: float, upper: float) -> Density:
    """Even between the two along every axis."""
    inside = ((grid.centers > lower) & (grid.centers < upper)).all(axis=-1)
    return Density.normalised(grid, inside.astype(float), cell_averages=True)


def walked(
    model: ProductModel, sgd: SGD, data: DataSet, steps: Sequence[int], grid: Grid, ends: tuple[float, float]
) -> Iterator[Histogram]:
    """Histograms of walkers from an even start after each of the `steps`."""
    rng = seeded(1)
    start = rng.uniform(*ends, (WALKERS, grid.dim))
    walkers = run_sgd(model, sgd, start, steps=steps[-1], rng=rng, data=data, save_every=1)
    for k in steps:
        yield Histogram.from_samples(walkers.positions[k], grid)


def floors(seen: Histogram, law: Density) -> float:
    """Total variation between walkers and a law, in noise floors."""
    distance = total_variation(seen.survivors, law)
    return distance.value / distance.noise_floor
