"""A validity map: what was measured over two numbers, in cells of different size, with its lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from compare.maps.borders import Border
from compare.maps.cells import Cell
from compare.maps.refinement import AGREES, shown
from compare.pictures import Axis, Curve, Mosaic, Picture
from compare.sweeps.laws.predicted import LAWS
from compare.sweeps.laws.reason import Code
from theory.base.arrays import Array, Integers
from theory.base.errors import require

if TYPE_CHECKING:
    import xarray as xr

NAMES = {
    "fokker_planck": "Fokker–Planck",
    "langevin": "Langevin",
    "gibbs": "nearest Gibbs",
    "posterior": "posterior",
}
SYMBOLS = {
    "learning_rate": r"learning rate $\eta$",
    "batch_size": "batch size $B$",
    "temperature": "temperature $T$",
    "noise_std": r"label noise $\sigma$",
    "posterior_examples": "examples $n$",
    "data_examples": "examples $n$",
    "momentum": r"momentum $\mu$",
}
DECADES = 3.0  # of total variation, that are shown
VALUE = "total variation from SGD"


@dataclass(frozen=True, eq=False)
class ValidityMap:
    """Total variation of SGD from laws of theory over two numbers of a study, and why a law does not exist.

    Parameters
    ----------
    data
        Every variable of the measure on the lattice of both ranges, NaN where nothing was measured; `cell` is the
        number of the cell that a place belongs to, `measured` says whether it is the one that was measured there.
    cells
        The cells in their order.
    borders
        The lines: of instability, lost variance and collapse.
    logarithmic
        Whether each range is shown by its logarithm.
    """

    data: xr.Dataset = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)
    borders: tuple[Border, ...] = field(repr=False)
    logarithmic: tuple[bool, bool]

    @staticmethod
    def of(
        data: xr.Dataset,
        owner: Integers,
        cells: Sequence[Cell],
        found: Sequence[Border],
        logarithmic: tuple[bool, bool],
    ) -> ValidityMap:
        """The map of these cells; `owner` has the shape of the lattice."""
        measured = np.zeros(owner.shape, dtype=bool)
        for cell in cells:
            measured[cell.at] = True
        dims = tuple(str(dim) for dim in data.dims)
        marked = data.assign(
            cell=(dims, owner, {"long_name": "number of the cell that a place belongs to"}),
            measured=(dims, measured, {"long_name": "whether the cell was measured at this place"}),
        )
        return ValidityMap(marked, tuple(cells), tuple(found), logarithmic)

    def __repr__(self) -> str:
        x, y = self.names
        lines = ", ".join(border.name for border in self.borders)
        return f"ValidityMap({x} x {y}, points={len(self.cells)}, of={self.data.cell.size}, lines=[{lines}])"

    @property
    def names(self) -> tuple[str, str]:
        """The numbers along both axes."""
        x, y = (str(dim) for dim in self.data.cell.dims)
        return x, y

    @property
    def laws(self) -> tuple[str, ...]:
        """The laws that were asked for anywhere on the map."""
        asked = [name for name in LAWS if f"{name}_reason" in self.data]
        there = [c for c in self.cells if not self.data["sgd_reason"].to_numpy()[c.at]] or self.cells
        silent = {Code.NOT_ASKED.value}
        return tuple(law for law in asked if {shown(self.data, law, c.at).kind for c in there} != silent)

    def to_xarray(self) -> xr.Dataset:
        """The data set, with the lines in the attribute `borders` as JSON."""
        told = [
            {"name": one.name, "label": one.label, "pieces": [piece.tolist() for piece in one.pieces]}
            for one in self.borders
        ]
        return self.data.assign_attrs(borders=json.dumps(told))

    def picture(self, laws: Sequence[str] | None = None) -> Picture:
        """A panel for each law on one scale, with the lines, and reasons in colours of their own.

        Raises
        ------
        InputError
            If a law is none of the map.
        """
        chosen = self.laws if laws is None else tuple(laws)
        unknown = [law for law in chosen if law not in self.laws]
        require(not unknown and len(chosen) > 0, f"`laws` must be of {', '.join(self.laws)}, got {chosen}")
        x, y = self.names
        return Picture(
            [self._panel(law) for law in chosen],
            f"Total variation of SGD from laws of theory over {_words(x)} and {_words(y)}: "
            f"{self.data.attrs['title']}. Dots: no difference is seen. {len(self.cells)} points were measured.",
            columns=len(chosen) if len(chosen) != 4 else 2,
            share_x=True,
            share_y=True,
        )

    def _panel(self, law: str) -> Mosaic:
        found = [shown(self.data, law, cell.at) for cell in self.cells]
        value = self.data[f"{law}_total_variation"].to_numpy() if f"{law}_total_variation" in self.data else None
        numbers = [np.nan if value is None else float(value[cell.at]) for cell in self.cells]
        kinds = [one.kind for one in found]
        exists = np.isfinite(numbers)
        reasons = tuple(sorted({kind for kind, there in zip(kinds, exists, strict=True) if not there}))
        x, y = (
            Axis(SYMBOLS.get(name, _words(name)), log)
            for name, log in zip(self.names, self.logarithmic, strict=True)
        )
        return Mosaic(
            x,
            y,
            edges=self._edges(),
            values=np.array(numbers),
            reasons=np.array([-1 if there else reasons.index(k) for k, there in zip(kinds, exists, strict=True)]),
            reason_names=reasons,
            marked=np.array([kind == AGREES for kind in kinds]),
            curves=[Curve(one.label, piece[:, 0], piece[:, 1]) for one in self.borders for piece in one.pieces],
            value_label=VALUE,
            title=NAMES[law],
            decades=DECADES,
        )

    def _edges(self) -> Array:
        """Left, right, lower and upper side of every cell, shape (cells, 4)."""
        sides = [
            _between(self.data[name].to_numpy().astype(float), log)
            for name, log in zip(self.names, self.logarithmic, strict=True)
        ]
        return np.array(
            [(sides[0][c.x.begin], sides[0][c.x.end], sides[1][c.y.begin], sides[1][c.y.end]) for c in self.cells]
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _between(values: Array, logarithmic: bool) -> Array:
    """The sides of cells about each of the numbers, shape (n + 1,)."""
    places = np.log(values) if logarithmic else values
    if len(places) == 1:
        sides = places[0] + np.array([-0.5, 0.5])
    else:
        middle = (places[1:] + places[:-1]) / 2
        sides = np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])
    return np.asarray(np.exp(sides) if logarithmic else sides)
