"""One observed law against several predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from compare.distances import Distance, Law, hellinger, kullback_leibler, total_variation, wasserstein
from compare.distances.contract import check_distance, judged
from compare.distances.masses import Masses
from theory.base.contracts import Part
from theory.base.errors import require
from theory.base.html import column_table
from theory.base.shares import percent
from theory.base.tables import text_table
from theory.laws import Draws, Ensemble, Grid, sample_grid
from theory.laws.density import MASS_TOLERANCE

if TYPE_CHECKING:
    import xarray as xr

DISTANCES: Mapping[str, Callable[..., Distance]] = MappingProxyType(
    {
        "total_variation": total_variation,
        "kullback_leibler": kullback_leibler,
        "hellinger": hellinger,
        "wasserstein": wasserstein,
    }
)
CANNOT_TELL = 0.5  # a total variation this large might go unseen: agreement would say nothing
COLUMNS = ("prediction", "total variation", "debiased", "floor", "interval", "verdict")
EVERY_COLUMN = (
    "prediction", "distance", "value", "floor", "ratio", "debiased", "interval", "grid error", "shows from",
    "verdict",
)  # fmt: skip
FIELDS = ("value", "debiased", "noise_floor", "low", "high", "grid_error", "standard_error", "detectable")


@dataclass(frozen=True, eq=False)
class Comparison:
    """The distances of an observed law from each prediction, with noise floors and intervals.

    Parameters
    ----------
    distances
        ``distances[prediction][distance]``, the distances being `total_variation`, `kullback_leibler`
        (observed from prediction), `hellinger` and `wasserstein`, then those of the user's own.
    confidence
        Of every interval, one at a time.
    walkers, lost
        Independent walkers of the observed sample, None for a computed law, and the fraction of it off the grid.
    """

    distances: Mapping[str, Mapping[str, Distance]] = field(repr=False)
    confidence: float
    walkers: int | None = None
    lost: float = 0.0

    def __repr__(self) -> str:
        parts = [self._heading()]
        for name in self.names:
            found = self._total_variation(name)
            told = f"total variation {found.value:.4g} (floor {found.noise_floor:.3g})"
            parts.append(f"{name} {self.verdict(name)}, {told}")
        return f"Comparison({'; '.join(parts)})"

    def _repr_html_(self) -> str:
        """A row for each prediction, as in `table`."""
        return column_table(self._heading(), self._columns(), self._rows(), *self._notes())

    @property
    def names(self) -> tuple[str, ...]:
        """The predictions, in the order given."""
        return tuple(self.distances)

    @property
    def noise_floor(self) -> dict[str, float]:
        """Noise floor of the total variation from each prediction."""
        return {name: self._total_variation(name).noise_floor for name in self.names}

    def agrees(self, name: str) -> bool:
        """Whether the verdict on a prediction is 'agrees'.

        Raises
        ------
        InputError
            As `verdict`.
        """
        return self.verdict(name) == "agrees"

    def verdict(self, name: str) -> str:
        """'differs', 'agrees', or 'cannot tell', from the total variation.

        'differs': its interval leaves out 0. 'agrees': it holds 0 and a total variation of 1/2 would have
        shown. 'cannot tell': even that might not have: take more walkers or a coarser grid.

        Raises
        ------
        InputError
            If `name` is no prediction of this comparison.
        """
        distance = self._total_variation(name)
        if distance.low > MASS_TOLERANCE:  # to which a Density is normalised
            return "differs"
        return "agrees" if distance.detectable < CANNOT_TELL else "cannot tell"

    def table(self, *, all_distances: bool = False) -> str:
        """Aligned text: the total variation from each prediction with debiased value, floor, interval and verdict.

        'debiased' is the value without what sampling adds on average. Distances of the user's own have a column.

        With `all_distances` every distance has a row, with its ratio to the floor, its grid error and 'shows
        from', the `Distance.detectable`. A grid error printed as 'unknown' is one of a Density that came without;
        it is not in the interval.
        """
        if not all_distances:
            return "\n".join([self._heading(), *text_table(self._columns(), self._rows()), *self._notes()])
        rows: list[tuple[str, ...]] = []
        for name in self.names:
            for index, (kind, distance) in enumerate(self.distances[name].items()):
                first = index == 0
                rows.append((name if first else "", kind, *_cells(distance), self.verdict(name) if first else ""))
        return "\n".join([self._heading(), *text_table(EVERY_COLUMN, rows)])

    def to_xarray(self) -> xr.Dataset:
        """The fields of every `Distance` with dims (prediction, distance), and the verdicts."""
        import xarray as xr  # half a second that only files need

        kinds = self._kinds()
        data = {
            name: (
                ("prediction", "distance"),
                np.array(
                    [[_number(getattr(self.distances[p][kind], name)) for kind in kinds] for p in self.names]
                ).reshape(len(self.names), len(kinds)),
            )
            for name in (*FIELDS, "grid_error_known")
        }
        verdicts = ("prediction", [self.verdict(name) for name in self.names])
        attributes: dict[str, float] = {"confidence": self.confidence, "lost": self.lost}
        if self.walkers is not None:
            attributes["walkers"] = self.walkers
        return xr.Dataset(
            {**data, "verdict": verdicts}, {"prediction": list(self.names), "distance": kinds}, attributes
        )

    def _total_variation(self, name: str) -> Distance:
        require(name in self.distances, f"`name` must be one of {', '.join(self.names)}, got {name!r}")
        return self.distances[name]["total_variation"]

    def _kinds(self) -> list[str]:
        """The distances, those of the user's own last."""
        return list(next(iter(self.distances.values()), DISTANCES))

    def _columns(self) -> tuple[str, ...]:
        return (*COLUMNS, *(kind.replace("_", " ") for kind in self._kinds() if kind not in DISTANCES))

    def _rows(self) -> list[tuple[str, ...]]:
        """Of each prediction the total variation, and the values of the user's own distances."""
        rows: list[tuple[str, ...]] = []
        for name in self.names:
            value, floor, _, debiased, interval, *_ = _cells(self._total_variation(name))
            own = [f"{one.value:.4g}" for kind, one in self.distances[name].items() if kind not in DISTANCES]
            rows.append((name, value, debiased, floor, interval, self.verdict(name), *own))
        return rows

    def _notes(self) -> list[str]:
        """Whose interval lacks an error that nobody knows."""
        unknown = [name for name in self.names if not self._total_variation(name).grid_error_known]
        return [f"no interval holds the error of {', '.join(unknown)}, which is not known"] if unknown else []

    def _heading(self) -> str:
        intervals = f"{percent(self.confidence)} intervals"
        if self.walkers is None:
            return f"observed: a computed law; {intervals}"
        return f"observed: {self.walkers} walkers, {percent(self.lost, 3)} of them lost; {intervals}"


def compare_laws(
    observed: Law | Ensemble | Draws,
    predictions: Mapping[str, Law | Ensemble | Draws],
    *,
    confidence: float = 0.95,
    distances: Mapping[str, Callable[..., Distance]] | None = None,
) -> Comparison:
    """The four distances of `observed` from every prediction, and what noise and mesh make of them.

    Ensembles are counted, at their last time, and draws of chains, all of them, on the grid of the first law that
    has one: `observed`, or else the first such prediction; where all are samples, in 1 or 2 dimensions, on
    `sample_grid` of them. Draws of chains count by their effective size. The Kullback-Leibler divergence is
    KL(observed || prediction). Each interval has its `confidence` alone, not all of them together. The verdict is
    that of the total variation.

    Parameters
    ----------
    distances
        Further ones of the user's own by name, each a `LawDistance`.

    Raises
    ------
    InputError
        If there is no prediction, the grids differ, all are samples in 3 dimensions or more, or a distance of the
        user's own has no name of one line, one that is taken, or does not keep its contract.
    """
    require(len(predictions) > 0, "`predictions` must name at least one law, got none")
    own = {} if distances is None else {name: Part.of("distance", one) for name, one in distances.items()}
    unnamed = [name for name in own if not name.strip() or len(name.splitlines()) > 1]
    require(not unnamed, f"`distances` must have names of one line, got {unnamed}; take words such as 'coarse'")
    taken = sorted(own.keys() & DISTANCES)
    require(not taken, f"`distances` must have names of their own, got {', '.join(taken)}; take another name")
    grid = _grid((observed, *predictions.values()))
    gridded = {name: _counted(law, grid) for name, law in predictions.items()}
    for name, law in gridded.items():
        require(
            law.grid == grid,
            f"`predictions` must be on one grid with the observed law, got {name!r} on {law.grid} "
            f"and not {grid}; coarsen the finer",
        )
    seen = _counted(observed, grid)
    for part in own.values():
        check_distance(part.value, seen)
    found = {
        name: {kind: distance(seen, law, confidence=confidence) for kind, distance in DISTANCES.items()}
        | {kind: judged(part, seen, law, confidence) for kind, part in own.items()}
        for name, law in gridded.items()
    }
    masses = Masses.of(seen)
    return Comparison(found, confidence, masses.walkers, float(masses.probabilities[-1]))


def _grid(laws: Sequence[Law | Ensemble | Draws]) -> Grid:
    """The grid of the first law that has one, or that of samples."""
    for law in laws:
        if not isinstance(law, Ensemble | Draws):
            return law.grid
    samples = [law for law in laws if isinstance(law, Ensemble | Draws)]
    dims = {one.dim for one in samples}
    require(
        max(dims) <= 2,
        f"samples alone are compared on a grid in 1 or 2 dimensions, got Ensembles only, of {max(dims)}; "
        "`project` them first, count them with `histogram(grid)`, or take `two_sample_test`",
    )
    return sample_grid(samples)


def _counted(law: Law | Ensemble | Draws, grid: Grid) -> Law:
    return law.histogram(grid) if isinstance(law, Ensemble | Draws) else law


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _cells(distance: Distance) -> tuple[str, ...]:
    finite = 0 < distance.noise_floor < float("inf")
    return (
        f"{distance.value:.4g}",
        f"{distance.noise_floor:.4g}",
        f"{distance.value / distance.noise_floor:.3g}" if finite else "-",
        "-" if distance.debiased is None else f"{distance.debiased:.4g}",
        f"[{distance.low:.4g}, {distance.high:.4g}]",
        f"{distance.grid_error:.2g}" if distance.grid_error_known else "unknown",
        f"{distance.detectable:.3g}",
    )
