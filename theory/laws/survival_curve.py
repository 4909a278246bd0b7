"""How many walkers are still there, time by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from theory.base.arrays import Array, read_only
from theory.base.errors import require
from theory.base.showing import span, told
from theory.laws.stored import Stored, described

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class SurvivalCurve(Stored):
    """The share of the walkers that are still there at each time; `share, error = curve` takes it apart.

    Parameters
    ----------
    times
        Shape (times,), read-only, as the others are.
    share
        In [0, 1], shape (times,).
    error
        Estimated error of each share, shape (times,); NaN where nobody can tell.

    Raises
    ------
    InputError
        If the three do not have one shape.
    """

    times: Array = field(repr=False)
    share: Array = field(repr=False)
    error: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("times", "share", "error"):
            frozen = read_only(getattr(self, name))
            shape = np.shape(self.times)
            require(
                frozen.shape == shape and frozen.ndim == 1,
                f"`{name}` must have one dimension, as the times of shape {shape}, got shape {frozen.shape}",
            )
            object.__setattr__(self, name, frozen)

    def __repr__(self) -> str:
        return told("SurvivalCurve", times=span(self.times), share=span(self.share), error=span(self.error))

    def __iter__(self) -> Iterator[Array]:
        return iter((self.share, self.error))

    def __getitem__(self, place: int) -> Array:
        return (self.share, self.error)[place]

    def __len__(self) -> int:
        return 2

    def to_xarray(self) -> xr.Dataset:
        """The shares with their errors, and the coordinate `time`."""
        import xarray as xr  # half a second that only files need

        arrays = {"share": (["time"], self.share), "error": (["time"], self.error)}
        return xr.Dataset(arrays, {"time": self.times}, described("SurvivalCurve"))

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        return cls(data["time"].values, data["share"].values, data["error"].values)
