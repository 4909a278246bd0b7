"""Contracts of parts of the user's own: what each must give is tried at the door, at a few points.

The classes of these packages keep them by their tests and are not tried.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np

from theory.base.arguments.answers import ONE_ONLY, answer, inner_of, is_ours, takes
from theory.base.arguments.numbers import MISFIT, number
from theory.base.arguments.words import repr_of, shown
from theory.base.arrays import Array, Booleans
from theory.base.errors import InputError
from theory.base.matrices import asymmetry
from theory.base.trials import SEED

SAME: Final = 1e-5  # relative difference that the order of a sum may make, in single precision too
WILD: Final = 1e10  # a coordinate beyond is on its way to infinity


@dataclass(frozen=True)
class Kept:
    """A part keeps its contract: what was tried, in words."""

    part: str
    clauses: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.part} keeps its contract:", *(f"- {clause}" for clause in self.clauses)])


@dataclass(frozen=True)
class Part:
    """A part of the user's own under trial: `role` is what it serves as."""

    role: str
    value: Any

    @staticmethod
    def of(role: str, value: Any) -> Part:
        """The part itself, without what stands for it."""
        return Part(role, inner_of(value))

    @property
    def ours(self) -> bool:
        """Whether its class, or one that it extends, belongs to these packages."""
        return is_ours(self.value)

    @property
    def name(self) -> str:
        """What messages call it."""
        named = getattr(self.value, "__name__", None) if callable(self.value) else None
        return f"the {self.role} `{named if isinstance(named, str) else type(self.value).__name__}`"

    def refuse(self, what: str, cause: BaseException | None = None) -> NoReturn:
        """Raises `InputError` with the part named: `what` says what it must, what was found and what to do."""
        raise InputError(f"{self.name}: {what}") from cause

    def require(self, condition: bool, what: str) -> None:
        """`refuse` unless `condition` holds."""
        if not condition:
            self.refuse(what)

    def attribute(self, name: str) -> Any:
        """An attribute, whose failure is refused."""
        try:
            return getattr(self.value, name)
        except Exception as error:
            self.refuse(f"`{name}` must be there, reading it raised {_said(error)}; give it a value", error)

    def has(self, name: str) -> bool:
        """Whether it has an attribute, whose failure is refused."""
        try:
            return hasattr(self.value, name)
        except Exception as error:
            self.refuse(f"`{name}` must be readable, reading it raised {_said(error)}; leave it out", error)

    def size(self, name: str) -> float | None:
        """An attribute that is a number and not negative, perhaps infinite; None where it has none."""
        if not self.has(name):
            return None
        told = number(self.attribute(name))
        self.require(
            told is not MISFIT and told >= 0,
            f"`{name}` must be a number, not negative, got {shown(self.attribute(name))}; leave it out",
        )
        return float(told)

    def dimension(self) -> int:
        """Its `dim`, a whole number of at least 1."""
        dim = self.attribute("dim")
        fits = isinstance(dim, int | np.integer) and not isinstance(dim, bool) and bool(dim >= 1)
        self.require(fits, f"`dim` must be a whole number, at least 1, got {_short(dim)}; give the length of w")
        return int(dim)

    def somewhere(self, name: str, values: Array) -> None:
        """Refuse numbers at several places around 0 of which none is finite."""
        known = np.isfinite(values).reshape(len(values), -1).all(axis=1)
        self.require(
            bool(known.any()),
            f"`{name}` must be finite, at {len(values)} places around 0 it is not; give `points`",
        )

    def call(self, name: str, *arguments: Any, **named: Any) -> Any:
        """What the method `name` (or with "" the part itself) gives; what it raises or changes is refused."""
        function = self.attribute(name) if name else self.value
        if not callable(function):
            self.refuse(f"`{name}` must be a method, got {_short(function)}; define it")
        return self.guarded(name or "call", function, *arguments, **named)

    def guarded(self, title: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What `function`, which messages call `title`, gives; what it raises or changes is refused."""
        given = [np.array(one) if isinstance(one, np.ndarray) else one for one in arguments]
        try:
            with np.errstate(all="ignore"):
                found = function(*given, **named)
        except Exception as error:
            shapes = " and ".join(str(one.shape) for one in arguments if isinstance(one, np.ndarray))
            of = f" arrays of shape {shapes}" if shapes else " what it is given"
            if not takes(function, *given, **named):
                many = f"{len(given) + len(named)} argument{'s' * (len(given) + len(named) != 1)}"
                told = f"{title}{inspect.signature(function)}"
                self.refuse(f"`{title}` must take {many}, got {_short(told)}; define it with those", error)
            vectorise = any(words in str(error) for words in ONE_ONLY)
            remedy = "vectorise it over the leading axes" if vectorise else "mend it there"
            self.refuse(f"`{title}` must take{of}, it raised {_said(error)}; {remedy}", error)
        for before, after in zip(arguments, given, strict=True):
            if isinstance(before, np.ndarray):
                kept = after.shape == before.shape and np.array_equal(before, after, equal_nan=True)
                self.require(kept, f"`{title}` must leave its arguments as they are, it changes them; copy first")
        return found

    def numbers(
        self,
        name: str,
        points: Array,
        tail: tuple[int | None, ...],
        *rest: Any,
        function: Callable[..., Any] | None = None,
    ) -> Array:
        """The numbers (..., *tail) that the method `name` gives at `points` (..., d) and the `rest`.

        A `function` is called in its place.
        """

        def given(w: Array) -> Any:
            return self.call(name, w, *rest) if function is None else self.guarded(name, function, w, *rest)

        try:
            found: Array = answer(given, points, name or "call", tail)
        except InputError as error:
            if str(error).startswith(self.name):
                raise
            self.refuse(str(error), error)
        return found

    def field(self, name: str, points: Array, tail: tuple[int | None, ...], *, finite: bool) -> Array:
        """The numbers at `points` (n, d), which must be the same alone, in a stack and in a stack of stacks.

        `finite` asks for finite ones; else those that are not are left alone.
        """
        together = self.numbers(name, points, tail)
        if finite:
            self.require_finite(name, points, together)
        again = self.numbers(name, points, tail)
        self.require(
            _same(together, again),
            f"`{name}` must give the same at the same w, it changes from call to call; take the randomness out",
        )
        stacked = self.numbers(name, np.stack([points, points]), tail)
        several = [self.numbers(name, point, tail) for point in points]
        apart = next(
            (k for k, alone in enumerate(several) if not _same(together[k], alone, _size(together))), None
        )
        if apart is not None:
            self.refuse(
                f"`{name}` must give at each point what it gives there alone, got "
                f"{_short(together[apart].tolist())} among {len(points)} points and "
                f"{_short(several[apart].tolist())} alone; vectorise it over the leading axes"
            )
        self.require(
            all(_same(together, layer) for layer in stacked),
            f"`{name}` must give at points in two stacks what it gives in one; vectorise it over all leading axes",
        )
        return together

    def require_finite(
        self, name: str, points: Array, found: Array, remedy: str = "mend it there, or keep away from such w"
    ) -> None:
        """Refuse numbers (n, ...) at points (n, d) that are not finite."""
        bad = np.flatnonzero(~np.isfinite(found).all(axis=tuple(range(1, found.ndim))))
        if len(bad):
            self.refuse(
                f"`{name}` must be finite, got {_short(found[bad[0]].tolist())} at w = "
                f"{_short(points[bad[0]].tolist())}; {remedy}"
            )

    def require_finite_on_the_way(self, name: str, points: Array, found: Array) -> None:
        """`require_finite` at points (n, d) of walkers that are not diverging."""
        near = (np.abs(points) < WILD).all(axis=1)
        self.require_finite(name, points[near], found[near], "mend it there")

    def covariance(
        self, name: str, points: Array, *, definite: bool = False, finite: bool = True, everywhere: bool = True
    ) -> Array:
        """Matrices (n, d, d) at points (n, d), symmetric positive semidefinite or definite, after `field`.

        Not `everywhere`, one point where they are definite will do.
        """
        dim = points.shape[-1]
        matrices = self.field(name, points, (dim, dim), finite=finite)
        self.semidefinite(name, points, matrices, definite=definite, everywhere=everywhere)
        return matrices

    def semidefinite(
        self, name: str, points: Array, matrices: Array, *, definite: bool = False, everywhere: bool = True
    ) -> None:
        """Refuse matrices (n, d, d) at points (n, d) that are not symmetric positive semidefinite, or definite."""
        kept: Booleans = np.asarray(np.isfinite(matrices).all(axis=(1, 2)))
        known, places = matrices[kept], points[kept]
        size = np.abs(known).max(axis=(1, 2), initial=0.0)
        skew = np.flatnonzero(asymmetry(known) > SAME * size)
        if len(skew):
            self.refuse(
                f"`{name}` must be symmetric, got {_short(known[skew[0]].tolist())} at w = "
                f"{_short(places[skew[0]].tolist())}; take (M + M.T) / 2 if that is meant"
            )
        least = np.linalg.eigvalsh((known + known.swapaxes(1, 2)) / 2)[:, 0]
        bad = np.flatnonzero(least <= 0 if definite else least < -SAME * size)
        if len(bad) and (everywhere or len(bad) == len(known)):
            kind, remedy = ("semidefinite", "a covariance has none below 0")
            if definite:
                kind, remedy = ("definite", "add a positive number to the diagonal")
            self.refuse(
                f"`{name}` must be positive {kind}, got the eigenvalue {least[bad[0]]:.3g} at w = "
                f"{_short(places[bad[0]].tolist())}; {remedy}"
            )

    def stream(self) -> np.random.Generator:
        """Random numbers for a trial, the same for every part."""
        return np.random.default_rng(SEED)

    def reproducible(self, name: str, draw: Callable[[np.random.Generator], Any]) -> Any:
        """What `draw` gives, which must be the same for the same stream."""
        first, second = draw(self.stream()), draw(self.stream())
        pairs = zip(_listed(first), _listed(second), strict=True)
        same = all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)
        self.require(
            same,
            f"`{name}` must draw from the stream it is given alone, got other numbers from the same stream; take "
            "all randomness from `rng`, and keep no state",
        )
        return first


def _listed(found: Any) -> Sequence[Any]:
    return found if isinstance(found, tuple) else (found,)


def require_dimension(role: str, part: object) -> None:
    """Refuse a part of the user's own whose `dim` is no whole number of at least 1."""
    tried = Part.of(role, part)
    if not tried.ours:
        tried.dimension()


def _size(values: Array) -> float:
    kept = values[np.isfinite(values)]
    return float(np.abs(kept).max(initial=0.0))


def _same(first: Array, second: Array, size: float | None = None) -> bool:
    close = SAME * (max(_size(first), _size(second)) if size is None else size)
    with np.errstate(invalid="ignore"):
        equal = (np.abs(first - second) <= close) | (first == second) | (np.isnan(first) & np.isnan(second))
    return bool(equal.all())


def _short(value: object) -> str:
    text = " ".join((value if isinstance(value, str) else repr_of(value)).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _said(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # an error of the user's may fail to show itself
        said = ""
    return f"{type(error).__name__}({_short(said)})" if said else type(error).__name__
