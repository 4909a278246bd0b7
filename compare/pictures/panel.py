"""A panel: series of numbers over one axis, each with what it is and how well it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import require


class Role(Enum):
    """What a series is in an argument."""

    MEASURED = "measured"
    PREDICTED = "predicted"
    CONTROL = "control"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Axis:
    """What an axis shows: its label, in which mathematics stands between dollars, and its scale.

    Parameters
    ----------
    limits
        Lowest and highest that are shown; None: all there is.
    names
        In place of the numbers 0, 1, 2, ..., where these are cases.

    Raises
    ------
    InputError
        If the limits are not in order, or a logarithmic axis does not begin above 0 or has names.
    """

    label: str
    logarithmic: bool = False
    limits: tuple[float, float] | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        require(not (self.names and self.logarithmic), "a logarithmic axis has no names, got `names`")
        if self.limits is not None:
            low, high = self.limits
            require(low < high, f"`limits` must be lowest and highest, got {self.limits}")
            require(low > 0 or not self.logarithmic, f"a logarithmic axis must begin above 0, got {low}")


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers y over x with a label.

    Parameters
    ----------
    x, y
        Of one length (n,). NaN in y leaves a gap.
    low, high
        The ends of the intervals (n,), where the numbers have any.
    joined
        Whether the points are those of a curve; those of separate measurements are not.

    Raises
    ------
    InputError
        If the lengths differ, or one end of the intervals is missing.
    """

    label: str
    x: Array = field(repr=False)
    y: Array = field(repr=False)
    role: Role = Role.MEASURED
    low: Array | None = field(default=None, repr=False)
    high: Array | None = field(default=None, repr=False)
    joined: bool = True

    def __post_init__(self) -> None:
        require((self.low is None) == (self.high is None), "`low` and `high` come together, got one of them")
        for name in ("x", "y", "low", "high"):
            values = getattr(self, name)
            if values is None:
                continue
            array = read_only(np.atleast_1d(values))
            length = len(np.atleast_1d(self.x))
            require(array.shape == (length,), f"`{name}` must have the shape ({length},), got {array.shape}")
            object.__setattr__(self, name, array)

    @classmethod
    def measured(
        cls, label: str, x: ArrayLike, y: ArrayLike, error: ArrayLike | None = None, *, joined: bool = False
    ) -> Series:
        """What was measured: `x`, `y` and the half widths `error` of intervals, where there are any, all (n,)."""
        return cls._of(label, x, y, Role.MEASURED, error, joined)

    @classmethod
    def predicted(cls, label: str, x: ArrayLike, y: ArrayLike, error: ArrayLike | None = None) -> Series:
        """What theory says: `x`, `y` and the half widths `error` that it leaves open, where it does, all (n,)."""
        return cls._of(label, x, y, Role.PREDICTED, error, True)

    @classmethod
    def control(
        cls, label: str, x: ArrayLike, y: ArrayLike, error: ArrayLike | None = None, *, joined: bool = False
    ) -> Series:
        """What must come out differently: `x`, `y` and the half widths `error` of intervals, all (n,)."""
        return cls._of(label, x, y, Role.CONTROL, error, joined)

    @classmethod
    def _of(
        cls, label: str, x: ArrayLike, y: ArrayLike, role: Role, error: ArrayLike | None, joined: bool
    ) -> Series:
        places, values = read_only(np.atleast_1d(x)), read_only(np.atleast_1d(y))
        if error is None:
            return cls(label, places, values, role, joined=joined)
        half = np.broadcast_to(np.asarray(error, dtype=np.float64), values.shape)
        return cls(label, places, values, role, values - half, values + half, joined)


@dataclass(frozen=True)
class Mark:
    """A line across a panel at one `position` of an axis, with a label: a threshold, a minimum."""

    position: float
    label: str
    vertical: bool = True


@dataclass(frozen=True, eq=False)
class Panel:
    """Series over one pair of axes.

    Raises
    ------
    InputError
        If there is no series.
    """

    x: Axis
    y: Axis
    series: Sequence[Series] = field(repr=False)
    title: str = ""
    marks: Sequence[Mark] = ()

    def __post_init__(self) -> None:
        require(len(self.series) > 0, "a panel needs at least one series, got none")
        object.__setattr__(self, "series", tuple(self.series))
        object.__setattr__(self, "marks", tuple(self.marks))
