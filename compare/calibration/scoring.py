"""How well a sampler finds a known mean: bias, coverage and cost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from compare.calibration.target import CalibrationTarget, CountedPotential
from theory.base.arrays import Array
from theory.base.errors import InputError, require

CHAINS = 8  # of one repeat, whose means make its interval
QUANTILE = 2.365  # of Student's t with 7 degrees of freedom, for intervals of 95 %
SPREAD = 0.1  # of the starts of chains
NOMINAL = 0.95  # of the intervals
FAIR = 3.0  # standard errors of the bias, and of a binomial count
SMALL = 0.02  # bias in standard deviations of the quantity, that is no fault


class LawSampler(Protocol):
    """What can be calibrated."""

    def run(self, potential: Any, start: Array, stream: np.random.Generator, **numbers: Any) -> Any:
        """Draws from exp(-potential): an object with `positions` (draws, chains, d), or a tuple that begins so."""


@dataclass(frozen=True)
class Score:
    """What a sampler made of a target.

    Parameters
    ----------
    target, family
        Which.
    exact, mean, error
        The mean as it is, as found over all repeats, and the standard error of that.
    deviation
        Standard deviation of the quantity under the law, as sampled.
    covered, repeats
        Nominal 95 % intervals of a repeat's chains that hold the exact mean, and their number.
    gradients
        Evaluations of the potential for one repeat.
    failure
        Why there is no score, else empty.
    """

    target: str
    family: str
    exact: float
    mean: float = math.nan
    error: float = math.nan
    deviation: float = math.nan
    covered: int = 0
    repeats: int = 0
    gradients: int = 0
    failure: str = ""

    @property
    def bias(self) -> float:
        """In standard deviations of the quantity."""
        return (self.mean - self.exact) / self.deviation

    @property
    def good(self) -> bool:
        """Whether neither bias nor coverage is worse than chance makes them."""
        if self.failure:
            return False
        least = NOMINAL * self.repeats - FAIR * math.sqrt(NOMINAL * (1 - NOMINAL) * self.repeats)
        fair = abs(self.mean - self.exact) <= max(FAIR * self.error, SMALL * self.deviation)
        return fair and self.covered >= least


def score(
    sampler: LawSampler, target: CalibrationTarget, *, steps: int, repeats: int, seed: int
) -> tuple[Score, float]:
    """The score of a sampler on a target and the seconds of processor time that its chains took.

    All repeats are chains of one call; a burn-in is half as long as what counts.

    Raises
    ------
    InputError
        If the sampler gives no draws of the right shape, or raises.
    """
    potential = CountedPotential(target)
    places = np.random.default_rng([seed, len(target.name), *target.name.encode()])
    start = np.asarray(target.start) + SPREAD * places.standard_normal((repeats * CHAINS, potential.dim))
    start = np.abs(start) if target.wall else start
    begin = time.process_time()
    try:
        found = sampler.run(
            potential, start, places, steps=steps, burn_in=steps // 2, save_every=1, progress=False
        )
        found = found[0] if isinstance(found, tuple) else found
        draws = np.asarray(getattr(found, "positions", found))
    except InputError as error:
        return Score(target.name, target.family, target.exact, failure=str(error)), time.process_time() - begin
    except (Exception, SystemExit) as error:  # whatever a sampler of the user's does wrong
        raise InputError(
            f"a sampler must sample {target.name}, it raised {type(error).__name__}: {error}; correct it"
        ) from error
    seconds = time.process_time() - begin
    wanted = (steps, *start.shape)
    require(
        draws.shape == wanted and draws.dtype.kind == "f",
        f"a sampler must give draws of shape {wanted}, got {draws.shape} on {target.name}; keep every step",
    )
    if not np.isfinite(draws).all():
        lost = int(np.count_nonzero(~np.isfinite(draws).all(axis=(0, 2))))
        return (
            Score(target.name, target.family, target.exact, failure=f"{lost} of {len(start)} chains diverged"),
            seconds,
        )
    with np.errstate(all="ignore"):
        values = target.observed.value(draws)
        deviation = float(values.std())
    if not 0 < deviation < math.inf:
        failure = "draws must vary and be of a finite variance, they are not"
        return Score(target.name, target.family, target.exact, failure=failure), seconds
    means = values.mean(axis=0).reshape(repeats, CHAINS)
    each, spread = means.mean(axis=1), means.std(axis=1, ddof=1) / math.sqrt(CHAINS)
    covered = int(np.count_nonzero(np.abs(each - target.exact) <= QUANTILE * spread))
    chance = float(each.std(ddof=1) / math.sqrt(repeats))
    return (
        Score(
            target.name, target.family, target.exact, float(each.mean()), chance, deviation, covered,
            repeats, potential.calls // repeats,
        ),
        seconds,
    )  # fmt: skip
