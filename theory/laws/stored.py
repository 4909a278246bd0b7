"""Laws in files: NetCDF with labelled axes, exact to the last bit, and nothing in them that runs."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from theory.base.errors import InputError, require
from theory.laws.grid import Grid

if TYPE_CHECKING:
    import xarray as xr

FORMAT: Final = 1
KIND: Final = "law"  # the attribute that names the class
LONG: Final = 64  # numbers of an attribute: longer ones go into files as variables
PACKED: Final = "attribute:"
SAME: Final = 1e-9  # of the farthest centre: places are told apart beyond


class Stored:
    """What can be kept: as labelled arrays in memory, and as NetCDF in a file."""

    def to_xarray(self) -> xr.DataArray | xr.Dataset:
        """The numbers with their coordinates, and as attributes what else makes an equal object."""
        raise NotImplementedError

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        """The object of what `to_xarray` or `_stored` gave, as a data set."""
        raise NotImplementedError

    def _stored(self) -> xr.Dataset:
        """All that a file holds; by default that of `to_xarray`."""
        return _as_dataset(self.to_xarray())

    @classmethod
    def from_xarray(cls, data: xr.DataArray | xr.Dataset) -> Self:
        """The object that `to_xarray` was called on.

        Raises
        ------
        InputError
            If `data` is none of this kind, of another format, incomplete, or has its axes in another order.
        """
        given = _as_dataset(data)
        found = cls._restored(given, "`data`")
        turned = [_turned(given, whole) for whole in (_as_dataset(found.to_xarray()), found._stored())]
        require(
            not all(turned),
            f"`data` must have the axes of `to_xarray`, in their order and at their places, {turned[0]!r} has not",
        )
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole object to the file `path` (NetCDF); one that is there is replaced.

        Raises
        ------
        InputError
            If the file cannot be written, or `path` is a device or a pipe.
        """
        packed = _packed(self._stored())
        content = bytes(packed.assign_attrs(checksum=_checksum(packed)).to_netcdf(engine="h5netcdf"))
        out = Path(path)
        try:
            _write_whole(out, content)
        except InputError:
            raise
        except (OSError, ValueError) as error:  # the last of a name that no file can have
            raise InputError(f"`path` must be writable, {str(out)!r} is not: {_reason(error)}") from None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The object that `save` wrote to the file `path`.

        Raises
        ------
        InputError
            If the file cannot be read, was changed or cut short, or holds something else.
        """
        return cls._restored(_read(Path(path), cls.__name__), f"`path` = {str(path)!r}")

    @classmethod
    def _restored(cls, data: xr.Dataset, name: str) -> Self:
        known: dict[Any, type[Self]] = {kind.__name__: kind for kind in (cls, *_below(cls))}
        kind, version = data.attrs.get(KIND), data.attrs.get("format")
        require(kind in known, f"{name} must hold a {cls.__name__} as `save` or `to_xarray` give it, got {kind}")
        require(version == FORMAT, f"{name} must be of format {FORMAT}, got {version}; take another release")
        try:
            return known[kind]._of(data)
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            why = f"{type(error).__name__} {error}"
            raise InputError(f"{name} must hold a whole {cls.__name__}, it does not: {why}") from None


def _write_whole(out: Path, content: bytes) -> None:
    """Fill a neighbour of `out`, then rename it: what is there stays whole, and no device is replaced."""
    require(
        out.is_file() or out.is_dir() or not out.exists(), f"`path` must be a regular file, {str(out)!r} is none"
    )
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _turned(data: xr.Dataset, whole: xr.Dataset) -> str:
    """The first of the arrays that is turned beside those that its object gives, or "" where none is."""
    for key in (name for name in whole.variables if name in data.variables):
        given, meant = data[key], whole[key]
        if given.dims != meant.dims:
            return str(key)
        if key in whole.coords and meant.dtype.kind == "f":
            apart = SAME * float(np.nanmax(np.abs(meant.values), initial=0.0))
            if not np.allclose(given.values, meant.values, rtol=0, atol=apart, equal_nan=True):
                return str(key)
    return ""


def described(kind: str, grid: Grid | None = None, **attributes: Any) -> dict[str, Any]:
    """Attributes of labelled arrays: the class, the format, the grid, and those that are not None."""
    box: dict[str, Any] = {}
    if grid is not None:  # by its ends: centres do not tell them to the last bit
        wraps = [int(periodic) for periodic in grid.periodic]  # files hold no booleans
        box = {"lower": list(grid.lower), "upper": list(grid.upper), "periodic": wraps}
    rest = {name: value for name, value in attributes.items() if value is not None}
    return {KIND: kind, "format": FORMAT} | box | rest


def axes_of(grid: Grid) -> dict[str, Any]:
    """The centres along the axes by the names `w0`, `w1`, ..."""
    return {f"w{axis}": centres for axis, centres in enumerate(grid.axes)}


def grid_of(attributes: Mapping[str, Any], shape: tuple[int, ...]) -> Grid:
    """The grid of `described` arrays with so many cells."""
    lower, upper, periodic = (np.atleast_1d(attributes[name]) for name in ("lower", "upper", "periodic"))
    return Grid(lower.tolist(), upper.tolist(), shape, [bool(wraps) for wraps in periodic])


def _below(type_: type[Any]) -> Iterator[type[Any]]:
    for kind in type_.__subclasses__():
        yield kind
        yield from _below(kind)


def _as_dataset(data: xr.DataArray | xr.Dataset) -> xr.Dataset:
    import xarray as xr  # half a second that only files need

    if isinstance(data, xr.Dataset):
        return data
    name = str(data.name) if data.name is not None else "values"
    return data.to_dataset(name=name).assign_attrs(data.attrs)


def _packed(data: xr.Dataset) -> xr.Dataset:
    """`data` with long attributes as variables, which may be of any length in a file."""
    found = data.copy()
    holders = {"": found.attrs} | {str(name): found[name].attrs for name in found.data_vars}
    for holder, attributes in holders.items():
        long = {key: np.asarray(value) for key, value in attributes.items() if np.size(value) > LONG}
        for key, value in long.items():
            name = f"{PACKED}{holder}:{key}"
            found[name] = ([f"{name}:{axis}" for axis in range(value.ndim)], value)
        kept = {key: value for key, value in attributes.items() if key not in long}
        if holder:
            found[holder].attrs = kept
        else:
            found.attrs = kept
    return found


def _unpacked(data: xr.Dataset) -> xr.Dataset:
    names = [str(name) for name in data.data_vars if str(name).startswith(PACKED)]
    found = data.drop_vars(names)
    for name in names:
        holder, _, key = name.removeprefix(PACKED).rpartition(":")
        (found[holder] if holder else found).attrs[key] = data[name].values
    return found


def _checksum(data: xr.Dataset) -> str:
    """SHA-256 of all names, numbers and attributes."""
    digest = hashlib.sha256()

    def attributes(held: Mapping[Any, Any]) -> None:
        for key in sorted(map(str, held)):
            if key not in ("checksum", "_FillValue"):
                digest.update(f"{key}={np.atleast_1d(held[key]).tolist()};".encode())

    attributes(data.attrs)
    for name in sorted(map(str, data.variables)):
        variable = data[name]
        values = np.ascontiguousarray(variable.values)
        digest.update(f"{name}{variable.dims}{values.dtype.str}{values.shape}".encode())
        digest.update(values.tobytes())
        attributes(variable.attrs)
    return digest.hexdigest()


def _read(path: Path, kind: str) -> xr.Dataset:
    import h5py
    import xarray as xr  # half a second that only files need

    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe would be waited for
        with open(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = file.read() if regular else b""
    except (OSError, ValueError) as error:
        raise InputError(f"`path` must be readable, {str(path)!r} is not: {_reason(error)}") from None
    require(regular, f"`path` must be a regular file, {str(path)!r} is none")
    try:
        with h5py.File(io.BytesIO(content), "r"):
            pass  # where this fails, h5netcdf leaves a file half-open, which complains when it is closed
        with xr.open_dataset(io.BytesIO(content), engine="h5netcdf", decode_times=False) as opened:
            data = opened.load()
        whole = data.attrs.get("checksum") == _checksum(data)
    except Exception:  # whatever HDF5 says of bytes that are none of its own
        raise InputError(
            f"`path` must be a NetCDF file with a {kind} that `save` wrote, {str(path)!r} is none, or cut short"
        ) from None
    require(whole, f"`path` must be as `save` wrote it, {str(path)!r} was changed or is not one of its files")
    return _unpacked(data)
