"""The folder of a sweep: a journal that one run at a time may fill, and the data set made of it."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from compare.results import require_writable, temporary_for
from compare.sweeps.about import About
from compare.sweeps.journal import FILE, Journal, Records
from compare.sweeps.labelled_data import as_dataset
from theory.base.errors import InputError, require

if TYPE_CHECKING:
    import xarray as xr

DATA = "sweep.nc"
LOCK = "running"  # an empty database that the run which fills the folder has locked, until it ends however it does
HOLDER = "running.txt"
MEMORY = ":memory:"


@contextmanager
def opened(folder: Path | None, about: About) -> Iterator[Journal]:
    """The journal of a sweep in `folder`, this run's alone; in memory without one.

    Raises
    ------
    InputError
        If it is another sweep's, another run fills it, or it cannot be written.
    """
    if folder is None:
        with closing(Journal(MEMORY, about)) as journal:
            yield journal
        return
    require_writable(folder)
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder), closing(Journal(str(folder / FILE), about)) as journal:
            before = journal.about
            different = None if before is None else before.differs(about)
            require(
                different is None,
                f"`store` must be of this sweep, {str(folder)!r} is another's: {different}; choose another folder",
            )
            yield journal


def open_sweep(folder: str | os.PathLike[str], *, as_points: bool = False) -> xr.Dataset:
    """All that a sweep has found so far, also while it runs: dims named after its ranges.

    Where a point was not run its numbers are NaN, and `failure` says so. With `as_points` the points stand one
    after another along one dim, as those of a refined map do that fill no grid.

    Raises
    ------
    InputError
        If there is no sweep in the folder, or its points do not fill a grid.
    """
    file = Path(folder) / FILE
    require(file.is_file(), f"{str(folder)!r} must hold a sweep, it has no {FILE}; check the folder")
    with told(Path(folder)), closing(Journal(str(file))) as journal:
        about = journal.about
        if about is None:
            raise InputError(f"{str(folder)!r} must hold a sweep, its {FILE} is empty; run the sweep again")
        return as_dataset(journal.records(), about, None, as_points=as_points)


def save(folder: Path, about: About, records: Records, data: xr.Dataset | None = None) -> None:
    """Write all records of a journal to `sweep.nc`, whole: on a grid where it fills one, else point by point.

    `data` is the data set of all records where it was made before.

    Raises
    ------
    InputError
        If it cannot be written; the journal has all.
    """
    try:
        data = as_dataset(records, about, None) if data is None else data
    except InputError:
        data = as_dataset(records, about, None, as_points=True)
    with told(folder), temporary_for(folder / DATA) as temporary:
        _write(data, temporary)


def _write(data: xr.Dataset, file: Path) -> None:
    """As `to_netcdf`, which loads the cluster of dask where that is installed, 15 MB, to ask it for a lock."""
    from xarray.backends import H5NetCDFStore

    with closing(H5NetCDFStore.open(str(file), mode="w", lock=False)) as store:  # h5py has its own lock
        data.dump_to_store(store)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say in one line what the disk or the journal will not do.

    Raises
    ------
    InputError
        In place of their errors.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"the sweep in {str(folder)!r} cannot be read or written: {reason}; what was there is kept: free some "
            "space, or choose another folder"
        ) from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; it ends with this process, however that ends."""
    with closing(sqlite3.connect(folder / LOCK, timeout=0.0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            require(
                "locked" not in str(error),
                f"`store` must be free, {str(folder)!r} is being filled by {_holder(folder)}; "
                "wait for it or choose another folder",
            )
            raise
        (folder / HOLDER).write_text(
            f"process {os.getpid()} on {platform.node()} since {time.strftime('%Y-%m-%d %H:%M:%S')}", "utf-8"
        )
        try:
            yield
        finally:
            with suppress(OSError):
                (folder / HOLDER).unlink()


def _holder(folder: Path) -> str:
    with suppress(OSError):
        return (folder / HOLDER).read_text("utf-8")
    return "another run"
