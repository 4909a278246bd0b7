"""Laws drawn: lines on a line, maps on the plane, marginals beyond; samples as steps with standard errors."""

from __future__ import annotations

import numpy as np
from matplotlib import rcParams

from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.sheet import Sheet
from compare.figures.looks import Look
from compare.pictures import Axis, Series
from simulate.transition import Evolution
from theory.base.errors import require
from theory.equations import NearestGibbs
from theory.laws import Density, DensityClass, Grid, Histogram, LimitLaw, QuasiStationary

EVOLVED = (0.75, 0.0)  # grey of the first law in time and of the last
ATOM_ROOM = 1.15  # height of the axis of masses


@drawn_by(Density)
def density(law: Density, sheet: Sheet) -> None:
    """The density, with standard errors of samples; its error in total variation in words."""
    if law.grid.dim == 2:
        sheet.map(law.grid, law.values, f"density{_known(law)}")
        return
    draw_lines(law, sheet, sheet.label(_told(law)))


@drawn_by(Histogram)
def histogram(counts: Histogram, sheet: Sheet) -> None:
    """The law of all walkers, of whom some may be off the grid, with standard errors."""
    lost = f"{100 * counts.lost:.3g} % off the grid" if counts.lost else ""
    told = f"{counts.walkers} walkers{', ' if lost else ''}{lost}"
    if counts.grid.dim == 2:
        sheet.map(counts.grid, counts.probabilities / counts.grid.cell_volume, f"density of {told}")
    elif counts.grid.dim > 2:
        draw_lines(counts.survivors, sheet, sheet.label(told))
    else:
        share, width = counts.probabilities, counts.grid.cell_volume
        error = np.sqrt(share * (1 - share) / counts.walkers)
        series = Series.measured(sheet.label(told), counts.grid.axes[0], share / width, error / width, joined=True)
        sheet.lines(Axis(sheet.name(0, 1)), Axis(_words(counts.grid, sheet)), series)
        sheet.from_zero()


@drawn_by(QuasiStationary)
def quasi_stationary(found: QuasiStationary, sheet: Sheet) -> None:
    """The law of those who stay, with the rate at which they leave."""
    _density_with(found.density, f"rate of leaving {found.rate:.4g} ± {found.rate.error:.1g}", sheet)


@drawn_by(NearestGibbs)
def nearest_gibbs(found: NearestGibbs, sheet: Sheet) -> None:
    """The Gibbs measure, with its temperature."""
    _density_with(found.density, f"T = {found.temperature:.4g} ± {found.temperature.error:.1g}", sheet)


def _density_with(density: Density, number: str, sheet: Sheet) -> None:
    """A density and the number that belongs to it."""
    if density.grid.dim == 2:
        sheet.map(density.grid, density.values, f"density, {number}")
        return
    draw_lines(density, sheet, sheet.label(number))


@drawn_by(LimitLaw)
def limit_law(law: LimitLaw, sheet: Sheet) -> None:
    """The densities of the classes that have one, and point masses as labelled stems with a scale on the right.

    Raises
    ------
    InputError
        In three dimensions or more.
    """
    smooth = [
        (c.law, weight) for c, weight in zip(law.classes, law.weights, strict=True) if isinstance(c, DensityClass)
    ]
    values = sum((weight * one.values for one, weight in smooth), start=np.zeros(law.grid.shape))
    require(law.grid.dim <= 2, "a limit law in more than two dimensions has no picture; draw its `density`")
    if law.grid.dim == 2:
        sheet.map(law.grid, values, "density beside the point masses")
        for point, weight in law.point_masses:
            sheet.axes.plot(*point.position, "o", color="k", mec="white", label=f"{weight:.3g} at one point")
        return
    if smooth:
        series = Series.predicted(sheet.label(), law.grid.axes[0], values)
        sheet.lines(Axis(sheet.name(0, 1)), Axis(_words(law.grid, sheet)), series)
        sheet.axes.set_ylim(bottom=0)
    if law.point_masses:
        draw_atoms(law, sheet, alone=not smooth)


def draw_atoms(law: LimitLaw, sheet: Sheet, *, alone: bool) -> None:
    """Point masses as stems, each with its weight, on an axis of their own where there is a density too."""
    axes = sheet.axes if alone else sheet.axes.twinx()
    colour = sheet.options.get("colour") or "k"
    for point, weight in law.point_masses:
        (place,) = point.position
        axes.plot([place, place], [0.0, weight], color=colour, marker="o", ms=3.5, markevery=[1])
        axes.annotate(
            f"{weight:.3g} at {place:.3g}", (place, weight), (0, 4), textcoords="offset points", ha="center",
            va="bottom", fontsize=rcParams["legend.fontsize"],
        )  # fmt: skip
    axes.set(xlim=(law.grid.lower[0], law.grid.upper[0]), ylim=(0, ATOM_ROOM), ylabel="mass of a point")
    axes.spines["right"].set_visible(True)
    if alone:
        axes.set_xlabel(sheet.name(0, 1))


@drawn_by(Evolution)
def evolution(laws: Evolution, sheet: Sheet) -> None:
    """The laws at all steps over each other, from light to dark; on a line only.

    Raises
    ------
    InputError
        Elsewhere.
    """
    require(
        len(laws) > 0 and laws[0].grid.dim == 1,
        "laws in time have a picture on a line; draw one of them at a time",
    )
    greys = np.linspace(*EVOLVED, len(laws))
    for index, (law, grey) in enumerate(zip(laws, greys, strict=True)):
        ends = {0: "first", len(laws) - 1: "last"}
        look = Look(f"{grey:.3f}")
        series = Series.predicted(
            sheet.label(ends.get(index, "")) if index in ends else "", law.grid.axes[0], law.values
        )
        sheet.lines(Axis(sheet.name(0, 1)), Axis(_words(law.grid, sheet)), series, looks=[look])


def draw_lines(law: Density, sheet: Sheet, label: str) -> None:
    """The density of a line, or all marginals over one axis."""
    dim = law.grid.dim
    lines = [law] if dim == 1 else [law.marginal(axis) for axis in range(dim)]
    names = [sheet.name(axis, dim) for axis in range(dim)]
    series = [
        _series(one, label if dim == 1 else f"{name}{', ' if label else ''}{label}")
        for one, name in zip(lines, names, strict=True)
    ]
    words = _words(lines[0].grid, sheet, names[0] if dim == 1 else "coordinate")
    sheet.lines(Axis(", ".join(names)), Axis(words), *series)
    sheet.from_zero()


def _series(law: Density, label: str) -> Series:
    """Steps with standard errors where there are samples, else a line."""
    x, values = law.grid.axes[0], law.values
    if law.samples is None:
        return Series.predicted(label, x, values)
    share = law.probabilities
    error = np.sqrt(share * (1 - share) / law.samples) / law.grid.cell_volume
    return Series.measured(label, x, values, error, joined=True)


def _words(grid: Grid, sheet: Sheet, name: str | None = None) -> str:
    return f"density (per unit of {name or sheet.name(0, grid.dim)})"


def _told(law: Density) -> str:
    """What a law says of its error."""
    if law.samples is not None:
        return f"{law.samples} walkers"
    return "" if not law.error else f"TV error {law.error:.1g}"


def _known(law: Density) -> str:
    told = _told(law)
    return f", {told}" if told else ""
