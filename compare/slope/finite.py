"""The derivative of a stationary mean at finite learning rates, by three methods side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

import numpy as np

from compare.slope.finite_slopes import METHODS, FiniteRateSlope, FiniteRateSlopes
from compare.slope.fitted import CELLS, fitted_grid, settling_steps
from compare.slope.grids import GridOf, limit_of
from compare.slope.method import at_rate, require_plain, require_stable
from simulate.sensitivity import coupled_sensitivity, transition_sensitivity
from simulate.sensitivity.parameter import Parameter
from simulate.sgd import SGD
from simulate.transition import transition_operator
from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.equations import Langevin
from theory.fokker_planck import FokkerPlanck, NoStationaryDensity
from theory.formulas import sgd_joint_covariance
from theory.laws import Grid
from theory.laws.options import WalkerOptions
from theory.laws.walkers import FEWEST_WALKERS
from theory.models import FreshModel
from theory.points import LossMinimum, locate_minimum

SETTLED, SHORTEST, LONGEST = 8.0, 200, 100_000  # times that the law takes to settle, and steps of burn-in
VELOCITIES = 8.0  # standard deviations
Observable = Callable[[Array], ArrayLike]


class FiniteRateOptions(WalkerOptions, total=False):
    """Those of `WalkerOptions`, where walkers start and how many there are for how long.

    Parameters
    ----------
    minimum
        Where walkers start and the grid lies; by default what Newton's method finds from 0.
    walkers, steps, burn_in
        Of the walkers; a burn-in of None is as long as the law takes to settle.
    confidence
        With which the intervals of walkers hold at all rates together.
    """

    minimum: ArrayLike | None
    walkers: int
    steps: int
    burn_in: int | None
    confidence: float


@dataclass(frozen=True)
class _Run:
    """The run of coupled walkers at each rate."""

    walkers: int
    steps: int
    burn_in: int | None
    options: WalkerOptions

    @staticmethod
    def of(options: FiniteRateOptions) -> _Run:
        """As the options say, once they are in range."""
        found = _Run(options.get("walkers", 500), options.get("steps", 400), options.get("burn_in"), {})
        threads = options.get("threads")
        wholes = {
            "walkers": (found.walkers, FEWEST_WALKERS),
            "steps": (found.steps, 2),
            "burn_in": (found.burn_in, 1),
        }
        for name, (number, least) in (wholes | {"threads": (threads, 1)}).items():
            whole = number is None or (number >= least and number % 1 == 0)
            require(whole, f"`{name}` must be a whole number, at least {least}, got {number}")
        return replace(found, options={"threads": threads, "progress": options.get("progress")})


def finite_rate_slopes(
    model: FreshModel,
    sgd: SGD,
    rates: Sequence[float],
    *,
    rng: np.random.Generator,
    observable: Observable | None = None,
    parameter: str = "learning_rate",
    grid: GridOf | None = None,
    **options: Unpack[FiniteRateOptions],
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
        Of the walkers, 500 and 400 by default; a burn-in of None is as long as the law takes to settle.
    confidence
        With which the intervals of walkers hold at all rates together (Bonferroni), 0.95 by default.
    threads, progress
        As those of `run_sgd`; the result does not depend on them.

    Raises
    ------
    InputError
        If a rate is not positive or not stable, there is no minimum, or the parameter is none of this model.
    """
    require_known("finite_rate_slopes", options, FiniteRateOptions)
    require(len(rates) > 0, "`rates` must hold a learning rate, got none")
    for rate in rates:
        require(math.isfinite(rate) and rate > 0, f"`rates` must be positive and finite, got {rate}")
    confidence = options.get("confidence", 0.95)
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    run = _Run.of(options)
    require_plain(sgd)
    Parameter(model, sgd, parameter)
    place = locate_minimum(model, options.get("minimum"), grid if isinstance(grid, Grid) else None)
    for rate in rates:
        require_stable(at_rate(sgd, float(rate)), place)
    f = model.value if observable is None else observable
    finite(evaluated(f, np.tile(place.position, (2, 1)), "observable"), "observable")
    level = 1 - (1 - confidence) / len(rates)
    sample = partial(_by_walkers, run=run, level=level, rng=rng)
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
    batch = minimum.gradient_covariance / sgd.batch_size
    variance = float(sgd_joint_covariance(minimum.hessian, batch, sgd.learning_rate, float(sgd.momentum))[1, 1])
    half, cells = VELOCITIES * math.sqrt(variance), CELLS[2]
    both = Grid((grid.lower[0], -half), (grid.upper[0], half), (min(cells, grid.cells[0]), cells))
    return transition_sensitivity(model, sgd, both, lambda w: f(w[..., :1]), parameter=varied.name)


def _by_walkers(
    varied: Parameter,
    box: Callable[[], Grid],
    minimum: LossMinimum,
    f: Observable,
    *,
    run: _Run,
    level: float,
    rng: np.random.Generator,
) -> Estimate:
    """By coupled walkers that start at the minimum; the error is half of the interval at `level`."""
    found = coupled_sensitivity(
        varied.model,
        varied.sgd,
        f,
        np.tile(minimum.position, (run.walkers, 1)),
        burn_in=_burn_in(varied, minimum, box()) if run.burn_in is None else run.burn_in,
        steps=run.steps,
        rng=rng,
        parameter=varied.name,
        **run.options,
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
