"""The derivative of a stationary mean of SGD from walkers at several rates with one stream of data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from simulate.run import run_sgd
from simulate.sensitivity.parameter import Parameter
from simulate.sgd import SGD
from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.progress import progress_bar
from theory.base.showing import told
from theory.laws import Ensemble
from theory.laws.options import DomainOptions, RunOptions
from theory.laws.walkers import FEWEST_WALKERS
from theory.models import FreshModel

SHARE = 0.05  # of the number, as the step of its difference
PLACES = (-2, -1, 1, 2)
SETTLED = 5.0  # standard errors by which two halves of the window may differ
LOOKS = 50  # at every walker


@dataclass(frozen=True)
class CoupledSensitivity:
    """A derivative from coupled walkers.

    Parameters
    ----------
    value
        The fourth-order central difference of the means, an `Estimate` with the standard error.
    standard_error
        Over the walkers, each of which is run at all values of the parameter.
    bias
        The step from the second to the fourth order: more than what the steps leave, as far as it stands out of
        its own noise.
    walkers
        Their number.
    """

    value: float
    standard_error: float
    bias: float
    walkers: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", Estimate(self.value, self.standard_error))

    def __repr__(self) -> str:
        return told("CoupledSensitivity", value=self.value, bias=self.bias, walkers=self.walkers)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Where the derivative lies with this confidence: the normal quantile of the standard error, and the bias.

        Raises
        ------
        InputError
            If `confidence` does not lie between 0 and 1.
        """
        from scipy.stats import norm

        require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
        margin = float(norm.ppf((1 + confidence) / 2)) * self.standard_error + self.bias
        return self.value - margin, self.value + margin


class CoupledOptions(DomainOptions, total=False):
    """Those of `DomainOptions`, and what is varied how far.

    Parameters
    ----------
    observations
        Equally spaced looks at every walker, at most as many as there are steps; 50 by default.
    parameter
        As that of `transition_sensitivity`, by default the learning rate.
    step
        h, by default a twentieth of the number.
    """

    observations: int
    parameter: str
    step: float | None


def coupled_sensitivity(
    model: FreshModel,
    sgd: SGD,
    observable: Callable[[Array], ArrayLike],
    start: ArrayLike,
    *,
    burn_in: int,
    steps: int,
    rng: np.random.Generator,
    **options: Unpack[CoupledOptions],
) -> CoupledSensitivity:
    """dE[f]/da of SGD's stationary law with fresh data, by differences of walkers with the same random numbers.

    Each walker is run at a - 2h, a - h, a + h and a + 2h from one start on one stream of data. Where SGD contracts
    the four stay together and the variance of their difference quotient is bounded as h falls; where walkers of
    one stream part for different wells it grows as 1/h, which `standard_error` shows.

    Parameters
    ----------
    observable
        f, mapping positions (..., d) to values (...).
    start
        Positions (walkers, d) of at least 20 walkers.
    burn_in, steps
        Steps before, and steps that are averaged over.
    observations
        Equally spaced looks at every walker, at most `steps` of them; 50 by default.
    parameter
        As that of `transition_sensitivity`, by default the learning rate.
    step
        h, by default a twentieth of the number.
    domain, threads, progress
        As those of `run_sgd`; the result does not depend on `threads`.

    Raises
    ------
    InputError
        If numbers are out of range, a walker diverges, or the two halves of the window differ by more than 5
        standard errors; or as `transition_sensitivity` and `run_sgd`.

    References
    ----------
    Asmussen & Glynn (2007), "Stochastic Simulation", chapter VII, on common random numbers.
    """
    require_known("coupled_sensitivity", options, CoupledOptions)
    parameter, observations = options.get("parameter", "learning_rate"), options.get("observations", LOOKS)
    varied = Parameter(model, sgd, parameter)
    width = varied.width(SHARE, float(PLACES[-1]), options.get("step"))
    for name, number, least in (("burn_in", burn_in, 1), ("steps", steps, 2), ("observations", observations, 2)):
        require(
            number >= least and number % 1 == 0,
            f"`{name}` must be a whole number, at least {least}, got {number}",
        )
    walkers = np.shape(np.asarray(start))[0] if np.ndim(start) else 0
    require(walkers >= FEWEST_WALKERS, f"`start` must hold at least {FEWEST_WALKERS} walkers, got {walkers}")
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"`rng` must be a numpy Generator, got {type(rng).__name__}")
    seed = rng.spawn(1)[0].bit_generator.seed_seq
    assert isinstance(seed, np.random.SeedSequence)
    looks = min(int(observations), int(steps))
    running: RunOptions = {
        "domain": options.get("domain"),
        "threads": options.get("threads"),
        "progress": False,  # one bar for all runs
    }

    def halves(place: int) -> Array:
        """Means of f over the two halves of the window, shape (2, walkers)."""
        stream = np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key))
        here = varied.at(varied.value + place * width)
        ensemble = run_sgd(*here, start, steps=burn_in, rng=stream, **running)
        count(int(burn_in))
        sums, counts = np.zeros((2, walkers)), np.zeros((2, 1))
        for look in range(looks):
            _refuse_diverged(ensemble, here[1])
            assert ensemble.checkpoint is not None
            ensemble = run_sgd(*here, ensemble.checkpoint, steps=int(steps) // looks, **running)
            count(int(steps) // looks)
            _refuse_diverged(ensemble, here[1])
            sums[2 * look // looks] += finite(evaluated(observable, ensemble.final, "observable"), "observable")
            counts[2 * look // looks] += 1
        return sums / counts

    total = len(PLACES) * (int(burn_in) + int(steps) // looks * looks)
    with progress_bar(total, options.get("progress")) as count:
        far_below, below, above, far_above = (halves(place) for place in PLACES)
    near, far = (above - below) / (2 * width), (far_above - far_below) / (4 * width)
    require(
        bool((near != 0).any()),
        f"walkers must feel the {parameter}, none of {walkers} does: they do not move, or f is constant",
    )
    for rows in (near, above):
        growth = rows[1] - rows[0]
        off = abs(growth.mean()) / (_standard_error(growth) or math.inf)
        require(
            off <= SETTLED,
            f"walkers must be stationary, the two halves of the window differ by {off:.1f} standard errors; take "
            f"more than {burn_in} steps of burn-in",
        )
    second, shift = near.mean(axis=0), (near - far).mean(axis=0) / 3
    fourth = second + shift
    bias = max(0.0, abs(float(shift.mean())) - _standard_error(shift))
    return CoupledSensitivity(float(fourth.mean()), _standard_error(fourth), bias, walkers)


def _standard_error(values: Array) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def _refuse_diverged(ensemble: Ensemble, sgd: SGD) -> None:
    require(
        ensemble.diverged == 0,
        f"{ensemble.diverged} of {ensemble.walkers} walkers diverged at the rate {sgd.learning_rate:g}, and there "
        "is no stationary law; take a smaller rate or `step`",
    )
