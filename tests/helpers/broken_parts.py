"""Ways in which the methods of a part of a user's own break their contract."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import own_parts

from simulate import (
    SGD,
    draw_data,
    run_sgd,
)
from theory import (
    Ensemble,
    Grid,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    gibbs,
    sample_paths,
)
from theory.base.arrays import Array

LINE, START = Grid(-2.0, 2.0, 24), np.linspace(-1.0, 1.1, 12)[:, None]
WELL, PLAIN = SymbolicLandscape("w**2/2"), ProductModel("w - 1/2")
NOISY = NoisyGradient(WELL, Isotropic(1.0, 1))
SDE = Langevin(WELL, Isotropic(0.3, 1))
LAW = gibbs(WELL, 0.3, LINE)


def seeded() -> np.random.Generator:
    return np.random.default_rng(1)


DATA = draw_data(PLAIN, 20, seeded())


def fails(*arguments: Any, **named: Any) -> float:
    return 1 / 0


def text(*arguments: Any, **named: Any) -> str:
    return "a"


def nothing(*arguments: Any, **named: Any) -> None:
    return None


def changes(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which spoils the points that it is given."""

    def method(self: Any, w: Array, *rest: Any) -> Array:
        found = np.array(function(self, w, *rest))
        w += 1.0
        return found

    return method


def below(self: Any, w: Array, *rest: Any) -> Array:
    return -np.ones((*w.shape, 1))


def ones(self: Any, w: Array, *rest: Any) -> Array:
    return np.ones((*w.shape, 1))


def wild(self: Any, w: Array, *rest: Any) -> Array:
    return np.random.default_rng().normal(size=w.shape)


GENERAL: dict[
    str, Any
] = {  # of a method of points w (..., 1) whose right answer has one number a point, whatever its tail
    "raises": fails,
    "text": text,
    "None": nothing,
    "a scalar": lambda self, w, *rest: 1.0,
    "another shape": lambda self, w, *rest: np.zeros((*w.shape, 3, 2)),
    "one point": lambda self, w, *rest: np.zeros((1, 1)),
    "complex": lambda self, w, *rest: w * 1j,
    "objects": lambda self, w, *rest: np.full(w.shape, None),
    "a generator": lambda self, w, *rest: (x for x in (1.0,)),
    "no argument": lambda self: 1.0,
    "only one number": lambda self, w, *rest: math.exp(w),
}


Doors = dict[str, tuple[type, dict[str, dict[str, Any]], dict[str, Callable[[Any], Any]]]]


def spoils(name: str, ways: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Broken versions of the method or attribute `name`."""
    return {f"{name}: {key}": {name: spoilt} for key, spoilt in ways.items()}


def of_points(name: str, right: Callable[..., Any], **more: Any) -> dict[str, dict[str, Any]]:
    """Broken versions of the method `name` of points."""
    return spoils(name, GENERAL | {"changes w": changes(right)} | more)


def broken(base: type, spoilt: dict[str, Any]) -> Any:
    """An instance of `base` with other methods."""
    return type("Mine", (base,), spoilt)()


def sgd_of(model: Any) -> Ensemble:
    return run_sgd(model, SGD(0.1, 4), START, steps=2, rng=seeded())


def paths_of(sde: Any, **options: Any) -> Ensemble:
    return sample_paths(sde, START, dt=0.01, steps=2, rng=seeded(), **options)


Well, Laplace, Rising = own_parts.Well, own_parts.Laplace, own_parts.Rising
