"""Values that follow a power of a step: its exponent, and whether one exponent is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import as_call

LARGEST_ERROR = 0.3  # of a value, from which its logarithm is not normal
ROUNDS = 20  # of weighted least squares; each is a step of Gauss and Newton
NORMAL = 1e9  # degrees of freedom, from which Student's law is the normal one


@dataclass(frozen=True)
class Coefficient:
    """A number from a fit, of Student's law with `degrees` of freedom (infinite: normal) about the truth.

    `value` has its standard error.

    Raises
    ------
    InputError
        If `degrees` are not positive.
    """

    value: Estimate
    degrees: float

    def __post_init__(self) -> None:
        require(self.degrees > 0, f"`degrees` must be positive, got {self.degrees}")

    __repr__ = as_call

    def p_value(self, truth: float, tolerance: float = 0.0) -> float:
        """Largest chance, two-sided, of a value as far off, for any truth within `tolerance` of `truth`."""
        off = max(abs(self.value - truth) - tolerance, 0.0)
        if self.value.error <= 0:
            return 1.0 if off == 0 else 0.0
        return 2 * float(stdtr(min(self.degrees, NORMAL), -off / self.value.error))

    def half_width(self, alpha: float) -> float:
        """Half the interval that misses the truth with a chance `alpha`."""
        return self.quantile(1 - alpha / 2) * self.value.error

    def quantile(self, chance: float) -> float:
        """Standard errors below which the value lies with this `chance`."""
        return float(stdtrit(min(self.degrees, NORMAL), chance))

    def detectable(self, alpha: float, tolerance: float = 0.0, power: float = 0.9) -> float:
        """Difference from a truth that is found with a chance `power`.

        `alpha` is the chance of a false alarm, and `tolerance` the difference that is none.
        """
        return tolerance + self.half_width(alpha) + self.quantile(power) * self.value.error


@dataclass(frozen=True)
class PowerLaw:
    """What a fit of values against steps in logarithms says.

    Parameters
    ----------
    exponent
        Slope of the straight line.
    bend
        By how much the slope at the largest step exceeds that at the smallest, in a parabola.
    """

    exponent: Coefficient
    bend: Coefficient

    __repr__ = as_call


def fit_power_law(steps: Array, values: Array, standard_errors: Array | None = None) -> PowerLaw:
    """The exponent of `values` (n,) at `steps` (n,), and its change over them, by least squares in logarithms.

    With `standard_errors` (n,) the fit is that of maximum likelihood for normal values: weights and residuals are
    taken at the fitted values, until they stay. Without, all logarithms count the same, and their scatter about
    the line (the parabola, for the bend) gives the errors with Student's law.

    Raises
    ------
    InputError
        If the arrays do not fit each other, a number is not positive and finite, there are fewer than three
        different steps, four without standard errors, or a standard error is above .3 of its value.
    """
    known = standard_errors is not None
    errors = np.zeros_like(values) if standard_errors is None else standard_errors
    require(
        steps.ndim == 1 and steps.shape == values.shape == errors.shape,
        f"`steps`, `values` and `standard_errors` must be of one length, got {steps.shape}, {values.shape} and "
        f"{errors.shape}",
    )
    for name, numbers in (("steps", steps), ("values", values)):
        bad = numbers[~(np.isfinite(numbers) & (numbers > 0))]
        require(len(bad) == 0, f"`{name}` must be positive and finite, got {bad[:1]}; give absolute values")
    fewest = 3 if known else 4
    different = len(np.unique(steps))
    require(
        different >= fewest,
        f"an order with its curvature needs {fewest} different steps, got {different}; add one"
        + ("" if known else ", or give `standard_errors`"),
    )
    if known:
        require(bool((errors > 0).all()), "`standard_errors` must be positive, got one that is not")
        worst = float((errors / values).max())
        require(
            worst <= LARGEST_ERROR,
            f"a standard error must be at most {LARGEST_ERROR:g} of its value, got {worst:.3g}; take more samples "
            "or larger steps",
        )
    logs = np.log(steps)
    middle = (logs.max() + logs.min()) / 2
    x = (logs - middle) / (logs.max() - logs.min())
    line = _fitted(np.column_stack([np.ones_like(x), x]), values, errors if known else None)
    curve = _fitted(np.column_stack([np.ones_like(x), x, x**2]), values, errors if known else None)
    width = float(logs.max() - logs.min())
    return PowerLaw(_scaled(line, 1 / width), _scaled(curve, 2 / width))


def _scaled(one: Coefficient, factor: float) -> Coefficient:
    return Coefficient(Estimate(one.value * factor, one.value.error * factor), one.degrees)


def _fitted(design: Array, values: Array, errors: Array | None) -> Coefficient:
    """The last coefficient of a least-squares fit of log `values`."""
    logs = np.log(values)
    if errors is None:
        inverse = np.linalg.pinv(design)
        found = inverse @ logs
        degrees = len(values) - design.shape[1]
        scatter = math.sqrt(float(((logs - design @ found) ** 2).sum()) / degrees)
        return Coefficient(Estimate(found[-1], scatter * float(np.linalg.norm(inverse[-1]))), degrees)
    fit = logs
    for _ in range(ROUNDS):
        weight = np.exp(fit) / errors
        inverse = np.linalg.pinv(design * weight[:, None]) * weight
        found = inverse @ (fit + np.expm1(logs - fit))
        fit = design @ found
    error = float(np.linalg.norm(inverse[-1] * errors / np.exp(fit)))
    return Coefficient(Estimate(found[-1], error), math.inf)
