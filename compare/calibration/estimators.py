"""Estimators of learning coefficients by name, or from a file or a module of the user's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from scipy import special

from compare.calibration.coefficient_target import CoefficientProblem
from compare.calibration.held import held_by
from theory.base.errors import require
from theory.learning import MALA, SGLD, Annealing, PreconditionedSGLD, local_learning_coefficient

OWN = "estimator"  # name in a file of the user's
STEP = 1e-3  # of SGLD
LEVEL = 0.95  # of intervals
WARM = 1.25  # of the control whose chains have the wrong temperature


class CoefficientEstimator(Protocol):
    """What can be calibrated."""

    def estimate(self, problem: CoefficientProblem, stream: np.random.Generator) -> Any:
        """Lambda at `problem.at`: a value with the ends of its 95 % interval, or an object with both."""


@dataclass(frozen=True)
class CalledEstimator:
    """A function of the user's with the arguments of `estimate`."""

    function: Callable[..., Any]

    def estimate(self, problem: CoefficientProblem, stream: np.random.Generator) -> Any:
        """What the function gives."""
        return self.function(problem, stream)


@dataclass(frozen=True)
class ChainEstimator:
    """`local_learning_coefficient` by one of its samplers.

    Parameters
    ----------
    sampler
        MALA, SGLD, PreconditionedSGLD or Annealing.
    options
        Numbers of chains and steps.
    """

    sampler: MALA | SGLD | Annealing
    options: Mapping[str, int] = field(default_factory=dict)

    def estimate(self, problem: CoefficientProblem, stream: np.random.Generator) -> Any:
        """The coefficient with all that sampling finds."""
        cooled = isinstance(self.sampler, Annealing)
        found = local_learning_coefficient(
            problem if cooled else problem.target.landscape,  # compiled loops of chains want the formula
            problem.at,
            problem.examples,
            rng=stream,
            sampler=self.sampler,
            progress=False,
            **self.options,  # type: ignore[arg-type]
        )
        problem.calls += sum(
            one.number * (one.burn_in + len(one.energies) * one.save_every) for one in found.chains
        )
        return found


@dataclass(frozen=True)
class Spread:
    """A control: n beta (E[L] - L(w*)) of chains as it is, in an interval that knows nothing but their spread."""

    chains: ChainEstimator

    def estimate(self, problem: CoefficientProblem, stream: np.random.Generator) -> tuple[float, float, float]:
        """The value and the ends of its interval."""
        found = self.chains.estimate(problem, stream)
        half = float(special.stdtrit(found.degrees_of_freedom, (1 + LEVEL) / 2)) * found.tempered.error
        return float(found.tempered), found.tempered - half, found.tempered + half


@dataclass(frozen=True)
class Warm:
    """A control: chains a quarter too warm, all that they say being larger by that."""

    chains: ChainEstimator

    def estimate(self, problem: CoefficientProblem, stream: np.random.Generator) -> tuple[float, float, float]:
        """The value and the ends of its interval."""
        found = self.chains.estimate(problem, stream)
        low, high = found.interval(LEVEL)
        return WARM * float(found.value), WARM * low, WARM * high


ESTIMATORS: dict[str, CoefficientEstimator] = {
    "llc-mala": ChainEstimator(MALA()),
    "llc-sgld": ChainEstimator(SGLD(STEP)),
    "llc-psgld": ChainEstimator(PreconditionedSGLD(10 * STEP)),
    "llc-annealing": ChainEstimator(Annealing()),
    "llc-spread": Spread(ChainEstimator(MALA())),
    "llc-warm": Warm(ChainEstimator(MALA())),
}


def estimator_named(name: str) -> CoefficientEstimator:
    """One that ships, `estimator` of a Python file, or `module:name`.

    Of the latter two an object with a method `estimate`, or a function with its arguments.

    Raises
    ------
    InputError
        If there is no such estimator, or the file does not run or holds none.
    """
    if name in ESTIMATORS:
        return ESTIMATORS[name]
    held = held_by(name, OWN, "an estimator", ", ".join(ESTIMATORS))
    if callable(held) and not isinstance(held, type) and not hasattr(held, "estimate"):
        return CalledEstimator(held)
    require(
        callable(getattr(held, "estimate", None)) and not isinstance(held, type),
        f"{name!r} must hold `{OWN}` with a method `estimate(problem, stream)`, got {type(held).__name__}; "
        "define it",
    )
    return held  # type: ignore[no-any-return]
