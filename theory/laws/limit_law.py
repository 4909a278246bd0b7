"""What a Fokker-Planck equation settles to: recurrent classes, limit laws, and the refusal."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from theory.base.arrays import Array
from theory.base.showing import told
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.stored import Stored, axes_of, described, grid_of

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class PointMass:
    """A recurrent class that is one point: walkers converge to `position` (length d) and stay."""

    position: tuple[float, ...]
    reason: str

    def density(self, grid: Grid) -> Density:
        """The cell of `grid` that holds the point, as a density.

        Raises
        ------
        InputError
            If the point lies outside the grid, or is of another dimension.
        """
        cell, _ = grid.locate(np.array(self.position))
        values = np.zeros(grid.shape)
        values.flat[int(cell)] = 1.0
        return Density.normalised(grid, values, error=0.0, cell_averages=True)

    def describe(self) -> str:
        """One line in words."""
        place = ", ".join(f"{x:.6g}" for x in self.position)
        return f"point mass at {place}: {self.reason}"


@dataclass(frozen=True, eq=False)
class DensityClass:
    """A recurrent class with a density of its own; `region` says where in words, such as '(-4, -0.6)'."""

    law: Density = field(repr=False)
    region: str

    def __repr__(self) -> str:
        return told("DensityClass", region=self.region, law=self.law)

    def density(self, grid: Grid) -> Density:
        """Its law; `grid` must be the one it was solved on."""
        assert grid == self.law.grid
        return self.law

    def describe(self) -> str:
        """One line in words."""
        return f"density on {self.region}"


UNSURE = 1e-3  # of a dimension: closer to that of the grid it decides nothing


@dataclass(frozen=True, eq=False)
class MassClass(DensityClass):
    """A recurrent class known by the masses of its cells alone: its law may have no density.

    Parameters
    ----------
    wasserstein_error
        Of the law on the nodes that it was computed on, in the units of w; `law` has those masses cell by cell.
    dimension
        The most that the dimension of the measure can be; infinite where nobody bounds it.
    """

    wasserstein_error: float = math.nan
    dimension: float = math.inf

    def __repr__(self) -> str:
        return told(
            "MassClass", region=self.region, law=self.law, wasserstein_error=self.wasserstein_error,
            dimension=self.dimension,
        )  # fmt: skip

    @property
    def singular(self) -> bool:
        """Whether the measure is known to have no density: its dimension is below that of the grid."""
        return self.dimension < self.law.grid.dim - UNSURE

    def describe(self) -> str:
        """One line in words."""
        if self.singular:
            return f"law without a density on {self.region}, of dimension {self.dimension:.3g} at most"
        return f"law on {self.region}"


RecurrentClass = PointMass | DensityClass


@dataclass(frozen=True, eq=False)
class LimitLaw(Stored):
    """The law at infinite time from a given start: recurrent classes with their weights, which sum to 1."""

    grid: Grid
    classes: tuple[RecurrentClass, ...]
    weights: tuple[float, ...]

    def __repr__(self) -> str:
        pairs = zip(self.classes, self.weights, strict=True)
        parts = ", ".join(f"{weight:.6g} of the {part.describe()}" for part, weight in pairs)
        return told("LimitLaw", grid=self.grid, classes=len(self.classes), weights=parts)

    @property
    def point_masses(self) -> tuple[tuple[PointMass, float], ...]:
        """The point masses with their weights."""
        pairs = zip(self.classes, self.weights, strict=True)
        return tuple((c, weight) for c, weight in pairs if isinstance(c, PointMass))

    @property
    def density(self) -> Density:
        """The mixture on the grid, each point mass spread over the cell that holds it; then all are averages."""
        parts = [c.density(self.grid) for c in self.classes]
        if len(parts) == 1:
            return parts[0]
        averages = any(part.cell_averages for part in parts)
        if averages:
            parts = [part.averaged() for part in parts]
        values: Array = sum(
            (weight * part.values for weight, part in zip(self.weights, parts, strict=True)),
            start=np.zeros(self.grid.shape),
        )
        known = [part.error + part.reading_error for part in parts if part.error is not None]
        kind = True if averages else parts[0].cell_averages
        mixed = Density.normalised(self.grid, values, cell_averages=kind)
        if len(known) < len(parts):
            return mixed
        masses: Array = sum(
            (weight * part.probabilities for weight, part in zip(self.weights, parts, strict=True)),
            start=np.zeros(self.grid.shape),
        )
        missed = float(np.abs(mixed.probabilities - masses).sum() / 2)  # that values at the centres do not tell
        error = min(1.0, sum(map(float.__mul__, self.weights, known)) + missed)
        return replace(mixed, error=error, reading_counted=kind is False)

    def coarsen(self, factor: int) -> LimitLaw:
        """The same law on cells joined by `factor` along each axis."""
        coarse = tuple(
            replace(c, law=c.law.coarsen(factor)) if isinstance(c, DensityClass) else c for c in self.classes
        )
        return LimitLaw(self.grid.coarsened(factor), coarse, self.weights)

    def to_xarray(self) -> xr.Dataset:
        """The densities of the classes that have one, as `density0`, ...; points and words as JSON `classes`."""
        import xarray as xr  # half a second that only files need

        parts = [
            {"position": part.position, "reason": part.reason}
            if isinstance(part, PointMass)
            else {"region": part.region} | _more(part)
            for part in self.classes
        ]
        laws = {
            f"density{k}": part.law.to_xarray()
            for k, part in enumerate(self.classes)
            if isinstance(part, DensityClass)
        }
        facts = {"classes": json.dumps(parts), "weights": list(self.weights), "cells": list(self.grid.cells)}
        return xr.Dataset(laws, axes_of(self.grid), described("LimitLaw", self.grid, **facts))

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        grid = grid_of(data.attrs, tuple(np.atleast_1d(data.attrs["cells"]).tolist()))
        parts: list[RecurrentClass] = []
        for k, part in enumerate(json.loads(data.attrs["classes"])):
            if "region" in part:
                law = Density.from_xarray(data[f"density{k}"].rename("density"))
                kind = MassClass if "dimension" in part else DensityClass
                parts.append(kind(law, part.pop("region"), **{name: float(word) for name, word in part.items()}))
            else:
                parts.append(PointMass(tuple(part["position"]), part["reason"]))
        return cls(grid, tuple(parts), tuple(np.atleast_1d(data.attrs["weights"]).tolist()))


def _more(part: DensityClass) -> dict[str, str]:
    """What a class without a density has beside its region, as words, since JSON knows no infinity."""
    if not isinstance(part, MassClass):
        return {}
    return {"wasserstein_error": repr(part.wasserstein_error), "dimension": repr(part.dimension)}


class NoStationaryDensity(ArithmeticError):
    """There is no unique stationary density; `reason` says why with the figures.

    Parameters
    ----------
    reason
        One line: what was found and what to do instead.
    classes
        The recurrent classes, where they were found.
    density
        What was computed before the refusal, or None.
    leak
        Share of the walkers that leaves the grid in a step, where that is the reason.
    """

    def __init__(
        self,
        reason: str,
        classes: Sequence[RecurrentClass] = (),
        density: Density | None = None,
        leak: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.classes = tuple(classes)
        self.density = density
        self.leak = leak
