"""What chains of a tempered posterior say of the learning coefficient."""

from __future__ import annotations

import math

import numpy as np

from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.learning.chains import Chains
from theory.learning.ladder import Ladder
from theory.learning.large_target import LargeTarget
from theory.learning.local_coefficient import LocalLearningCoefficient
from theory.learning.target import Target
from theory.models import DatasetModel
from theory.statistics import effective_sample_size, split_rhat

MIXED = 1.05  # largest R-hat
CHANCE = 3.0  # errors by which a value may miss d/2 at a regular minimum
FROZEN = 0.05  # least acceptance
FORGOTTEN = 4.0  # relaxation times of the softest direction that a burn-in must have
NEVER = 1e-9  # of them: next to none
RULED = 0.25  # of the value, that a localization which was chosen may take off it


def result_of(target: Target, runs: list[Chains]) -> LocalLearningCoefficient:
    """From one run, or from two at the steps h and h/2 extrapolated to 0.

    Raises
    ------
    InputError
        If chains do not mix, hardly move or have not forgotten their start, or the localization rules.
    """
    large = target if isinstance(target, LargeTarget) else None
    relaxed = 0.0 if large is None else _relaxed(large, runs)
    rhat, size = _mixed(runs)
    count, is_data = target.degenerate, isinstance(target.landscape, DatasetModel)
    reach = 0 if is_data else 2 if count else 1  # 1/p
    parts = []
    for run in runs:
        energy, slope = run.moments()
        parts.append([run.estimate(terms) for terms in (run.energies, energy, slope, energy + reach * slope)])
    tempered, energy_, slope_, value = (_extrapolated(group) for group in zip(*parts, strict=True))
    unknown = abs(slope_) if count or is_data else 0.0
    if target.full_rank and not is_data:
        unknown = max(unknown, _short_of_regular(value, target.landscape.dim))
    pull = energy_ - tempered
    ruled = abs(pull) > RULED * (max(value, value.error) if large is None else tempered)
    require(
        target.given or large is not None or not ruled,
        f"the localising prior must change n beta E[L] by less than {RULED} of it, got {pull / tempered:.3g}: no "
        "width along the eigenvectors of the Hessian suits this minimum; give Localization(strength), or "
        "coordinates in which its directions are of one scale",
    )
    held = large is not None and ruled
    steepest, logarithm = abs(slope_) + slope_.error, 0.0
    if held:
        value, pull, unknown = tempered, Estimate(0.0, 0.0), 0.0
    elif count >= 2:
        logarithm = min(math.sqrt((count - 1) * steepest), target.logarithm * steepest)
    beyond = pull**2  # next orders in the strength and the step, as of geometric series
    step_bias = None
    if len(runs) == 2:
        rough, fine = parts
        step_bias = Estimate(rough[0] - fine[0], math.hypot(rough[0].error, fine[0].error))
        seen = [(rough[0], fine[0])] if held else list(zip(rough, fine, strict=True))
        beyond += 2 * max((r - f) ** 2 for r, f in seen)
    rest = beyond / max(abs(value), value.error)
    left = 0.0 if large is None else _left_open(large, runs, relaxed, step_bias)
    errors = [part[0 if held else -1].error for part in parts]
    return LocalLearningCoefficient(
        float(value),
        value.error,
        math.hypot(unknown, logarithm, rest, left * abs(tempered)),
        _degrees_of_freedom(errors, runs[0].number),
        tempered,
        energy_,
        slope_,
        step_bias,
        count,
        rhat,
        size,
        runs[-1].acceptance,
        runs[-1].step_size,
        tuple(runs),
        strength=None if large is None else large.strength,
        held=held,
    )


def _relaxed(target: LargeTarget, runs: list[Chains]) -> float:
    """How many relaxation times of the softest directions the burn-in has: a curvature k forgets as exp(-k h).

    Raises
    ------
    InputError
        If too few.
    """
    found = min(one.burn_in * one.step_size * (one.acceptance or 1.0) * target.softest for one in runs)
    rough = runs[0]
    require(
        found >= FORGOTTEN,
        f"chains must forget that they begin at `at`, {rough.burn_in} steps of {rough.step_size:.3g} are "
        f"{found:.3g} relaxation times of the localization of strength {target.strength:.3g}, which must be "
        f"{FORGOTTEN:g}; take {math.ceil(rough.burn_in * FORGOTTEN / max(found, NEVER))} steps of `burn_in`, or "
        "localize more strongly",
    )
    return found


def _left_open(target: LargeTarget, runs: list[Chains], relaxed: float, step_bias: Estimate | None) -> float:
    """What begin and step of chains in many directions may do to the energy, over it.

    The terms x^2 that two steps leave of the series in x = k h / 4 are at most the largest x times the terms x,
    which they show.
    """
    coarsest = runs[0].step_size * target.stiffest / 4
    by_step = 0.0 if step_bias is None else coarsest * (abs(step_bias) + step_bias.error)
    return math.hypot(math.exp(-relaxed), by_step / float(runs[0].energies.mean()))


def annealed(target: Target, ladder: Ladder, acceptance: float, step_size: float) -> LocalLearningCoefficient:
    """From a ladder of temperatures; what its approach leaves open is the bias."""
    value, bias, multiplicity = ladder.limit(target.degenerate)
    last = ladder.settled - 1
    ratios = ladder.inverse_temperatures / target.inverse_temperature
    here = int(np.argmin(np.maximum(ratios, 1 / ratios)))
    energy = ladder.at(last)
    return LocalLearningCoefficient(
        float(value),
        value.error,
        bias,
        ladder.islands - 1,
        ladder.at(here),
        energy,
        ladder.slope(),
        None,
        target.degenerate,
        math.nan,
        max(float(energy), energy.error)
        / energy.error**2,  # X is about a gamma variable: its variance is its mean
        acceptance,
        step_size,
        multiplicity=multiplicity,
        ladder=ladder,
    )


def _short_of_regular(value: Estimate, dim: int) -> float:
    """What a value lacks to d/2, which the coefficient is at a Hessian of full rank, if more than chance."""
    gap = abs(value - dim / 2)
    return gap if gap > CHANCE * value.error else 0.0


def _mixed(runs: list[Chains]) -> tuple[float, float]:
    """R-hat and effective sample size, the worse ones, after the checks."""
    for run in runs:
        require(
            run.acceptance is None or run.acceptance >= FROZEN,
            f"at least {FROZEN} of the proposals must be accepted, got {run.acceptance}; reduce `step_size`, now "
            f"{run.step_size:.3g}, or lengthen `burn_in`",
        )
    rhat = max(split_rhat(run.energies) for run in runs)
    require(
        rhat <= MIXED, f"the chains must mix, R-hat at most {MIXED}, got {rhat:.4g}; raise `steps` and `burn_in`"
    )
    return rhat, min(effective_sample_size(run.energies) for run in runs)


def _extrapolated(group: tuple[Estimate, ...]) -> Estimate:
    if len(group) == 1:
        return group[0]
    rough, fine = group
    return Estimate(2 * fine - rough, math.hypot(2 * fine.error, rough.error))


def _degrees_of_freedom(errors: list[float], chains: int) -> float:
    """Chains - 1, for two runs by Welch and Satterthwaite."""
    if len(errors) == 1:
        return chains - 1
    variances = np.array([errors[0] ** 2, 4 * errors[1] ** 2])
    return float(variances.sum() ** 2 / (variances**2).sum() * (chains - 1))
