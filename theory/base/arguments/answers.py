"""Objects of the user's own classes, whose methods are held to the shapes that a protocol asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np

from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arguments.words import repr_of, shown
from theory.base.errors import InputError
from theory.base.packages import module_is_ours

TAILS: Final = {  # axes of length d that an answer has beside those of the points; None is one of any length
    "value": (),
    "gradient": ("d",),
    "hessian": ("d", "d"),
    "gradient_covariance": ("d", "d"),
    "tensor": ("d", "d"),
    "root": ("d", None),
    "divergence": ("d",),
    "drift": ("d",),
}
# What NumPy says where a function takes one number.
ONE_ONLY: Final = ("only 0-dimensional", "only length-1", "only size-1", "truth value of an array")
_held: WeakValueDictionary[int, Any] = WeakValueDictionary()


def class_is_ours(type_: type) -> bool:
    """Whether a class belongs to these packages and is no protocol, which the user's may name as their base."""
    return module_is_ours(type_.__module__) and not getattr(type_, "_is_protocol", False)


def is_ours(value: Any) -> bool:
    """Whether the class of `value`, or one that it extends, belongs to these packages."""
    return any(class_is_ours(base) for base in type(value).__mro__)


def is_shipped(value: Any) -> bool:
    """Whether the class of `value` itself belongs to these packages, whatever the user's may extend."""
    return class_is_ours(type(value))


def inner_of(value: Any) -> Any:
    """The object of the user's that `value` stands for, or `value` itself."""
    return value._inner if isinstance(value, _Held) else value


def held(value: Any, methods: Iterable[str]) -> Any:
    """`value`, or where its class is the user's what stands for it and checks the answers of `methods`."""
    checked = [name for name in methods if name in TAILS]
    if not checked or is_ours(value):
        return value
    known = _held.get(id(value))
    if known is None or known._inner is not value or not set(checked) <= known._checked:
        kind = type(type(value).__name__, (_Held,), {name: _method(name) for name in checked} | {"dim": _dim})
        known = _held[id(value)] = kind(value, frozenset(checked))
    return known


class _Held:
    """Stands for an object of the user's: the same to look at, while its answers are checked."""

    def __init__(self, inner: Any, checked: frozenset[str]) -> None:
        self._inner = inner
        self._checked = checked

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._inner, name)
        except (AttributeError, InputError):
            raise
        except Exception as error:
            kind, said = type(self._inner).__name__, shown(error)
            raise InputError(f"`{name}` of `{kind}` must be readable, reading it raised {said}") from error

    def __eq__(self, other: object) -> bool:
        return bool(self._inner == vars(other).get("_inner", other) if hasattr(other, "__dict__") else False)

    def __hash__(self) -> int:
        return hash(self._inner)

    def __repr__(self) -> str:
        return repr_of(self._inner)

    def __reduce__(self) -> Any:
        return held, (self._inner, tuple(self._checked))

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._inner)


def _method(name: str) -> Callable[..., Any]:
    def method(self: Any, w: Any) -> Any:
        points = np.asarray(w, dtype=np.float64)
        dim = self._inner.dim
        return answer(
            getattr(self._inner, name), points, f"{name}` of `{type(self._inner).__name__}",
            tuple(None if axis is None else dim for axis in TAILS[name]),
        )  # fmt: skip

    method.__name__ = name
    return method


_dim = property(lambda self: self._inner.dim)


def answer(function: Callable[..., Any], points: Any, name: str, tail: tuple[int | None, ...] = ()) -> Any:
    """The numbers (..., *tail) that a function of the user's gives at `points` (..., d).

    Raises
    ------
    InputError
        If it gives no numbers, or not one (or one tensor) for each point. What the function itself raises comes
        through, with a note of where.
    """
    found = called(function, points, name)
    array = numbers_of(found)
    if array is MISFIT or array.dtype.kind not in "biuf":
        raise InputError(f"`{name}` must map points to numbers, got {shown(found)}")
    values = array.astype(np.float64, copy=False)
    shape, lead = values.shape, points.shape[:-1]
    fits = len(shape) == len(lead) + len(tail) and shape[: len(lead)] == lead
    if not fits or any(n is not None and n != m for n, m in zip(tail, shape[len(lead) :], strict=True)):
        wanted = "(" + ", ".join("channels" if n is None else str(n) for n in (*lead, *tail))
        wanted += ",)" if len(lead) + len(tail) == 1 else ")"
        raise InputError(
            f"`{name}` must map w of shape {points.shape} to shape {wanted}, got {shape}; vectorise it over the "
            "leading axes"
        )
    return values


def called(function: Callable[..., Any], points: Any, name: str) -> Any:
    """What a function of the user's gives; where it takes one number and not many, a note says so."""
    try:
        return function(points)
    except (TypeError, ValueError) as error:
        if any(words in str(error) for words in ONE_ONLY):
            error.add_note(f"raised by `{name}`, which was given points of shape {np.shape(points)}; vectorise it")
        raise


def takes(function: Callable[..., Any], *arguments: Any, **named: Any) -> bool:
    """Whether a function can be called with these; True where nobody can tell."""
    try:
        inspect.signature(function).bind(*arguments, **named)
    except TypeError:
        return False
    except ValueError:  # a function of C without a signature
        return True
    return True
