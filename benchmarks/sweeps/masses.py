"""Masses and moments of cells from values at their centres, against closed forms; verdicts on exact samples."""

from __future__ import annotations

import functools
import sys

import numpy as np
from broken_laws import BROKEN_LAWS, Law
from scipy import stats
from scipy.special import ndtr
from sweep import print_rows

from compare import compare_laws
from compare.distances import total_variation
from theory import Density, Grid, Histogram, SymbolicLandscape, gibbs

NARROWEST, WIDEST = 0.05, 20.0  # standard deviations in cells
WALKERS = 1_000_000


def scale(rng: np.random.Generator, narrowest: float = NARROWEST) -> float:
    return float(np.exp(rng.uniform(np.log(narrowest), np.log(WIDEST))))


def line(sd: float) -> Grid:
    cells = int(np.clip(16 * sd, 24, 400))
    return Grid(0, cells, cells)


def between(law, grid: Grid) -> np.ndarray:
    """Masses of cells without a difference of numbers near 1."""
    edges, centre = grid.edges[0], law.mean()
    return np.where(grid.axes[0] < centre, np.diff(law.cdf(edges)), -np.diff(law.sf(edges)))


def miss(law: Density, masses: np.ndarray) -> float:
    return float(np.abs(law.probabilities - masses / masses.sum()).sum() / 2)


def of_centres(grid: Grid, values: np.ndarray, masses: np.ndarray) -> list[tuple[float, float]]:
    law = Density.normalised(grid, values, error=0.0, cell_averages=False)
    return [(miss(law, masses), law.averaged().error or 0.0)]


def on_line(make, narrowest: float = NARROWEST):
    def member(rng: np.random.Generator) -> list[tuple[float, float]]:
        sd = scale(rng, narrowest)
        grid = line(sd)
        law = make(rng, sd, grid.upper[0] / 2 + rng.uniform(-1, 1))
        return of_centres(grid, law.pdf(grid.axes[0]), between(law, grid))

    return member


def gamma(rng: np.random.Generator, sd: float, middle: float):
    shape = rng.uniform(1, 6)
    return stats.gamma(shape, 0, sd / np.sqrt(shape))


def beta(rng: np.random.Generator, sd: float, middle: float):
    a, b = rng.uniform(2, 5, 2)
    unit = stats.beta(a, b).std()
    return stats.beta(a, b, middle - 0.5 * sd / unit, sd / unit)


def mixture(rng: np.random.Generator) -> list[tuple[float, float]]:
    sd = scale(rng)
    grid = line(sd)
    first = stats.norm(grid.upper[0] / 2 + rng.uniform(-1, 1), sd)
    second = stats.norm(first.mean() + rng.uniform(-4, 4) * sd, sd * rng.uniform(0.3, 1))
    share = rng.uniform(0.1, 0.9)
    x = grid.axes[0]
    values = share * first.pdf(x) + (1 - share) * second.pdf(x)
    return of_centres(grid, values, share * between(first, grid) + (1 - share) * between(second, grid))


def on_circle(rng: np.random.Generator) -> list[tuple[float, float]]:
    sd, cells = scale(rng, 0.2), int(rng.integers(20, 80))
    grid = Grid(0, cells, cells, periodic=True)
    concentration, turn, start = (cells / (2 * np.pi * sd)) ** 2, 2 * np.pi / cells, rng.uniform(0, cells)

    def density(x: np.ndarray) -> np.ndarray:
        return np.exp(-2 * concentration * np.sin((x - start) * turn / 2) ** 2)

    places, weights = np.polynomial.legendre.leggauss(60)
    return of_centres(grid, density(grid.axes[0]), density(grid.axes[0][:, None] + places / 2) @ weights)


def rotated(rng: np.random.Generator) -> list[tuple[float, float]]:
    """A normal law whose axes are turned; masses by 24 nodes along one axis and the conditional law across."""
    sd = np.exp(rng.uniform(np.log(0.5), np.log(8), 2))
    cells = int(np.clip(14 * sd.max(), 24, 110))
    grid = Grid((0, 0), (cells, cells), (cells, cells))
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    cov = turn @ np.diag(sd**2) @ turn.T
    mean = cells / 2 + rng.uniform(-1, 1, 2)
    w = grid.centers - mean
    values = np.exp(-np.einsum("...i,ij,...j->...", w, np.linalg.inv(cov), w) / 2)
    places, weights = np.polynomial.legendre.leggauss(24)
    slope, rest = cov[0, 1] / cov[0, 0], np.sqrt(cov[1, 1] - cov[0, 1] ** 2 / cov[0, 0])
    masses = np.zeros(grid.shape)
    for place, weight in zip(places, weights, strict=True):
        x = grid.axes[0] + place / 2 - mean[0]
        z = (grid.edges[1] - mean[1] - slope * x[:, None]) / rest
        across = np.where(z[:, :-1] > 0, ndtr(-z[:, :-1]) - ndtr(-z[:, 1:]), ndtr(z[:, 1:]) - ndtr(z[:, :-1]))
        masses += weight * np.exp(-(x**2) / (2 * cov[0, 0]))[:, None] * across
    return of_centres(grid, values, masses)


def laplaces(dim: int):
    """Products of Laplace laws, of .3 cells to 10."""

    def law(rng: np.random.Generator) -> Law:
        sd = np.exp(rng.uniform(np.log(0.3), np.log(10 if dim == 2 else 3), dim))
        cells = np.clip(16 * sd, 24, 96 if dim == 2 else 30).astype(int)
        lines = [Grid(0, n, n) for n in cells]
        laws = [stats.laplace(n / 2 + rng.uniform(-1, 1), s / np.sqrt(2)) for n, s in zip(cells, sd, strict=True)]
        values = [law.pdf(one.axes[0]) for law, one in zip(laws, lines, strict=True)]
        masses = [between(law, one) for law, one in zip(laws, lines, strict=True)]
        grid = Grid([0.0] * dim, cells.astype(float), cells)
        return grid, functools.reduce(np.multiply.outer, values), functools.reduce(np.multiply.outer, masses)

    return law


def read(make):
    return lambda rng: of_centres(*make(rng))


def quartic(rng: np.random.Generator) -> list[tuple[float, float]]:
    """The Gibbs measure of a double well on a coarse grid, against 60 nodes a cell."""
    grid = Grid(-2.2 + rng.uniform(-0.1, 0.1), 2.2, int(rng.integers(20, 200)))
    temperature, tilt = float(np.exp(rng.uniform(np.log(1e-4), 0))), rng.uniform(-0.3, 0.3)
    law = gibbs(SymbolicLandscape(f"(w**2 - 1)**2/4 + {tilt}*w"), temperature, grid)
    places, weights = np.polynomial.legendre.leggauss(60)
    w = grid.axes[0][:, None] + places * grid.spacing[0] / 2
    losses = (w**2 - 1) ** 2 / 4 + tilt * w
    masses = np.exp(-(losses - losses.min()) / temperature) @ weights
    return [(miss(law, masses), law.error or 0.0)]


def kinked(rng: np.random.Generator) -> list[tuple[float, float]]:
    """The Gibbs measure of |w - a|, in closed form."""
    sd = scale(rng, 0.3)
    grid, place = line(sd), rng.uniform(-1, 1)
    middle = grid.upper[0] / 2 + place
    law = gibbs(SymbolicLandscape(f"abs(w - {middle!r})"), sd / np.sqrt(2), grid)
    return [(miss(law, between(stats.laplace(middle, sd / np.sqrt(2)), grid)), law.error or 0.0)]


def moments(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Mean and variance of a cut normal law, in its units, from centres and from averages three times wider."""
    sd = float(np.exp(rng.uniform(np.log(2), np.log(20))))
    cells = 3 * int(np.clip(5 * sd, 10, 100))
    grid = Grid(0, cells, cells)
    middle = rng.uniform(-0.5, 1.5) * cells
    law = stats.truncnorm(-middle / sd, (cells - middle) / sd, middle, sd)
    fine = Density.normalised(grid, law.pdf(grid.axes[0]), error=0.0, cell_averages=False)
    return [pair for one in (fine, fine.coarsen(3)) for pair in of_moments(one, law.mean(), law.var())]


def of_moments(law: Density, mean: float, variance: float) -> list[tuple[float, float]]:
    found = law.moments
    return [
        (abs(float(found.mean[0]) - mean) / np.sqrt(variance), float(found.mean_error[0]) / np.sqrt(variance)),
        (abs(float(found.covariance[0, 0]) / variance - 1), float(found.covariance_error[0, 0]) / variance),
    ]


def narrow_moments(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Mean and variance from averages of normal, tailed, skew and paired laws, of a twelfth of a cell to eight."""
    sd = float(np.exp(rng.uniform(np.log(0.08), np.log(8))))
    cells = int(np.clip(60 * sd, 80, 480))
    grid, middle = Grid(0, cells, cells), cells / 2 + rng.uniform(-1, 1)
    shape = rng.uniform(2, 6)
    laws = [
        stats.norm(middle, sd),
        stats.logistic(middle, 0.55 * sd),
        stats.laplace(middle, sd / np.sqrt(2)),
        stats.gamma(shape, middle, sd / np.sqrt(shape)),
        stats.norm(middle + rng.uniform(-4, 4) * sd, sd * rng.uniform(0.3, 1)),
    ]
    first = laws[rng.integers(4)]
    second, share = (laws[4], rng.uniform(0.1, 0.9)) if rng.random() < 0.3 else (first, 1.0)
    masses = share * between(first, grid) + (1 - share) * between(second, grid)
    law = Density.normalised(grid, masses, error=0.0, cell_averages=True)
    mean = share * first.mean() + (1 - share) * second.mean()
    squares = share * (first.var() + (first.mean() - mean) ** 2)
    return of_moments(law, mean, squares + (1 - share) * (second.var() + (second.mean() - mean) ** 2))


def debiased(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Bias of the debiased total variation, known to a twentieth by 400 samples, against its bound."""
    cells, walkers = int(rng.integers(10, 200)), int(np.exp(rng.uniform(np.log(1000), np.log(1e5))))
    grid = Grid(-5, 5, cells)
    first = between(stats.norm(0, 1), grid)
    second = between(stats.norm(rng.choice([0.0, 0.01, 0.03, 0.1, 0.3, 1.0]), 1), grid)
    law = Density.normalised(grid, first, error=0.0, cell_averages=True)
    seen = [total_variation(Histogram(grid, rng.multinomial(walkers, second)), law) for _ in range(400)]
    bias = np.mean([one.debiased or 0.0 for one in seen]) - np.abs(first - second).sum() / 2
    return [(abs(float(bias)), 0.4 * cells**0.25 * float(np.mean([one.standard_error for one in seen])))]


def verdicts(members: int = 60) -> None:
    """How often a million exact samples of the very law "differ", and of one that is a little off."""
    right = wrong = 0
    for rng in np.random.default_rng(7).spawn(members):
        sd = float(np.exp(rng.uniform(np.log(0.36), np.log(3))))
        grid = Grid(-20, 20, 40)
        middle = rng.uniform(-1, 1)
        landscape = SymbolicLandscape(f"(w - {middle!r})**2/2")
        laws = {
            "right": gibbs(landscape, sd**2, grid.refined(3)).coarsen(3),
            "wrong": gibbs(landscape, (1.02 * sd) ** 2, grid.refined(3)).coarsen(3),
        }
        seen = Histogram.from_samples(rng.normal(middle, sd, (WALKERS, 1)), grid)
        found = compare_laws(seen, laws)
        right += found.verdict("right") == "differs"
        wrong += found.verdict("wrong") == "differs"
    print(f"a million exact samples, sd of .36 to 3 coarse cells: {right} of {members} differ;", end=" ")
    print(f"from a law 2 % wider: {wrong} of {members}")


ROUNDING = {  # of the truths: values of a narrow law on a circle, moments of laws that walls cut
    "masses: von Mises, circle": 1e-12,
    "moments at walls, cells of up to 1.5 sd": 3e-11,
}
ROWS = {
    "masses: normal law": on_line(lambda rng, sd, middle: stats.norm(middle, sd)),
    "masses: logistic": on_line(lambda rng, sd, middle: stats.logistic(middle, 0.55 * sd)),
    "masses: Student, 5 degrees": on_line(lambda rng, sd, middle: stats.t(5, middle, 0.77 * sd)),
    "masses: Laplace (kink)": on_line(lambda rng, sd, middle: stats.laplace(middle, sd / 1.414)),
    "masses: Gamma (wall)": on_line(gamma),
    "masses: Beta (edges inside)": on_line(beta, 1.0),
    "masses: two normal laws": mixture,
    "masses: von Mises, circle": on_circle,
    "masses: rotated normal law, plane": rotated,
    "masses: products of Laplace laws, plane": read(laplaces(2)),
    "masses: products of Laplace laws, space": read(laplaces(3)),
    **{name: read(law) for name, law in BROKEN_LAWS.items()},
    "`gibbs`: double well": quartic,
    "`gibbs`: kink": kinked,
    "moments at walls, cells of up to 1.5 sd": moments,
    "moments of averages, laws of a twelfth of a cell to eight": narrow_moments,
    "total variation, debiased, in .4 K^(1/4) standard errors": debiased,
}


if __name__ == "__main__":
    print_rows(ROWS, rounding=ROUNDING)
    if len(sys.argv) < 2:
        verdicts()
