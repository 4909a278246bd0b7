"""What sampling finds of a local learning coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.html import table
from theory.base.showing import told
from theory.learning.chain_tree import labelled_chains
from theory.learning.chains import Chains
from theory.learning.ladder import Ladder

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class LocalLearningCoefficient:
    """A local learning coefficient estimated by sampling, with its error.

    Parameters
    ----------
    value
        The estimate of lambda, an `Estimate` with `error`: `energy` carried on to large n, of a data set without
        that.
    error
        Standard error of the value, from the spread of independent chains.
    bias
        What the unknown law of the approach and orders left out may still do to the value.
    degrees_of_freedom
        Of the t law of the statistical error.
    tempered
        n beta (E[L] - L(w*)) as it is at this n, beta and localization, with its standard error.
    energy
        The same without the localization, to first order in its strength.
    slope
        Derivative of `energy` in log(n beta): 0 where n is large enough.
    step_bias
        What the step of SGLD adds to `tempered` at half the step. It is taken out there, and likewise out of
        value, energy and slope. None where the sampler is exact.
    degenerate
        Number of directions in which w* is not regular at this n beta; multiplicities are at most that, or 1. Of
        more than 600 weights the most that may have less curvature than the localization.
    rhat, effective_sample_size, acceptance, step_size
        Of the losses along the chains, the worse of the two runs of SGLD; no acceptance there.
    chains
        The runs, two of SGLD; empty where the object was made without.
    multiplicity
        The likeliest m, where `Annealing` has seen the approach; else None.
    ladder
        The energies that it has seen, else None.
    strength
        Of the localization where there are more than 600 weights, the same in all directions; else None.
    held
        Whether it is too strong to be taken out: `value` is then `tempered`, lambda at this n beta and strength.
    """

    value: float
    error: float
    bias: float
    degrees_of_freedom: float
    tempered: Estimate
    energy: Estimate
    slope: Estimate
    step_bias: Estimate | None
    degenerate: int
    rhat: float
    effective_sample_size: float
    acceptance: float | None
    step_size: float
    chains: tuple[Chains, ...] = field(default=(), repr=False, compare=False)
    multiplicity: int | None = None
    ladder: Ladder | None = field(default=None, repr=False, compare=False)
    strength: float | None = None
    held: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", Estimate(self.value, self.error))

    def __repr__(self) -> str:
        return told(
            "LocalLearningCoefficient",
            value=self.value,
            bias=self.bias,
            tempered=self.tempered,
            energy=self.energy,
            slope=self.slope,
            step_bias=self.step_bias,
            degenerate=self.degenerate,
            rhat=self.rhat,
            effective_sample_size=self.effective_sample_size,
            acceptance=self.acceptance,
            step_size=self.step_size,
            **({} if self.multiplicity is None else {"multiplicity": self.multiplicity}),
            **({} if self.strength is None else {"strength": self.strength, "held": self.held}),
        )

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        rows = {
            "lambda": self.value,
            "bias at most": self.bias,
            "95 % interval": "{:.6g} to {:.6g}".format(*self.interval()),
            "at this n and beta": self.tempered,
            "without localization": self.energy,
            "slope in log(n beta)": self.slope,
            "degenerate directions": self.degenerate,
            "R-hat": self.rhat,
            "effective sample size": self.effective_sample_size,
            "acceptance": self.acceptance,
        }
        if self.strength is not None:
            rows["strength of the localization"] = self.strength
            rows["taken out"] = "no, lambda is that at this n beta and strength" if self.held else "to first order"
        return table("LocalLearningCoefficient", rows)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Ends of the interval for lambda: t quantile of the error and the bias, added in squares.

        Raises
        ------
        InputError
            If the level is not between 0 and 1.
        """
        from scipy import stats

        require(0 < level < 1, f"`level` must be between 0 and 1, got {level}")
        quantile = float(stats.t.ppf((1 + level) / 2, self.degrees_of_freedom))
        half = math.hypot(quantile * self.error, self.bias)
        return self.value - half, self.value + half

    def to_datatree(self) -> xr.DataTree:
        """The chains in groups that ArviZ reads: series whose means are `tempered`, `energy` and `slope`.

        Of SGLD both runs stand side by side along `step_size`; the numbers of this object are extrapolated from
        them.

        Raises
        ------
        InputError
            If the object was made without chains.
        """
        return labelled_chains(self.chains, value=float(self.value), error=self.error, rhat=self.rhat)
