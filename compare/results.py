"""Results as files hold them: sealed when they are written, checked when they are read."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.errors import InputError, require

if TYPE_CHECKING:
    import xarray as xr

NUMBERS, LAWS = "comparison.json", "laws.nc"
RESULTS = (NUMBERS, LAWS, "laws.png", "laws.pdf", "survival.png", "survival.pdf")
FORMAT = 2  # of the two files together
AGAIN = "run the study again"


@dataclass(frozen=True, eq=False)
class Results:
    """What the two files of a study hold: the numbers, and the laws where there are any."""

    numbers: Mapping[str, Any] = field(repr=False)
    laws: xr.Dataset | None = field(default=None, repr=False)

    @property
    def complete(self) -> bool:
        """Whether every stage of the study was run."""
        return bool(self.numbers["complete"])


def seal(numbers: Mapping[str, Any], laws: bytes | None) -> bytes:
    """The text of `comparison.json`: plain `numbers` with checksums of themselves and of `laws.nc`.

    The checksum leaves out `timings`, the only thing that differs between two runs of one seed.
    """
    content = dict(numbers) | {"format": FORMAT, "laws_checksum": None if laws is None else _digest(laws)}
    content["checksum"] = _checksum(content)
    return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()


def read_results(folder: Path) -> Results:
    """The result in `folder`, as it was written.

    Raises
    ------
    InputError
        If a file is missing, damaged, changed since, of another study, or of another version's format.
    """
    return open_results(_contents(folder))


def open_results(files: Mapping[str, bytes]) -> Results:
    """The result that the bytes of `files` hold; raises InputError as `read_results` does."""
    numbers = _checked(files)
    if numbers["laws_checksum"] is None:
        return Results(numbers)
    import xarray as xr  # half a second that only files need

    with xr.open_dataset(io.BytesIO(files[LAWS]), engine="h5netcdf") as laws:
        return Results(numbers, laws.load())


def holds_part(folder: Path) -> bool:
    """Whether `folder` holds what an interrupted run has left."""
    try:
        return not _checked(_contents(folder))["complete"]
    except InputError:
        return False


def holds_finished(folder: Path) -> bool:
    """Whether `folder` holds a result that is not known to be a part; a damaged one may be precious."""
    return (folder / NUMBERS).exists() and not holds_part(folder)


def _checked(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    """The numbers, once they and the laws prove to be those that were written together."""
    require(NUMBERS in files, f"a result needs {NUMBERS}, it is missing; {AGAIN}")
    try:
        numbers = json.loads(files[NUMBERS])
    except (ValueError, RecursionError):
        raise InputError(f"{NUMBERS} must be whole JSON, it is damaged or truncated; {AGAIN}") from None
    found = numbers.get("format") if isinstance(numbers, dict) else None
    require(found == FORMAT, f"{NUMBERS} must have format {FORMAT}, got {found}: another version's; {AGAIN}")
    same = numbers.get("checksum") == _checksum(numbers)
    require(same, f"{NUMBERS} must be as it was written, it was changed; {AGAIN}")
    expected = numbers["laws_checksum"]
    if expected is not None:
        require(LAWS in files, f"{NUMBERS} belongs to {LAWS}, which is missing; {AGAIN}")
        require(
            _digest(files[LAWS]) == expected,
            f"{LAWS} must be the one that {NUMBERS} was written with, it was changed, truncated or is of another "
            f"study; {AGAIN}",
        )
    return numbers  # type: ignore[no-any-return]


def _contents(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in (folder / NUMBERS, folder / LAWS):
        try:
            found[path.name] = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(f"{str(path)!r} must be readable: {error.strerror}; check the folder") from None
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checksum(numbers: Mapping[str, Any]) -> str:
    counted = {key: value for key, value in numbers.items() if key not in {"checksum", "timings"}}
    return _digest(json.dumps(counted, sort_keys=True).encode())
