"""Results as files hold them: sealed when they are written, checked when they are read."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.study.source import unblocking
from theory.base.errors import InputError, require

if TYPE_CHECKING:
    import xarray as xr

NUMBERS, LAWS, TIMINGS = "comparison.json", "laws.nc", "timings.json"
SLOPE_NUMBERS, SLOPES = "slope.json", "slope.nc"  # the first of a slope alone; else its numbers are in NUMBERS
NOISES = "noises.nc"
OBSERVABLES = "observables.nc"  # of a study of a network
FORMATS = ("png", "pdf", "svg", "eps", "pgf")  # of figures
FIGURES = tuple(
    f"{name}.{suffix}" for name in ("laws", "survival", "noises", "slope", "observables") for suffix in FORMATS
)
RESULTS = (NUMBERS, SLOPE_NUMBERS, LAWS, SLOPES, NOISES, OBSERVABLES, TIMINGS, *FIGURES)
FORMAT = 4  # of numbers, laws and slopes together
SEALED = {
    LAWS: "laws_checksum",
    SLOPES: "slopes_checksum",
    NOISES: "noises_checksum",
    OBSERVABLES: "observables_checksum",
}  # whose checksums the numbers hold
AGAIN = "run the study again"


@dataclass(frozen=True, eq=False)
class Results:
    """What the files of a study hold: numbers, seconds of stages (`timings`), and what else there is of the rest.

    Laws, slopes and noises, or of a network the laws of its observables.
    """

    numbers: Mapping[str, Any] = field(repr=False)
    laws: xr.Dataset | None = field(default=None, repr=False)
    timings: Mapping[str, float] = field(default_factory=dict, repr=False)
    slopes: xr.Dataset | None = field(default=None, repr=False)
    noises: xr.Dataset | None = field(default=None, repr=False)
    observables: xr.Dataset | None = field(default=None, repr=False)

    @property
    def complete(self) -> bool:
        """Whether every stage of the study was run."""
        return bool(self.numbers["complete"])


def seal(
    numbers: Mapping[str, Any],
    laws: bytes | None,
    slopes: bytes | None = None,
    noises: bytes | None = None,
    observables: bytes | None = None,
) -> bytes:
    """The text of `comparison.json` or `slope.json`: plain `numbers` with checksums of themselves and the rest."""
    content = dict(numbers) | {"format": FORMAT, "laws_checksum": None if laws is None else _digest(laws)}
    for name, data in ((SLOPES, slopes), (NOISES, noises), (OBSERVABLES, observables)):
        content |= {} if data is None else {SEALED[name]: _digest(data)}
    content["checksum"] = _checksum(content)
    return _text(content)


def with_timings(files: Mapping[str, bytes], seconds: Mapping[str, float]) -> dict[str, bytes]:
    """`files` and `timings.json`, which says what numbers it belongs to and alone differs from run to run."""
    content = {"of": _digest(files[_leading(files)]), "seconds": dict(seconds)}
    return {**files, TIMINGS: _text(content | {"checksum": _checksum(content)})}


def read_results(folder: Path) -> Results:
    """The result in `folder`, as it was written.

    Raises
    ------
    InputError
        If a file is missing (but that of the timings), damaged, changed since, of another study, or of another
        version's format.
    """
    return open_results(_contents(folder))


def open_results(files: Mapping[str, bytes]) -> Results:
    """The result that the bytes of `files` hold.

    Raises
    ------
    InputError
        As `read_results`.
    """
    numbers, timings = _checked(files), _timings(files)
    laws, slopes, noises, seen = (_opened(files, name, numbers.get(key)) for name, key in SEALED.items())
    return Results(numbers, laws, timings, slopes, noises, seen)


def holds_part(folder: Path) -> bool:
    """Whether `folder` holds what an interrupted run has left."""
    try:
        return not _checked(_contents(folder))["complete"]
    except InputError:
        return False


def holds_finished(folder: Path) -> bool:
    """Whether `folder` holds a result that is not known to be a part; a damaged one may be precious."""
    return any((folder / name).exists() for name in (NUMBERS, SLOPE_NUMBERS)) and not holds_part(folder)


def _leading(files: Mapping[str, bytes]) -> str:
    """The file that seals the others."""
    return SLOPE_NUMBERS if SLOPE_NUMBERS in files and NUMBERS not in files else NUMBERS


def _checked(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    """The numbers, once they and all that belongs to them prove to be those that were written together."""
    name = _leading(files)
    require(name in files, f"a result needs {name}, it is missing; {AGAIN}")
    try:
        numbers = json.loads(files[name])
    except (ValueError, RecursionError):
        raise InputError(f"{name} must be whole JSON, it is damaged or truncated; {AGAIN}") from None
    found = numbers.get("format") if isinstance(numbers, dict) else None
    require(found == FORMAT, f"{name} must have format {FORMAT}, got {found}: another version's; {AGAIN}")
    same = numbers.get("checksum") == _checksum(numbers)
    require(same, f"{name} must be as it was written, it was changed; {AGAIN}")
    for other, key in SEALED.items():
        expected = numbers.get(key)
        if expected is None:
            continue
        require(other in files, f"{name} belongs to {other}, which is missing; {AGAIN}")
        require(
            _digest(files[other]) == expected,
            f"{other} must be the one that {name} was written with, it was changed, truncated or is of another "
            f"study; {AGAIN}",
        )
    return numbers  # type: ignore[no-any-return]


def _opened(files: Mapping[str, bytes], name: str, checksum: str | None) -> xr.Dataset | None:
    """The data of a file that the numbers were sealed with, if any."""
    if checksum is None:
        return None
    import xarray as xr  # half a second that only files need

    with xr.open_dataset(io.BytesIO(files[name]), engine="h5netcdf") as data:
        return data.load()


def _contents(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in (folder / name for name in (NUMBERS, SLOPE_NUMBERS, *SEALED, TIMINGS)):
        try:
            found[path.name] = _regular(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(f"{str(path)!r} must be readable: {error.strerror}; check the folder") from None
    return found


def _regular(path: Path) -> bytes:
    """The content of a file; a pipe would be waited for, and a device never ends."""
    with open(path, "rb", opener=unblocking) as file:
        regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        require(regular, f"{str(path)!r} must be a regular file, it is a pipe or a device; {AGAIN}")
        return file.read()


def _timings(files: Mapping[str, bytes]) -> Mapping[str, float]:
    """Seconds that the stages took; empty where nobody kept them."""
    if TIMINGS not in files:
        return {}
    try:
        found = json.loads(files[TIMINGS])
        seconds = {str(stage): float(number) for stage, number in found["seconds"].items()}
        fits = found["of"] == _digest(files[_leading(files)]) and found["checksum"] == _checksum(found)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        seconds, fits = {}, False
    require(fits, f"{TIMINGS} must be the one that {_leading(files)} was written with, it was changed; {AGAIN}")
    return seconds


def _text(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checksum(numbers: Mapping[str, Any]) -> str:
    counted = {key: value for key, value in numbers.items() if key != "checksum"}
    return _digest(json.dumps(counted, sort_keys=True).encode())
