"""The slope of the stationary loss at learning rate 0 against what theory says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compare.distances.distance import quantile
from compare.slope.digits import beside, interval_to, last_place, to_place, with_error
from compare.slope.method import StationaryLoss
from compare.slope.prediction import SlopePrediction
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.html import column_table
from theory.base.shares import fraction, percent
from theory.base.tables import text_table
from theory.learning import Extrapolation

if TYPE_CHECKING:
    import xarray as xr

CANNOT_TELL = 0.25  # half-width of the interval over the prediction, beyond which agreement says nothing
EQUAL_SLOPES = 1e-9  # relative difference of a slope from its prediction that may be rounding
COLUMNS = ("learning rate", "loss above minimum", "error", "over rate", "variance reduction")


@dataclass(frozen=True, eq=False)
class LossSlope:
    """The stationary loss above the minimum at several learning rates, and its slope at 0.

    Parameters
    ----------
    losses
        One a rate, the rates increasing.
    extrapolation
        The limit of loss over rate with what was fitted.
    prediction
        What theory says, or why it says nothing.
    method
        How the losses were found, in words.
    confidence
        Of the interval that the verdict looks at.
    """

    losses: tuple[StationaryLoss, ...] = field(repr=False)
    extrapolation: Extrapolation
    prediction: SlopePrediction
    method: str
    confidence: float = 0.95

    def __repr__(self) -> str:
        predicted = self.prediction.value
        told = "none" if predicted is None else f"{predicted:.6g}"
        rates = [loss.learning_rate for loss in self.losses]
        return (
            f"LossSlope(slope={with_error(self.slope, self.slope.error)}, prediction={told}, "
            f"verdict={self.verdict}, rates={min(rates):.6g} to {max(rates):.6g}, method={self.method})"
        )

    def _repr_html_(self) -> str:
        """The losses at all rates, with slope, prediction and verdict below."""
        return column_table(self._heading(), COLUMNS, self._rows(), *self._summary())

    @property
    def slope(self) -> Estimate:
        """d(loss)/d(learning rate) at 0 with its standard error."""
        return self.extrapolation.limit

    def interval(self, level: float | None = None) -> tuple[float, float]:
        """The interval of this level for the slope, by default of the `confidence`; normal.

        Raises
        ------
        InputError
            If `level` is no probability between 0 and 1.
        """
        level = self.confidence if level is None else level
        require(0 < level < 1, f"`level` must lie between 0 and 1, got {level}")
        width = quantile(level) * self.slope.error
        return float(self.slope) - width, float(self.slope) + width

    @property
    def verdict(self) -> str:
        """'differs', 'agrees', 'cannot tell' or 'no prediction', from the interval.

        'differs': the interval leaves out the prediction. 'agrees': it holds it, and its half-width is below a
        quarter of it. 'cannot tell': it is wider.
        """
        predicted = self.prediction.value
        if predicted is None:
            return "no prediction"
        low, high = self.interval()
        if not low - EQUAL_SLOPES * predicted <= predicted <= high + EQUAL_SLOPES * predicted:
            return "differs"
        return "agrees" if (high - low) / 2 < CANNOT_TELL * predicted else "cannot tell"

    @property
    def learning_coefficient(self) -> Estimate | None:
        """What the slope measures, slope 2 B (1 - mu) / s^2; None but at degenerate minima, isotropic noise."""
        unit = self.prediction.unit
        return None if unit is None else Estimate(self.slope / unit, self.slope.error / unit)

    def table(self) -> str:
        """Aligned text: loss and error at every rate, then slope, prediction and verdict."""
        return "\n".join([self._heading(), *text_table(COLUMNS, self._rows()), *self._summary()])

    def _heading(self) -> str:
        return f"stationary loss of SGD {self.method}"

    def _rows(self) -> list[tuple[str, ...]]:
        """Of each rate the loss with its error, and over the rate."""
        rows: list[tuple[str, ...]] = []
        for loss in self.losses:
            reduction, place = loss.variance_reduction, last_place(loss.excess.error)
            over = last_place(loss.excess.error / loss.learning_rate)
            rows.append(
                (
                    f"{loss.learning_rate:.4g}",
                    to_place(loss.excess, place),
                    to_place(loss.excess.error, place),
                    to_place(loss.excess / loss.learning_rate, over),
                    "-" if reduction is None else f"{reduction:.3g}",
                )
            )
        return rows

    def to_xarray(self) -> xr.Dataset:
        """Losses with the dim `learning_rate`; slope, prediction and verdict as attributes."""
        import xarray as xr  # half a second that only files need

        rates = [loss.learning_rate for loss in self.losses]
        reductions = [
            math.nan if one.variance_reduction is None else one.variance_reduction for one in self.losses
        ]
        columns = {
            "excess_loss": [float(loss.excess) for loss in self.losses],
            "error": [loss.excess.error for loss in self.losses],
            "variance_reduction": [math.nan if factor is None else factor for factor in reductions],
        }
        low, high = self.interval()
        predicted = self.prediction.value
        attributes = {
            "method": self.method,
            "slope": float(self.slope),
            "slope_error": self.slope.error,
            "interval": [low, high],
            "confidence": self.confidence,
            "fit": self.extrapolation.form,
            "fit_probability": self.extrapolation.fit_probability,
            "prediction": math.nan if predicted is None else predicted,
            "formula": self.prediction.formula,
            "reason": self.prediction.reason,
            "verdict": self.verdict,
        }
        data = {name: ("learning_rate", column) for name, column in columns.items()}
        return xr.Dataset(data, {"learning_rate": rates}, attributes)

    def _summary(self) -> list[str]:
        low, high = self.interval()
        fit, found, place = self.extrapolation, self.prediction, last_place(self.slope.error)
        lines = [
            f"slope at 0: {with_error(self.slope, self.slope.error)}, {percent(self.confidence)} interval "
            f"{interval_to(low, high, place)}",
            f"loss / rate fitted by {fit.form}{_one_term_less(fit)}",
        ]
        if found.value is None:
            lines.append(f"no prediction: {found.reason}")
        else:
            lines.append(f"prediction: {beside(found.value, place)} = {found.formula}: {found.reason}")
        if self.learning_coefficient is not None:
            measured = self.learning_coefficient
            lines.append(f"learning coefficient: {with_error(measured, measured.error)}")
        return [*lines, f"verdict: {self.verdict}"]


def _one_term_less(fit: Extrapolation) -> str:
    """What the order below the one taken leaves of the values; it is no fault of the fit."""
    if not fit.independent:
        return ""
    if not fit.below_fits:
        return "; one power less is not enough, and what it changes is in the error"
    return f"; probability of larger residuals {fraction(fit.fit_probability, 2)} with one power less"
