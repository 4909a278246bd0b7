"""The limit of a step rule that remembers: an equation on the space of the place and its memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.base.errors import require
from theory.base.showing import as_call
from theory.equations.langevin import Drift, Langevin


@dataclass(frozen=True)
class EnlargedLangevin(Langevin):
    """dy = b dt + sqrt(2 D) dW for y = (w, memory), Ito: what step rules with averages follow.

    It is a `Langevin` equation in so many dimensions, whose landscape is L(w): paths, schemes and, where y has few
    dimensions, grids take it as any other. `begin` makes starts of places w, `places` takes w out of y.

    Parameters
    ----------
    landscape, diffusion, interpretation, extra_drift
        As those of `Langevin`, in all dimensions.
    parts
        Names of the parts of y and the dimension of each, the first of which is w: (("w", d), ("v", d)).
    settled
        What the memory comes to rest at while w is held: w (..., d) to y (..., D).

    Raises
    ------
    InputError
        As `Langevin`, or if the parts do not have its dimension.
    """

    parts: tuple[tuple[str, int], ...] = ()
    settled: Drift | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        together = sum(size for _, size in self.parts)
        require(
            together == self.dim and self.settled is not None,
            f"`parts` must have {self.dim} dimensions together and `settled` be given, got {self.parts}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts: "w" first."""
        return tuple(name for name, _ in self.parts)

    def part(self, y: ArrayLike, name: str = "w") -> Array:
        """A part of y (..., D) by its name, shape (..., its dimension): by default the places w (..., d).

        Raises
        ------
        InputError
            If there is no such part, or the last axis of `y` is not of length D.
        """
        require(name in self.names, f"`name` must be one of {', '.join(self.names)}, got {name!r}")
        points, first = points_of(y, self.dim), 0
        for other, size in self.parts:
            if other == name:
                return points[..., first : first + size]
            first += size
        raise AssertionError

    def begin(self, start: ArrayLike, memory: Mapping[str, ArrayLike] | None = None) -> Array:
        """Starts y (walkers, D) at places w (walkers, d), with parts of `memory` by their names.

        A part that is not given has settled: "v" at the mean square of the gradient, "m" at its mean, "t", the
        time since the averages began at 0, at one so late that their corrections have died out.

        Raises
        ------
        InputError
            If a part is not known, does not fit, or is not finite, or a square or the time is negative.
        """
        assert self.settled is not None
        places = finite(start, "start")
        y = np.array(self.settled(points_of(places, self.parts[0][1])))
        for name, given in (memory or {}).items():
            require(
                name in self.names[1:],
                f"`memory` must be of {', '.join(self.names[1:])}, got {name!r}; leave it out",
            )
            part, values = self.part(y, name), finite(given, name)
            require(
                values.ndim <= part.ndim and np.broadcast_shapes(values.shape, part.shape) == part.shape,
                f"`memory` of {name!r} must have the shape {part.shape} or one number, got {values.shape}",
            )
            require(
                name not in ("v", "t") or bool((values >= 0).all()),
                f"`memory` of {name!r} must not be negative, got {values.min(initial=0.0):.3g}",
            )
            part[...] = values
        return y
