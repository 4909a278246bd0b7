"""The discrete algorithm: its law, sampled and exact, and how long it stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from compare.distances import total_variation
from compare.report import LastHalf, LawReport, Report, SampledFigures
from compare.stages.exact import exact_law
from compare.stages.streams import Streams, data_of
from compare.study import Study
from simulate.run import run_sgd
from simulate.survival_curve import survival
from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Ensemble, Grid, Histogram
from theory.points import find_minima

MOST_OUTSIDE = 0.01  # fraction of finite walkers off the grid beyond which a comparison means nothing
PLACES = 64  # final positions from which minima are searched
Run = Callable[[np.random.Generator, Grid | None, int], Ensemble]  # of a stream, a grid and how often it is saved


def run_sgd_stage(report: Report, start: Array, streams: Streams, threads: int | None) -> None:
    """SGD's law, whether it still moves, the minima it meets, its exact covariance, and survival in a basin.

    `start`: positions, shape (walkers, d).
    """
    study = report.study
    run = sample_sgd(report, start, streams, threads)
    figures = report.laws["sgd"].figures
    assert isinstance(figures, SampledFigures)
    report.laws["sgd_exact"] = exact_law(study, figures, data_of(study))
    if study.basin is not None:
        basin = Grid(study.basin[0], study.basin[1], 1)
        every = max(1, study.steps // 500)
        observed = run(streams.survival, basin, every)
        report.survival = survival(observed)


def sample_sgd(report: Report, start: Array, streams: Streams, threads: int | None, places: int = PLACES) -> Run:
    """SGD's law as walkers give it, whether it still moves, and the minima it meets; returns how to run it again.

    `start`: positions, shape (walkers, d); minima are searched from the cells and from `places` final positions.

    Raises
    ------
    InputError
        If more than a hundredth of the walkers that are finite end off the grid.
    """
    study = report.study
    data = data_of(study)
    half = -(-study.steps // 2)

    def run(rng: np.random.Generator, grid: Grid | None, save_every: int) -> Ensemble:
        return run_sgd(
            study.model, study.sgd, start, steps=study.steps, rng=rng, data=data, save_every=save_every,
            grid=grid, domain=study.grid if any(study.grid.periodic) else None, threads=threads,
        )  # fmt: skip

    ensemble = run(streams.sgd, None, half)
    seen = ensemble.histogram(study.grid)
    _check_on_grid(study, seen)
    report.laws["sgd"] = LawReport(SampledFigures.of(ensemble, seen, study.landscape), seen)
    report.last_half = last_half(ensemble, study.grid, half, study.steps)
    report.minima = find_minima(study.landscape, study.grid, _some_places(ensemble, study.grid, places))
    return run


def last_half(ensemble: Ensemble, grid: Grid, half: int, steps: int) -> LastHalf:
    """Whether the law of walkers that were saved at the steps `half` and `steps`, the last, still moves."""
    before = ensemble.positions[-2]
    moved = total_variation(ensemble.histogram(grid), Histogram.from_samples(before, grid))
    return LastHalf(half, steps, moved, _shift(before, ensemble.final, grid))


def _shift(before: Array, after: Array, grid: Grid) -> float:
    """Largest change of a mean or a second moment over its standard error, walker by walker on the grid."""
    kept = grid.locate(before)[1] & grid.locate(after)[1]
    if np.count_nonzero(kept) < 2:
        return 0.0
    centre = after[kept].mean(axis=0)

    def features(points: Array) -> Array:
        centred = points[kept] - centre
        products = np.einsum("ni,nj->nij", centred, centred)
        return np.concatenate([centred, products.reshape(len(centred), -1)], axis=1)

    changes = features(after) - features(before)
    errors = changes.std(axis=0, ddof=1) / np.sqrt(len(changes))
    moving = errors > 0
    return float(np.abs(changes.mean(axis=0)[moving] / errors[moving]).max(initial=0.0))


def _some_places(ensemble: Ensemble, grid: Grid, places: int) -> Array:
    """A few final positions on the grid, evenly among the walkers."""
    _, inside = grid.locate(ensemble.final)
    points = ensemble.final[inside]
    return points[:: max(1, len(points) // places)][:places]


def _check_on_grid(study: Study, seen: Histogram) -> None:
    finite = seen.walkers - seen.diverged
    require(
        seen.outside <= MOST_OUTSIDE * finite,
        f"SGD's law must fit into [grid], {seen.outside} of {finite} walkers ended outside "
        f"{list(study.grid.lower)} to {list(study.grid.upper)}; widen [grid], or reduce `learning_rate` (now "
        f"{study.sgd.learning_rate:g}) if they are on their way to infinity",
    )
