"""Linear algebra in one thread, so that numbers do not follow how many a machine has.

BLAS and LAPACK share sums among threads, and a sum in another order ends in other digits. Every public function
and method that may come to them runs with one thread of them and gives the caller's number back at its end;
walkers go in threads of our own, in blocks whose sums have one order.
"""

from __future__ import annotations

import dis
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property, wraps
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar, cast

from threadpoolctl import ThreadpoolController

from theory.base.packages import module_is_ours

F = TypeVar("F", bound=Callable[..., Any])
PRODUCTS = {"linalg", "tensordot", "dot", "vdot", "inner", "matmul", "cov", "corrcoef", "convolve", "correlate"}
SIGNS = {  # of products, as code holds them: an operation and which one it is
    (step.opcode, step.arg)
    for source in ("a @ b", "a @= b")
    for step in dis.get_instructions(compile(source, "", "exec"))
    if step.argrepr in ("@", "@=")
}
PLAIN = ("scipy.special", "scipy.stats")  # of SciPy, without linear algebra


class _Thread(threading.local):
    depth = 0


class _OneThread:
    """A context in which BLAS has one thread; it may be entered again, and by several threads at a time."""

    def __init__(self) -> None:
        self._here = _Thread()
        self._lock = threading.Lock()
        self._users = 0
        self._before: list[int | None] = []

    def __enter__(self) -> None:
        self._here.depth += 1
        if self._here.depth > 1:
            return
        with self._lock:
            if self._users == 0:
                self._before = [library.num_threads for library in _libraries()]
            self._users += 1
            for library in _libraries():
                library.set_num_threads(1)  # of OpenMP this is each thread's own number

    def __exit__(self, *error: object) -> None:
        self._here.depth -= 1
        if self._here.depth:
            return
        with self._lock:
            self._users -= 1
            if self._users == 0:
                for library, number in zip(_libraries(), self._before, strict=True):
                    library.set_num_threads(number)


@cache
def _libraries() -> list[Any]:
    """The libraries that NumPy and SciPy brought, found when first asked: by then both are loaded."""
    return [one for one in ThreadpoolController().lib_controllers if one.user_api == "blas"]


@cache
def _openmp() -> list[Any]:
    """The libraries of OpenMP that are loaded when first asked."""
    return [one for one in ThreadpoolController().lib_controllers if one.user_api == "openmp"]


@contextmanager
def one_thread_of_openmp() -> Iterator[None]:
    """A context in which what this thread calls has one thread of OpenMP; each thread has a number of its own."""
    before = [library.num_threads for library in _openmp()]
    for library in _openmp():
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, number in zip(_openmp(), before, strict=True):
            library.set_num_threads(number)


one_thread = _OneThread()


def in_one_thread(function: F) -> F:
    """`function` with one thread of BLAS, whatever its caller has."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with one_thread:
            return function(*args, **kwargs)

    return cast(F, call)


def multiplies(value: Any) -> bool:
    """Whether a function, or anything in a class, may come to linear algebra, as far as names tell.

    It is looked for in the code and in all functions and classes of these packages that the code names.
    """
    return any(_products(code, names) for code, names in _reached(value))


def _products(code: CodeType, names: dict[str, Any]) -> bool:
    if _has_product(code):
        return True
    homes = [str(getattr(names.get(name), "__module__", "") or "") for name in code.co_names]
    return any(home.startswith("scipy") and not home.startswith(PLAIN) for home in homes)


@cache
def _has_product(code: CodeType) -> bool:
    """Whether code names a product or has the sign of one; it is asked of the same code again and again."""
    steps = zip(code.co_code[::2], code.co_code[1::2], strict=True)
    return not PRODUCTS.isdisjoint(code.co_names) or not SIGNS.isdisjoint(steps)


def _reached(value: Any) -> Iterator[tuple[CodeType, dict[str, Any]]]:
    """The code that `value` runs, with the globals in which its names mean something, one after another."""
    seen: set[int] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        one = getattr(one, "__wrapped__", one)
        if id(one) in seen or isinstance(one, ModuleType):
            continue
        seen.add(id(one))
        if isinstance(one, property):
            pending.append(one.fget)
        elif isinstance(one, cached_property):
            pending.append(one.func)
        elif isinstance(one, staticmethod | classmethod):
            pending.append(one.__func__)
        elif module_is_ours(getattr(one, "__module__", None)):
            if isinstance(one, FunctionType):
                for code in _codes(one.__code__):
                    yield code, one.__globals__
                    pending += [one.__globals__[name] for name in code.co_names if name in one.__globals__]
            elif isinstance(one, type):
                bases = [base for base in one.__mro__ if module_is_ours(base.__module__)]
                pending += [member for base in bases for member in vars(base).values()]
            else:
                pending.append(type(one))


@cache
def _codes(code: CodeType) -> tuple[CodeType, ...]:
    """The code with all that is written inside it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return (code, *(deeper for one in inner for deeper in _codes(one)))
