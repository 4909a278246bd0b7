"""The slope of a study's loss by every method that it asks for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from compare.slope import (
    ByFokkerPlanck,
    ByFormula,
    BySampling,
    ByTransitionOperator,
    LossMinimum,
    LossSlopes,
    loss_slope,
)
from compare.slope.fitted import fitted_grid, settling_steps
from compare.slope.grids import GridOf
from compare.slope.method import Method, at_rate, constant_noise, require_stable
from compare.slope.prediction import predict_slope
from compare.stages import Streams
from compare.study import SlopeStudy, Study
from theory.base.absent import Absent
from theory.base.errors import InputError, require
from theory.base.stability import stability_limit
from theory.base.threads import in_one_thread
from theory.fokker_planck import NoStationaryDensity
from theory.laws import Grid
from theory.points import locate_minimum

SETTLED = 8.0  # times that the law takes to settle before walkers are looked at
SHORTEST, LONGEST = 1000, 200_000  # steps of burn-in that nobody asked for
Tell = Callable[[str], None]
NO_CURVATURE = 1e-12  # of the stable rate times the curvature: a minimum without one has no edge


class SlopesInterrupted(KeyboardInterrupt):
    """The run was interrupted, or nobody reads what it tells; `slopes` holds what was finished."""

    def __init__(self, slopes: LossSlopes) -> None:
        super().__init__()
        self.slopes = slopes


@in_one_thread
def run_slopes(
    study: Study | SlopeStudy, *, threads: int | None = None, tell: Tell = lambda line: None
) -> LossSlopes:
    """The slope of the stationary loss at learning rate 0 by every method of [loss_slope], beside the prediction.

    The result depends on the study and its seed, not on `threads`. `tell` gets a line as each method begins.

    Raises
    ------
    InputError
        If `threads` is below 1, the study has no [loss_slope], there is no minimum, rates are not stable, or no
        method finds the slope that theory predicts.
    SlopesInterrupted
        On Ctrl-C, or where `tell` meets a closed pipe, with what was finished.
    """
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    asked = SlopeStudy.of(study) if isinstance(study, Study) else study
    slopes = begin_slopes(asked)
    try:
        measure_slopes(asked, slopes, threads, tell)
    except (KeyboardInterrupt, BrokenPipeError):
        raise SlopesInterrupted(slopes) from None
    if not slopes.found and slopes.prediction.value is not None:
        name, one = next((name, one) for name, one in slopes.methods.items() if isinstance(one, Absent))
        raise InputError(f"no method finds the slope of the loss; {name}: {one.reason}")
    return slopes


def begin_slopes(study: SlopeStudy) -> LossSlopes:
    """Minimum and prediction, before anything is run; raises InputError as `run_slopes` does."""
    plan, rates = study.plan, study.plan.rates
    search = study.grid
    minimum = locate_minimum(study.model, plan.minimum, search)
    require_stable(at_rate(study.sgd, rates[-1]), minimum)
    if "formula" in plan.methods:  # refuses what is not stable in mean square
        ByFormula().measure(study.model, at_rate(study.sgd, rates[-1]), minimum, None)
    limit = stability_limit(study.sgd.momentum)
    edge = limit / minimum.sharpness if minimum.sharpness * rates[-1] > limit * NO_CURVATURE else float("inf")
    asked = (*plan.methods, *(name for name, _ in plan.refused))
    prediction = predict_slope(study.model, study.sgd, minimum, jumps=True)
    slopes = LossSlopes(study.name, rates, minimum, prediction, edge, plan.confidence, asked)
    slopes.methods |= {name: Absent(reason) for name, reason in plan.refused}
    return slopes


def measure_slopes(study: SlopeStudy, slopes: LossSlopes, threads: int | None, tell: Tell) -> None:
    """Fill `slopes` method by method; one that fails leaves its reason."""
    for name in study.plan.methods:
        tell(f"loss slope by {name}, {len(slopes.rates)} rates")
        begin = time.perf_counter()
        ways, reason = _ways(name, study, slopes.minimum, threads)
        for method in ways:
            try:
                slopes.methods[name] = loss_slope(
                    study.model,
                    study.sgd,
                    slopes.rates,
                    rng=Streams.of(study.seed).slope,
                    method=method,
                    minimum=slopes.minimum.position,
                    confidence=slopes.confidence,
                    search=study.grid,
                )
                break
            except (InputError, NoStationaryDensity) as error:
                reason = " ".join(str(error).split())
        else:
            slopes.methods[name] = Absent(reason)
        slopes.timings[name] = time.perf_counter() - begin


def _ways(name: str, study: SlopeStudy, minimum: LossMinimum, threads: int | None) -> tuple[list[Method], str]:
    """What to try for a method, one after the other (on a grid all that there are), and why no more."""
    if name == "formula":
        return [ByFormula()], ""
    if name == "sampling":
        plan = study.plan
        burn_in = _burn_in(study, minimum) if plan.burn_in is None else plan.burn_in
        return [BySampling(plan.walkers, plan.steps, burn_in, threads=threads)], ""
    grids, reason = _grids(study, minimum, wide=name == "fokker planck")
    if name == "operator":
        return [ByTransitionOperator(grid) for grid in grids], reason
    even = constant_noise(study.model) is not None  # tails are powers elsewhere, and fitted grids have no walls
    return [ByFokkerPlanck(grid, walls=even or isinstance(grid, Grid)) for grid in grids], reason


def _burn_in(study: SlopeStudy, minimum: LossMinimum) -> int:
    """So long that the law at the lowest rate has settled, within bounds; walkers are seen to be stationary."""
    found = SETTLED * settling_steps(study.model, at_rate(study.sgd, study.plan.rates[0]), minimum)
    return int(min(max(found, SHORTEST), LONGEST)) if math.isfinite(found) else SHORTEST


def _grids(study: SlopeStudy, minimum: LossMinimum, wide: bool) -> tuple[list[GridOf], str]:
    """Those fitted to the law at each rate, then [grid]; it alone where the law has other places to be.

    With the reason why none is fitted.
    """
    whole: list[GridOf] = [] if study.grid is None else [study.grid]
    if study.grid is not None and (any(study.grid.periodic) or minimum.others):
        return whole, ""
    try:
        rates = np.array(study.plan.rates)
        return [fitted_grid(study.model, study.sgd, minimum, rates, wide=wide), *whole], ""
    except InputError as error:
        return whole, f"{error}{' or' if 'take' in str(error) else ';'} give [grid]"
