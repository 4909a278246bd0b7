"""The derivative of a stationary mean at finite learning rates, by three methods side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from compare.slope.fitted import CELLS, fitted_grid, settling_steps
from compare.slope.grids import GridOf, limit_of
from compare.slope.method import at_rate, require_plain, require_stable
from compare.slope.minimum import LossMinimum, locate_minimum
from simulate.sensitivity import coupled_sensitivity, transition_sensitivity
from simulate.sensitivity.parameter import Parameter
from simulate.sgd import SGD
from simulate.transition import transition_operator
from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.equations.langevin import Langevin
from theory.fokker_planck import FokkerPlanck, NoStationaryDensity
from theory.laws.grid import Grid
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel

METHODS = ("operator", "sampling", "fokker planck")
SETTLED, SHORTEST, LONGEST = 8.0, 200, 100_000  # times that the law takes to settle, and steps of burn-in
VELOCITIES = 8.0  # standard deviations
Observable = Callable[[Array], ArrayLike]


@dataclass(frozen=True)
class FiniteRateSlope:
    """dE[f]/da at one learning rate by the methods that were run.

    Parameters
    ----------
    learning_rate
        The rate.
    found
        The derivative by each method, with its error: of samples the half-width of their interval.
    refused
        The methods that found none, with the reason in one line.
    """

    learning_rate: float
    found: dict[str, Estimate] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Estimate | None:
        """That of SGD's own law: by its operator, else by samples; None where neither found it."""
        return self.found.get("operator", self.found.get("sampling"))

    def verdict_of(self, method: str) -> str:
        """Whether a method 'agrees' with SGD's own derivative within both errors, 'differs', or found 'none'.

        The Fokker-Planck equation is that of the limit of small rates: at a finite one it is right to differ.
        """
        one, own = self.found.get(method), self.own
        if one is None or own is None or not math.isfinite(one.error + own.error):
            return "none"
        return "agrees" if abs(one - own) <= one.error + own.error else "differs"


@dataclass(frozen=True)
class FiniteRateSlopes:
    """Derivatives of a stationary mean in one number of SGD at several learning rates.

    Parameters
    ----------
    parameter
        The number: learning_rate, batch_size or momentum.
    slopes
        One for each rate.
    confidence
        With which the intervals of samples hold at all rates together.
    """

    parameter: str
    slopes: tuple[FiniteRateSlope, ...]
    confidence: float

    @property
    def verdict(self) -> str:
        """'agree' where operator and walkers do at all rates where both found it, 'differ', or 'cannot tell'."""
        both = [one for one in self.slopes if {"operator", "sampling"} <= one.found.keys()]
        if not both:
            return "cannot tell"
        return "agree" if all(one.verdict_of("sampling") == "agrees" for one in both) else "differ"

    def table(self) -> str:
        """Text: a line for each rate with every method, its error, and whether it agrees with SGD's own."""
        rows = [("rate", *(word for name in METHODS for word in (name, "error", "against SGD's own")))]
        for one in self.slopes:
            cells: list[str] = [f"{one.learning_rate:.6g}"]
            for name in METHODS:
                here = one.found.get(name)
                number = ("none", "") if here is None else (f"{here:.6g}", f"{here.error:.2g}")
                cells += [*number, one.verdict_of(name)]
            rows.append(tuple(cells))
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        reasons = dict.fromkeys(f"no {name}: {why}" for one in self.slopes for name, why in one.refused.items())
        return "\n".join(
            [
                f"derivative in {self.parameter} of the stationary mean",
                *lines,
                *reasons,
                f"SGD's own: {self.verdict}",
            ]
        )


def finite_rate_slopes(
    model: ProductModel | NoisyGradient,
    sgd: SGD,
    rates: Sequence[float],
    *,
    rng: np.random.Generator,
    observable: Observable | None = None,
    parameter: str = "learning_rate",
    grid: GridOf | None = None,
    minimum: ArrayLike | None = None,
    walkers: int = 500,
    steps: int = 400,
    burn_in: int | None = None,
    confidence: float = 0.95,
    threads: int | None = None,
) -> FiniteRateSlopes:
    """dE[f]/da of the stationary law at each of the `rates`, by three methods with errors.

    By SGD's transition operator (`transition_sensitivity`) and by coupled walkers (`coupled_sensitivity`), both of
    SGD's own law at its finite rate, and by the Fokker-Planck equation of its continuous limit
    (`FokkerPlanck.sensitivity`), which is another number: for a loss h w^2/2 SGD's slope of the mean loss is
    4/(2 - eta h)^2 times the limit's. A method that does not fit is left out with its reason.

    Parameters
    ----------
    rates
        Learning rates; that of `sgd` is not used.
    observable
        f, mapping positions (..., d) to values (...); the loss by default.
    parameter
        "learning_rate"; "batch_size", of a NoisyGradient; or "momentum", above 0.
    grid
        Of positions, one for all rates or a function of the rate; by default about the minimum, wide as the law.
    minimum
        Where walkers start and the grid lies; by default what Newton's method finds from 0.
    walkers, steps, burn_in
        Of the walkers; a burn-in of None is as long as the law takes to settle.
    confidence
        With which the intervals of walkers hold at all rates together (Bonferroni).
    threads
        As that of `run_sgd`; the result does not depend on it.

    Raises
    ------
    InputError
        If a rate is not positive or not stable, there is no minimum, or the parameter is none of this model.
    """
    require(len(rates) > 0, "`rates` must hold a learning rate, got none")
    for rate in rates:
        require(math.isfinite(rate) and rate > 0, f"`rates` must be positive and finite, got {rate}")
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    wholes = {"walkers": (walkers, 20), "steps": (steps, 2), "burn_in": (burn_in, 1), "threads": (threads, 1)}
    for name, (number, least) in wholes.items():
        whole = number is None or (number >= least and number % 1 == 0)
        require(whole, f"`{name}` must be a whole number, at least {least}, got {number}")
    require_plain(sgd)
    Parameter(model, sgd, parameter)
    place = locate_minimum(model, minimum, grid if isinstance(grid, Grid) else None)
    for rate in rates:
        require_stable(at_rate(sgd, float(rate)), place)
    f = model.value if observable is None else observable
    finite(evaluated(f, np.tile(place.position, (2, 1)), "observable"), "observable")
    level = 1 - (1 - confidence) / len(rates)
    sample = partial(
        _by_walkers, walkers=walkers, steps=steps, burn_in=burn_in, level=level, rng=rng, threads=threads
    )
    slopes = []
    for rate in map(float, rates):
        found, varied = FiniteRateSlope(rate), Parameter(model, at_rate(sgd, rate), parameter)
        box = partial(_grid_of, varied, place, grid)
        ways = (partial(way, varied, box, place, f) for way in (_by_operator, sample, _by_limit))
        for name, way in zip(METHODS, ways, strict=True):
            try:
                found.found[name] = way()
            except (InputError, NoStationaryDensity) as error:
                found.refused[name] = " ".join(str(error).split())
        slopes.append(found)
    require(
        any(one.found for one in slopes),
        f"a method must find the derivative, none does: {next(iter(slopes[0].refused.values()), '')}",
    )
    return FiniteRateSlopes(parameter, tuple(slopes), confidence)


def _grid_of(varied: Parameter, minimum: LossMinimum, grid: GridOf | None) -> Grid:
    """The grid of positions at the rate of `varied`."""
    rate = varied.sgd.learning_rate
    if isinstance(grid, Grid):
        return grid
    of = fitted_grid(varied.model, varied.sgd, minimum, np.array([rate])) if grid is None else grid
    return of(rate)


def _by_operator(varied: Parameter, box: Callable[[], Grid], minimum: LossMinimum, f: Observable) -> Estimate:
    """By the operator of positions, or with momentum in one dimension of positions and velocities."""
    grid = box()
    model, sgd = varied.model, varied.sgd
    if not sgd.momentum:
        return transition_sensitivity(model, sgd, grid, f, parameter=varied.name)
    require(model.dim == 1, f"with momentum the transition operator is for 1 dimension, got {model.dim}")
    h, c = float(minimum.hessian[0, 0]), float(minimum.covariance[0, 0]) / sgd.batch_size
    rate, momentum = sgd.learning_rate, float(sgd.momentum)
    push = np.array([[1 - rate * h, momentum], [-rate * h, momentum]])
    variance = solve_discrete_lyapunov(push, np.full((2, 2), rate**2 * c))[1, 1]
    half, cells = VELOCITIES * math.sqrt(variance), CELLS[2]
    both = Grid((grid.lower[0], -half), (grid.upper[0], half), (min(cells, grid.cells[0]), cells))
    return transition_sensitivity(model, sgd, both, lambda w: f(w[..., :1]), parameter=varied.name)


def _by_walkers(
    varied: Parameter,
    box: Callable[[], Grid],
    minimum: LossMinimum,
    f: Observable,
    *,
    walkers: int,
    steps: int,
    burn_in: int | None,
    level: float,
    rng: np.random.Generator,
    threads: int | None,
) -> Estimate:
    """By coupled walkers that start at the minimum; the error is half of the interval at `level`."""
    found = coupled_sensitivity(
        varied.model,
        varied.sgd,
        f,
        np.tile(minimum.position, (walkers, 1)),
        burn_in=_burn_in(varied, minimum, box()) if burn_in is None else burn_in,
        steps=steps,
        rng=rng,
        parameter=varied.name,
        threads=threads,
    )
    return Estimate(found.value, found.interval(level)[1] - found.value)


def _by_limit(varied: Parameter, box: Callable[[], Grid], minimum: LossMinimum, f: Observable) -> Estimate:
    """By the Fokker-Planck equation of the continuous limit."""

    def at(value: float) -> Langevin:
        return limit_of(*varied.at(value))

    return FokkerPlanck(at(varied.value), box()).sensitivity(f, at, varied.value)


def _burn_in(varied: Parameter, minimum: LossMinimum, grid: Grid) -> int:
    """So long that the law has settled, seen from the minimum and, without momentum, on the grid of positions."""
    model, sgd = varied.model, varied.sgd
    steps = settling_steps(model, sgd, minimum)
    if not sgd.momentum:
        second = abs(transition_operator(model, sgd, grid).spectrum(2)[1])
        steps = max(steps if math.isfinite(steps) else 0.0, 1 / (1 - second) if second < 1 else math.inf)
    require(
        SETTLED * steps <= LONGEST,
        f"walkers must settle within {LONGEST} steps of burn-in, they need {SETTLED * steps:.3g} at the rate "
        f"{sgd.learning_rate:g}, as where wells are far apart; give `burn_in`",
    )
    return int(max(SETTLED * steps, SHORTEST))
