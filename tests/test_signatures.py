"""One order of arguments: the object, the grid, numbers; randomness by keyword."""

from __future__ import annotations

import importlib
import inspect

from sources import FACES

from theory import Grid, Landscape

NUMBERS = {"float", "int", "ArrayLike", "Array", "Integers", "float | None", "int | None", "ArrayLike | None"}
# Laws of a number, and of samples, which come before the grid since the first release.
NUMBER_BEFORE_GRID = {
    "Density.from_samples",
    "Histogram.from_samples",
    "energy_coefficient",
    "free_energy",
    "gaussian",
    "gibbs",
    "locate_minimum",
    "mean_energy",
    "posterior",
    "posterior_mass",
    "wbic",
}
RNG_BY_PLACE = {"draw_data"}


def callables():
    """Public functions, and the static methods of public classes, by name."""
    for face in FACES:
        module = importlib.import_module(face)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield name, inspect.unwrap(value)
            elif inspect.isclass(value) and value.__module__.partition(".")[0] in ("theory", "simulate"):
                for method, member in vars(value).items():
                    if isinstance(member, staticmethod) and not method.startswith("_"):
                        yield f"{name}.{method}", inspect.unwrap(member.__func__)


def number_before_grid(function):
    """Whether a number that can be given by place stands before the grid."""
    places = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    kinds = [str(p.annotation) for p in places]
    grids = [k for k, kind in enumerate(kinds) if kind in ("Grid", "Grid | None")]
    return bool(grids) and any(kind in NUMBERS for kind in kinds[: grids[0]])


def rng_by_place(function):
    parameters = inspect.signature(function).parameters
    return "rng" in parameters and parameters["rng"].kind is not inspect.Parameter.KEYWORD_ONLY


def test_numbers_follow_the_grid():
    assert {name for name, function in callables() if number_before_grid(function)} == NUMBER_BEFORE_GRID


def test_randomness_comes_by_keyword():
    assert {name for name, function in callables() if rng_by_place(function)} == RNG_BY_PLACE


def test_a_wrong_order_is_seen():
    def wrong(landscape: Landscape, temperature: float, grid: Grid, rng: object) -> None:
        pass

    def right(landscape: Landscape, grid: Grid, temperature: float, *, rng: object) -> None:
        pass

    assert number_before_grid(wrong)
    assert rng_by_place(wrong)
    assert not number_before_grid(right)
    assert not rng_by_place(right)


def test_all_can_be_given_by_keyword():
    closed = {
        f"{name}({p.name})"
        for name, function in callables()
        for p in inspect.signature(function).parameters.values()
        if p.kind is p.POSITIONAL_ONLY
    }
    assert closed == set()
