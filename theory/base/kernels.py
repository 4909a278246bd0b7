"""The one decorator of compiled loops, with a cache on disk that knows all that a loop was compiled from.

numba keeps machine code beside a source and asks only that file whether the code is still good. A loop that calls
a loop of another file, or reads a constant from there, would run on as it was before an edit. Here the key is what
numba compiles: bytecode, constants and options of the loop and of every loop that it calls.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from inspect import getfile
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from theory.base.errors import InputError
from theory.base.packages import module_is_ours

with warnings.catch_warnings():  # numba's words on NUMBA_... variables that it cannot read and leaves aside
    warnings.simplefilter("ignore", RuntimeWarning)
    try:
        import numba
        from numba.core import caching as numba_caching
    except ValueError as error:
        raise InputError(f"a NUMBA_... variable of the environment is out of range: {error}") from None

VERSIONS = f"numba {numba.__version__}, numpy {np.__version__}"
caching: Any = numba_caching  # not every release of numba has types
njit: Any = numba.njit
unliteral: Any = numba.types.unliteral


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """`function` as machine code that runs without the interpreter's lock and is kept on disk.

    Parameters
    ----------
    options
        Those of `numba.njit`. Division by zero gives inf or NaN unless `error_model="python"` is said.
    """
    if function is None:
        return lambda inner: kernel(inner, **options)
    options = {"nogil": True, "error_model": "numpy"} | options
    function.__dict__["kernel_options"] = options
    compiled = njit(**options)(function)
    compiled._cache = KernelCache(function)
    compiled.get_call_template = partial(_called, compiled.get_call_template)
    return compiled


def _called(template: Callable[..., Any], args: Sequence[Any], kws: Mapping[str, Any]) -> Any:
    """What another loop calls: the code for arguments of these kinds, where numba would compile 1 apart from n."""
    return template([unliteral(one) for one in args], {name: unliteral(one) for name, one in kws.items()})


class KernelCache:
    """The machine code of one loop on disk; where no folder can be written, each process compiles for itself."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._files: Any = None
        self._enabled = True

    def enable(self) -> None:
        """Use the files again."""
        self._enabled = True

    def disable(self) -> None:
        """Use no files."""
        self._enabled = False

    @property
    def cache_path(self) -> str | None:
        """The folder of the files, None where none can be written."""
        files = self._opened()
        return None if files is None else str(files.cache_path)

    def flush(self) -> None:
        """Forget what is kept."""
        files = self._opened()
        if files is not None:
            files.flush()

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The kept machine code, or None; a file that cannot be read counts as none."""
        files = self._opened() if self._enabled else None
        if files is None:
            return None
        try:
            return files.load_overload(signature, target)
        except Exception:  # a file that a full disk cut short fails in pickle's own ways
            with suppress(OSError):
                files.flush()
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep machine code and remove that of earlier sources; a full or locked disk is no error."""
        files = self._opened() if self._enabled else None
        if files is None:
            return
        with suppress(OSError):
            files.save_overload(signature, result)
            for path in _outdated(Path(files.cache_path), files._impl.filename_base):
                path.unlink(missing_ok=True)

    def _opened(self) -> Any:
        # not before the first call: only then are all the names defined that the loop uses
        if self._files is None and self._enabled:
            try:
                self._files = _FunctionCache(self._function)
            except RuntimeError:  # numba's answer where it finds no folder that it can write
                self._enabled = False
        return self._files


def _outdated(folder: Path, name: str) -> Iterator[Path]:
    """Files of the same loop and the same Python from other sources."""
    loop, _, rest = name.rpartition("-")
    python = "." + rest.partition(".")[2]
    for path in folder.glob(f"{loop}-*{python}.*"):
        if not path.name.startswith(name) and ".tmp." not in path.name:
            yield path


def _keyed(locator: Any) -> type:
    """A place of numba's for files, with the key in place of the time and the line of the source."""

    class Keyed(locator):  # type: ignore[misc]
        def __init__(self, function: Any, path: str) -> None:
            super().__init__(function, path)
            self._key = key(function)

        def ensure_cache_path(self) -> None:
            if not os.path.isabs(
                self.get_cache_path()
            ):  # a user without a home, whose folder "~" would be made here
                raise OSError("no home")
            super().ensure_cache_path()

        def get_source_stamp(self) -> str:
            return self._key

        def get_disambiguator(self) -> str:
            # also in the name: files are then never shared with a process that still runs the old source
            return self._key[:16]

    return Keyed


class _Files(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = [  # noqa: RUF012
        _keyed(locator)
        for locator in (
            caching.UserProvidedCacheLocator,
            caching.InTreeCacheLocator,
            caching.UserWideCacheLocator,
        )
    ]


class _FunctionCache(caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Files


def key(function: Callable[..., Any]) -> str:
    """A digest of all that `function` is compiled from, the same in every process."""
    return sha256("\n".join((VERSIONS, *_parts(function, set()))).encode()).hexdigest()


def _parts(value: Any, seen: set[int]) -> Iterator[str]:
    """What a value that a loop uses contributes to its key."""
    function = getattr(value, "py_func", value)
    if isinstance(function, FunctionType):
        yield f"function {function.__module__}.{function.__qualname__}"
        if id(function) in seen:
            return
        seen.add(id(function))
        yield repr(sorted(function.__dict__.get("kernel_options", {}).items()))
        yield from _parts(
            (function.__defaults__, *(cell.cell_contents for cell in function.__closure__ or ())), seen
        )
        yield from _code(function.__code__, function.__globals__, seen)
    elif isinstance(value, tuple | list):
        yield f"{type(value).__name__} of {len(value)}"
        for item in value:
            yield from _parts(item, seen)
    elif isinstance(value, frozenset):
        yield from sorted(map(repr, value))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str} {value.shape} {sha256(value.tobytes()).hexdigest()}"
    elif isinstance(value, ModuleType | type):
        yield f"{getattr(value, '__module__', '')} {value.__name__}"
        yield from _own_file(value)
    else:
        yield f"{type(value).__qualname__} {value!r}"
        yield from _own_file(type(value))


def _code(code: CodeType, names: dict[str, Any], seen: set[int]) -> Iterator[str]:
    """Bytecode, its constants and the global values that it names."""
    yield f"{code.co_code.hex()} {code.co_exceptiontable.hex()} {code.co_flags} {code.co_argcount}"
    yield f"{code.co_names} {code.co_varnames} {code.co_freevars} {code.co_cellvars}"
    for constant in code.co_consts:
        yield from _code(constant, names, seen) if isinstance(constant, CodeType) else _parts(constant, seen)
    for name in code.co_names:
        if name in names:
            yield name
            yield from _parts(names[name], seen)


def _own_file(value: Any) -> Iterator[str]:
    """The source of a class or module of these packages: names are looked up in it when the loop is compiled."""
    module = value.__name__ if isinstance(value, ModuleType) else value.__module__
    if module_is_ours(module) and module in sys.modules:
        yield sha256(Path(getfile(sys.modules[module])).read_bytes()).hexdigest()
