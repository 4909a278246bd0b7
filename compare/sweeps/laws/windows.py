"""Grids that follow the law: cells as narrow as theory says that a law is, in a window that holds it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compare.study import Study
from compare.sweeps.laws.lines import factor_at
from theory.laws import Grid
from theory.models import ProductModel
from theory.points import Minimum

CELLS_A_WIDTH = 10.0  # of the narrowest law
FEWEST_A_WIDTH = 3.0  # the same of a window that was made wider for a few walkers far out
COARSER = 3.0  # times wider cells do for the posterior, whose masses are integrals
REACH = 8.0  # standard deviations of the widest law about the outermost minima
MOST_CELLS = {1: 16_000, 2: 40_000}  # beyond which a point takes minutes
FEWEST = 120  # cells of a line
ENOUGH = 1500  # cells up to which a wider window keeps its spacing
LARGEST_GAIN = 30.0  # of a variance by the step: beyond, the window grows as it is asked
WIDER = 2.0  # times the window
FINER = 2  # times the cells


@dataclass(frozen=True)
class LawWidth:
    """The standard deviations of a law about one minimum, along its narrowest and its widest direction."""

    position: tuple[float, ...]
    least: float
    most: float


def widths(study: Study, minima: Sequence[Minimum]) -> tuple[LawWidth, ...]:
    """What theory says of the width of SGD's law, and of the posterior, about minima of full curvature.

    The covariance S of H S + S H = 2 D, D = eta C / (2 B), has at least the eigenvalue that the least noise and
    the largest curvature make, and at most the other way round. On a line the step of SGD makes it wider, by 2 eta
    h / (1 - E(1 - eta X)^2). Minima where curvature or noise vanish have no width.
    """
    found = []
    for minimum in minima:
        place = np.array(minimum.position)
        curvature = np.linalg.eigvalsh(study.landscape.hessian(place))
        noise = np.linalg.eigvalsh(study.diffusion.tensor(place))
        if curvature[0] <= 0 or noise[-1] <= 0:
            continue
        seen = noise[noise > 0]
        variances = [seen[0] / curvature[-1], seen[-1] / curvature[0]]
        factor = factor_at(study, minimum.position)
        if factor is not None:
            left = 1 - factor.mean_square(study.sgd.learning_rate, study.sgd.batch_size)
            variances.append(
                variances[0] * min(2 * study.sgd.learning_rate * curvature[0] / left, LARGEST_GAIN)
                if left > 0
                else variances[0] * LARGEST_GAIN
            )
        if study.posterior_examples is not None:
            model = study.model
            unit = 2 * model.loss_scale * model.noise_std**2 if isinstance(model, ProductModel) else 1.0
            narrow = unit / (study.posterior_examples * study.beta * curvature)
            variances += list(COARSER**2 * narrow)
        found.append(LawWidth(minimum.position, math.sqrt(min(variances)), math.sqrt(max(variances))))
    return tuple(found)


def first_grid(study: Study, minima: Sequence[Minimum], *, settled: bool) -> Grid | None:
    """The study's box with the cells that the narrowest law needs; None where these are too many.

    Where the law is `settled` and narrow beside a line, the window is about its minima. Cells are never wider than
    a tenth of the narrowest law, nor than those of the study, but in a window of its own.
    """
    grid, found = study.grid, widths(study, minima)
    if not found:
        return grid
    wanted = min(one.least for one in found) / CELLS_A_WIDTH
    if settled and grid.dim == 1 and not grid.periodic[0] and len(found) == len(minima):
        places, most = [one.position[0] for one in found], max(one.most for one in found)
        lower, upper = min(places) - REACH * most, max(places) + REACH * most
        return _line(lower, upper, wanted) or _line(lower, upper, wanted * CELLS_A_WIDTH / FEWEST_A_WIDTH)
    factor = max(1, math.ceil(max(grid.spacing) / wanted)) if grid.dim == 1 else 1
    return _within(grid.refined(factor)) if factor > 1 else grid


def other_grid(grid: Grid, remedy: str, widest: float) -> Grid | None:
    """A finer or wider grid, as a reason advises; None where it would have too many cells.

    Cells of a wider one may be wider too, up to `widest`.
    """
    if remedy == "finer":
        return _within(grid.refined(FINER))
    if remedy == "wider" and grid.dim == 1 and not any(grid.periodic):
        middle, length = (grid.upper[0] + grid.lower[0]) / 2, WIDER * (grid.upper[0] - grid.lower[0])
        spacing = max(float(grid.spacing[0]), min(length / ENOUGH, widest))
        return _line(middle - length / 2, middle + length / 2, spacing)
    return None


def widest_cell(study: Study, minima: Sequence[Minimum]) -> float:
    """The spacing that still shows the narrowest law; infinite where no minimum has a width."""
    return min((one.least for one in widths(study, minima)), default=math.inf) / FEWEST_A_WIDTH


def _line(lower: float, upper: float, spacing: float) -> Grid | None:
    """An even number of cells, so that half of them can be asked too."""
    cells = max(FEWEST, 2 * math.ceil((upper - lower) / spacing / 2))
    return Grid(lower, upper, cells) if cells <= MOST_CELLS[1] else None


def _within(grid: Grid) -> Grid | None:
    return grid if grid.size <= MOST_CELLS.get(grid.dim, 0) else None
