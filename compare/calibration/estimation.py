"""How well an estimator finds a known learning coefficient: bias, coverage, width and cost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from compare.calibration.coefficient_target import CoefficientProblem, CoefficientTarget
from compare.calibration.estimators import LEVEL, CoefficientEstimator
from theory.base.arguments.words import shown
from theory.base.errors import InputError, require

RARE = 1e-3  # chance that a right estimator covers as little on a target
ANSWERS = 0.5  # least share of repeats that have an answer
WIDEST = 1.0  # half width of intervals as a share of lambda, beyond which they say nothing


@dataclass(frozen=True)
class CoefficientScore:
    """What an estimator made of a minimum.

    Parameters
    ----------
    target, family
        Which.
    exact
        Lambda as it is.
    mean, error
        As found over the repeats that have an answer, and the standard error of that.
    half
        Median half width of the intervals.
    covered, answered, repeats
        Nominal 95 % intervals that hold the exact value, how many there are, and how many were asked for; the
        others the estimator refused.
    evaluations
        Of K and its gradient for one repeat.
    failure
        Why there is no score, else empty; of refusals the first reason.
    """

    target: str
    family: str
    exact: float
    mean: float = math.nan
    error: float = math.nan
    half: float = math.nan
    covered: int = 0
    answered: int = 0
    repeats: int = 0
    evaluations: int = 0
    failure: str = ""

    @property
    def bias(self) -> float:
        """As a share of lambda."""
        return self.mean / self.exact - 1

    @property
    def width(self) -> float:
        """Half width of intervals as a share of lambda."""
        return self.half / self.exact

    @property
    def good(self) -> bool:
        """Whether most repeats have an answer, in intervals below lambda's own size that cover but for chance."""
        answers = self.answered >= ANSWERS * max(self.repeats, 1)
        chance = float(special.bdtr(self.covered, self.answered, LEVEL)) if answers else 0.0
        return chance >= RARE and self.width <= WIDEST


def score_estimator(
    estimator: CoefficientEstimator, target: CoefficientTarget, *, repeats: int, seed: int
) -> tuple[CoefficientScore, float]:
    """The score of an estimator on a minimum and the seconds of processor time that it took.

    Repeats are independent. An `InputError` of the estimator is a refusal and no answer.

    Raises
    ------
    InputError
        If the estimator gives no value with an interval around it, or raises anything else.
    """
    problem, begin = CoefficientProblem(target), time.process_time()
    exact, found, refused = float(target.exact.value), [], ""
    for repeat in range(repeats):
        stream = np.random.default_rng([seed, repeat, len(target.name), *target.name.encode()])
        try:
            answer = estimator.estimate(problem, stream)
        except InputError as error:
            refused = refused or str(error)
            continue
        except (Exception, SystemExit) as error:  # whatever an estimator of the user's does wrong
            raise InputError(
                f"an estimator must estimate {target.name}, it raised {type(error).__name__}: {error}; correct it"
            ) from error
        numbers = _numbers(answer, target.name)
        if np.isfinite(numbers).all():
            found.append(numbers)
        else:
            refused = refused or f"the answer {numbers[0]:g} from {numbers[1]:g} to {numbers[2]:g} is not finite"
    seconds = time.process_time() - begin
    cost = problem.calls // repeats
    if not found:
        blank = CoefficientScore(
            target.name, target.family, exact, repeats=repeats, evaluations=cost, failure=refused
        )
        return blank, seconds
    values, low, high = np.array(found).T
    covered = int(np.count_nonzero((low <= exact) & (exact <= high)))
    chance = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
    return (
        CoefficientScore(
            target.name, target.family, exact, float(values.mean()), chance, float(np.median(high - low) / 2),
            covered, len(values), repeats, cost, refused,
        ),
        seconds,
    )  # fmt: skip


def _numbers(answer: Any, name: str) -> tuple[float, float, float]:
    """A value and the ends of its interval, from three numbers or from an object that has them."""
    try:
        given = (answer.value, *answer.interval()) if hasattr(answer, "interval") else tuple(answer)
        value, low, high = map(float, given)
    except Exception as error:
        raise InputError(
            "an estimator must give a value and the ends of its interval, or an object with `value` and "
            f"`interval()`, got {shown(answer)} on {name}; return these"
        ) from error
    require(
        not (low > value or value > high),
        f"an estimator must give a value within its interval, got {value:g} from {low:g} to {high:g} on {name}; "
        "return value, low, high",
    )
    return value, low, high
