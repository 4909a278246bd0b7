"""Judgements drawn: distances with intervals and floors, losses against the learning rate, slopes."""

from __future__ import annotations

import numpy as np

from compare.comparison import Comparison, NoiseAgainstHessian
from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.laws import density, histogram
from compare.figures.drawing.sheet import Sheet
from compare.figures.looks import MARKERS, Look
from compare.figures.slope import METHOD_NAMES, draw_losses
from compare.pictures import Axis, Series
from compare.slope import FiniteRateSlopes, LossSlope, LossSlopes
from theory.base.shares import percent
from theory.laws import Histogram

FLOOR = "0.45"  # grey of noise floors
BESIDE = 0.01  # of the range of the rates, from one method to the next


@drawn_by(Comparison)
def comparison(found: Comparison, sheet: Sheet) -> None:
    """The total variation from each prediction with its interval, its noise floor, and the verdict."""
    axes, names = sheet.axes, found.names
    distances = [found.distances[name]["total_variation"] for name in names]
    rows = np.arange(len(names))[::-1]
    values = np.array([one.value for one in distances])
    ends = np.array([[one.value - one.low, one.high - one.value] for one in distances]).reshape(-1, 2).T
    axes.errorbar(
        values, rows, xerr=np.maximum(ends, 0.0), linestyle="none", marker="o", ms=3.5, capsize=2,
        color=sheet.options.get("colour"), label=sheet.label(f"{percent(found.confidence)} interval"),
    )  # fmt: skip
    floors = [one.noise_floor for one in distances]
    axes.plot(floors, rows, "|", ms=9, mew=1.2, color=FLOOR, label="noise floor")
    axes.set_yticks(rows, [f"{name.replace('_', ' ')}:\n{found.verdict(name)}" for name in names])
    axes.set(xlabel="total variation", xlim=(0, None), ylim=(-0.6, len(names) - 0.4))


@drawn_by(NoiseAgainstHessian)
def noise_against_hessian(found: NoiseAgainstHessian, sheet: Sheet) -> None:
    """The law of SGD and those that the three noises make, on a line; else their distances from it."""
    if found.observed.grid.dim > 1 and found.comparison is not None:
        comparison(found.comparison, sheet)
        return
    first = Sheet(sheet.axes, {**sheet.options, "label": "SGD"})
    if isinstance(found.observed, Histogram):
        histogram(found.observed, first)
    else:
        density(found.observed, first)
    for name, law in found.laws.items():
        density(
            law, Sheet(sheet.axes, {**sheet.options, "label": f"{name}: {found.verdict(name)}", "colour": None})
        )


@drawn_by(LossSlopes)
def loss_slopes(found: LossSlopes, sheet: Sheet) -> None:
    """Losses above the minimum against the rate by every method, tangents at 0 with bands, what is predicted."""
    draw_losses(sheet.axes, found.to_xarray())


@drawn_by(LossSlope)
def loss_slope(found: LossSlope, sheet: Sheet) -> None:
    """The same of one method."""
    import xarray as xr  # half a second that others need not wait

    name, predicted = sheet.label(found.method), found.prediction.value
    numbers = {"slope": float(found.slope), **dict(zip(("low", "high"), found.interval(), strict=True))}
    losses = {
        "excess_loss": [float(one.excess) for one in found.losses],
        "error": [one.excess.error for one in found.losses],
    }
    data = {key: (("found_by", "learning_rate"), [values]) for key, values in losses.items()}
    slopes = xr.Dataset(
        {**data, **{key: ("found_by", [value]) for key, value in numbers.items()}, "status": ("found_by", ["ok"])},
        {"found_by": [name], "learning_rate": [one.learning_rate for one in found.losses]},
        {"edge": np.inf, "prediction": np.nan if predicted is None else predicted},
    )
    draw_losses(sheet.axes, slopes)


@drawn_by(FiniteRateSlopes)
def finite_rate_slopes(found: FiniteRateSlopes, sheet: Sheet) -> None:
    """The derivative by every method against the learning rate, with errors."""
    rates = np.array([one.learning_rate for one in found.slopes])
    methods = list(dict.fromkeys(name for one in found.slopes for name in one.found))
    beside = BESIDE * float(np.ptp(rates)) if len(rates) > 1 else 0.0
    series, looks = [], []
    for index, method in enumerate(methods):
        ones = [(one.learning_rate, one.found[method]) for one in found.slopes if method in one.found]
        place = np.array([rate for rate, _ in ones]) + beside * (index - (len(methods) - 1) / 2)
        values, errors = [float(one) for _, one in ones], [one.error for _, one in ones]
        series.append(
            Series.measured(sheet.label(METHOD_NAMES.get(method, method)), place, values, np.nan_to_num(errors))
        )
        looks.append(Look(None, MARKERS[index % len(MARKERS)]))
    words = f"slope in the {found.parameter.replace('_', ' ')}"
    sheet.lines(Axis("learning rate $\\eta$"), Axis(words), *series, looks=looks)
