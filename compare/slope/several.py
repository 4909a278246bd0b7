"""The slope of the stationary loss by several methods, beside what theory says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from compare.slope.digits import beside, interval_to, last_place, to_place, with_error
from compare.slope.prediction import SlopePrediction
from compare.slope.slope import LossSlope
from theory.base.absent import Absent
from theory.base.html import column_table
from theory.base.tables import text_table
from theory.points import LossMinimum

if TYPE_CHECKING:
    import xarray as xr

NOT_RUN = Absent("interrupted before it was run")
COLUMNS = ("method", "slope at 0", "error", "interval", "prediction", "verdict")


@dataclass(eq=False)
class LossSlopes:
    """The slopes of one study; filled method by method, so that an interrupted run keeps what it has.

    Parameters
    ----------
    name
        Title of the study.
    rates
        The learning rates, increasing.
    minimum
        The place above whose loss losses are counted.
    prediction
        What theory says of SGD, or why it says nothing.
    edge
        The learning rate at which descent leaves the minimum, eta h = 2 (1 + momentum); infinite where it is flat.
    confidence
        Of all intervals.
    asked
        The methods, in order.
    methods
        What each has found, or why nothing.
    timings
        Seconds each took.
    """

    name: str
    rates: tuple[float, ...]
    minimum: LossMinimum = field(repr=False)
    prediction: SlopePrediction
    edge: float
    confidence: float
    asked: tuple[str, ...]
    methods: dict[str, LossSlope | Absent] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        slopes = [f"{name} {with_error(one.slope, one.slope.error)}" for name, one in self.found.items()]
        predicted = self.prediction.value
        told = "no prediction" if predicted is None else f"prediction {predicted:.6g}"
        return f"LossSlopes({'; '.join([self.name, self._verdict(), told, *slopes])})"

    def _repr_html_(self) -> str:
        """The slopes of all methods side by side; below, why others found none, and the verdict."""
        missing = [f"{name}: {one}" for name, one in self.methods.items() if isinstance(one, Absent)]
        notes = self._edge(), self._predicted(), *missing, self._verdict()
        return column_table(self.name, COLUMNS, self._side_by_side(), *notes)

    @property
    def complete(self) -> bool:
        """Whether every method was tried."""
        return all(name in self.methods for name in self.asked)

    @property
    def found(self) -> Mapping[str, LossSlope]:
        """The methods that have found a slope."""
        return {name: one for name, one in self.methods.items() if isinstance(one, LossSlope)}

    def verdict_of(self, method: str) -> str:
        """The verdict of one method; of one without a slope 'none', or 'no prediction' where there is none."""
        one = self.methods.get(method)
        if isinstance(one, LossSlope):
            return one.verdict
        return "no prediction" if self.prediction.value is None else "none"

    @property
    def verdict(self) -> str:
        """'no prediction'; else 'differs' where one method does, 'agrees' where one does, or 'cannot tell'."""
        if self.prediction.value is None:
            return "no prediction"
        said = {self.verdict_of(method) for method in self.found}
        return next((one for one in ("differs", "agrees") if one in said), "cannot tell")

    def table(self) -> str:
        """Text: prediction, losses and slope of every method, and all slopes side by side."""
        place = ", ".join(f"{x:.6g}" for x in self.minimum.position)
        lines = [f"minimum at {place}, loss {self.minimum.loss:.6g}", self._edge(), self._predicted()]
        for name in self.asked:
            one = self.methods.get(name, NOT_RUN)
            lines += ["", f"{name}: {one.table() if isinstance(one, LossSlope) else one}"]
        if self.found:
            lines += ["", *text_table(COLUMNS, self._side_by_side())]
        return "\n".join([*lines, "", self._verdict()])

    def to_xarray(self) -> xr.Dataset:
        """Losses with dims (found_by, learning_rate), slopes with intervals and verdicts with dim found_by.

        A method that has found nothing holds NaN; `status` says "ok" or why.
        """
        import xarray as xr  # half a second that only files need

        nothing = [math.nan] * len(self.rates)
        losses = {name: [nothing, nothing] for name in self.asked}
        numbers: dict[str, list[Any]] = {"slope": [], "slope_error": [], "low": [], "high": []}
        for name in self.asked:
            one = self.found.get(name)
            row = [math.nan] * 4
            if one is not None:
                losses[name] = [[float(x.excess) for x in one.losses], [x.excess.error for x in one.losses]]
                row = [float(one.slope), one.slope.error, *one.interval()]
            for key, number in zip(numbers, row, strict=True):
                numbers[key].append(number)
        words = {
            "status": ["ok" if name in self.found else str(self.methods.get(name, "none")) for name in self.asked],
            "verdict": [self.verdict_of(name) for name in self.asked],
        }
        predicted = self.prediction.value
        return xr.Dataset(
            {
                "excess_loss": (("found_by", "learning_rate"), [losses[name][0] for name in self.asked]),
                "error": (("found_by", "learning_rate"), [losses[name][1] for name in self.asked]),
                **{key: ("found_by", column) for key, column in (numbers | words).items()},
            },
            {"found_by": list(self.asked), "learning_rate": list(self.rates)},
            {
                "name": self.name,
                "confidence": self.confidence,
                "edge": self.edge,
                "prediction": math.nan if predicted is None else predicted,
                "formula": self.prediction.formula,
                "reason": self.prediction.reason,
                "verdict": self.verdict,
            },
        )

    def _verdict(self) -> str:
        return f"verdict: {self.verdict} ({len(self.found)} of {len(self.asked)} methods found a slope)"

    def _edge(self) -> str:
        if math.isinf(self.edge):
            return "the minimum is flat to second order: no edge of stability there"
        return f"edge of stability, eta h = 2 (1 + momentum): learning rate {self.edge:.6g}"

    def _predicted(self) -> str:
        found = self.prediction
        if found.value is None:
            return f"no prediction: {found.reason}"
        places = [last_place(one.slope.error) for one in self.found.values()]
        place = min((one for one in places if one is not None), default=None)
        return f"prediction: {beside(found.value, place)} = {found.formula}: {found.reason}"

    def _side_by_side(self) -> list[tuple[str, ...]]:
        """A row for each method that has found a slope."""
        predicted = self.prediction.value
        rows: list[tuple[str, ...]] = []
        for name, one in self.found.items():
            place = last_place(one.slope.error)
            between = interval_to(*one.interval(), place)
            told = "none" if predicted is None else beside(predicted, place)
            rows.append(
                (
                    name, to_place(one.slope, place), to_place(one.slope.error, place), between,
                    told, one.verdict,
                )
            )  # fmt: skip
        return rows
