"""A distance that knows how well it is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipy.special import ndtri

from theory.base.errors import require


@dataclass(frozen=True)
class Distance:
    """A distance between two laws, its noise floor and its interval.

    Parameters
    ----------
    value
        The distance between the cell probabilities as observed; ``float(distance)`` gives it.
    noise_floor
        What sampling alone would give on average if both laws were the same; 0 for two computed laws.
    low, high
        Interval of the true distance at `confidence`: ``max(0, value - bias - margin)`` and ``value + margin``,
        at most the largest distance of its kind, with ``margin = z standard_error + grid_error``. The plug-in
        value is biased upwards, by about the noise floor when the laws are close and by less when they are not,
        so the lower end is on the safe side.
    grid_error
        What the errors of the computed laws, and of the method, can change; see each distance.
    standard_error
        Of `value`, from its influence function, and not below its spread if both laws were the same, which
        the influence function misses where cells hold one walker each.
    grid_error_known
        False where a Density came without an error; `grid_error` is then the part that is known.
    debiased
        `value` without what sampling adds on average, for the total variation; None for other distances.
    """

    value: float
    noise_floor: float
    low: float
    high: float
    grid_error: float
    standard_error: float
    confidence: float = 0.95
    grid_error_known: bool = True
    debiased: float | None = None

    def __float__(self) -> float:
        return self.value

    def among(self, looks: int) -> Distance:
        """The same with an interval that holds together with those of all `looks` distances (Bonferroni).

        Its `confidence` is that of the one interval, and its upper end is cut nowhere.

        Raises
        ------
        InputError
            If `looks` is below 1.
        """
        require(looks >= 1, f"`looks` must be at least 1, got {looks}")
        level = 1 - (1 - self.confidence) / looks
        wider = (quantile(level) - quantile(self.confidence)) * self.standard_error
        return replace(self, low=max(0.0, self.low - wider), high=self.high + wider, confidence=level)

    @property
    def margin(self) -> float:
        """What sampling and computing leave open about the distance: z standard errors + grid error."""
        return quantile(self.confidence) * self.standard_error + self.grid_error

    @property
    def detectable(self) -> float:
        """The smallest distance that would show: noise floor + 2 z standard errors + grid error.

        A true distance this large leaves 0 outside the interval with probability (1 + `confidence`) / 2
        or more, because the observed value is on average no smaller than the true one.
        """
        return self.noise_floor + 2 * quantile(self.confidence) * self.standard_error + self.grid_error


def quantile(confidence: float) -> float:
    """z, such that a standard normal lies within [-z, z] with probability `confidence`.

    Raises
    ------
    InputError
        If it does not lie between 0 and 1.
    """
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    return float(ndtri((1 + confidence) / 2))


@dataclass(frozen=True)
class Uncertainty:
    """What is known of the error of a distance, as in `Distance`.

    `bias` is what sampling adds on average, where that is more than the noise floor; None: the floor.
    """

    noise_floor: float
    standard_error: float
    grid_error: float
    grid_error_known: bool
    bias: float | None = None


def with_interval(
    value: float,
    error: Uncertainty,
    confidence: float,
    *,
    largest: float = float("inf"),
    debiased: float | None = None,
) -> Distance:
    """The record of a finite `value`; no distance of its kind exceeds `largest`, and neither does the interval."""
    margin = quantile(confidence) * error.standard_error + error.grid_error
    low = max(0.0, value - (error.noise_floor if error.bias is None else error.bias) - margin)
    return Distance(
        value,
        error.noise_floor,
        low,
        min(largest, value + margin),
        error.grid_error,
        error.standard_error,
        confidence,
        error.grid_error_known,
        debiased,
    )
