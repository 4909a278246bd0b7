"""Which cells of a map are split: those on either side of a border of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compare.maps.cells import Cell, neighbours, owners
from compare.sweeps.laws.predicted import LAWS
from compare.sweeps.laws.reason import code_of

if TYPE_CHECKING:
    import xarray as xr

AGREES, DIFFERS = "agrees", "differs"


@dataclass(frozen=True)
class Found:
    """What a cell shows of a law: 'agrees', 'differs', or why there is none, and the logarithm of its distance."""

    kind: str
    decades: float


def shown(data: xr.Dataset, law: str, place: tuple[int, int]) -> Found:
    """What was found at a place of the data set."""
    reason = str(data[f"{law}_reason"].to_numpy()[place]) or str(data["failure"].to_numpy()[place])
    if reason:
        code = code_of(reason) if data[f"{law}_reason"].to_numpy()[place] else None
        return Found("failed" if code is None else code.value, np.nan)
    value, error, floor, excess = (
        float(data[f"{law}_{kind}"].to_numpy()[place]) for kind in ("total_variation", "error", "floor", "excess")
    )
    return Found(DIFFERS if excess > error else AGREES, float(np.log10(max(value, floor))))


def to_split(cells: Sequence[Cell], shape: tuple[int, int], data: xr.Dataset, step: float) -> set[int]:
    """Numbers of the cells that differ in kind from a neighbour in any law, or by more than `step` decades.

    Distances below their floor count as the floor: noise asks for no cell.
    """
    found = {law: [shown(data, law, cell.at) for cell in cells] for law in LAWS if f"{law}_reason" in data}
    split = set()
    for first, second in neighbours(owners(cells, shape)):
        for one in found.values():
            a, b = one[first], one[second]
            if a.kind != b.kind or abs(a.decades - b.decades) > step:
                split |= {first, second}
    return {number for number in split if not cells[number].whole}
