"""The folder of a result: it holds the whole earlier result or the whole new one, whatever ends the run."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from compare.results.sealed import RESULTS, holds_finished, holds_part
from theory.base.errors import InputError, require

try:
    import fcntl
except ImportError:  # no such locks there: the last of two writers wins, whole
    fcntl = None  # type: ignore[assignment]

RENAME_EXCHANGE = 2  # of Linux' renameat2
AT_FDCWD = -100


@dataclass(frozen=True)
class ResultFolder:
    """A folder that this process alone may fill; nothing is written before a result is there."""

    path: Path
    overwrite: bool

    def publish(self, files: Mapping[str, bytes]) -> Path:
        """Put a finished result there; returns where, since a folder that appeared meanwhile is left alone."""
        target = self.path
        if not self.overwrite and target.exists() and not holds_part(target):
            names = (target.with_name(f"{target.name}-{number}") for number in range(2, 10**6))
            target = next(name for name in names if not name.exists())
        _replace(target, files)
        return target

    def keep_part(self, files: Mapping[str, bytes]) -> bool:
        """Put what an interrupted run has finished there, unless a finished result stands there."""
        if self.path.exists() and (holds_finished(self.path) or not (self.overwrite or holds_part(self.path))):
            return False
        _replace(self.path, files)
        return True


@contextmanager
def claim_folder(out: Path, *, overwrite: bool, spared: str | None = None) -> Iterator[ResultFolder]:
    """The folder `out` for the results of one run, locked against others on this machine.

    A folder with what an interrupted run has left may be claimed again without `overwrite`; one that holds the
    file `spared` may not be claimed at all.

    Raises
    ------
    InputError
        If it exists and may not be overwritten, cannot be written, or another run is about to fill it.
    """
    try:
        require(
            spared is None or not (out / spared).exists(),
            f"`--out` must not hold {spared}, which this result would replace, {str(out)!r} does; choose another",
        )
        exists = out.exists()
        if exists and not overwrite and not holds_part(out):
            raise InputError(
                f"`--out` must be a new folder, {str(out)!r} exists; choose another or add --overwrite"
            )
        _try_to_write(out)
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(_unwritable(out, error)) from None
    with _locked(out):
        yield ResultFolder(out, overwrite)


def require_writable(out: Path) -> None:
    """Refuse a folder `out` for results that could not be written in the end; it need not exist yet.

    Raises
    ------
    InputError
        If it is a file, or nothing can be written there.
    """
    try:
        _try_to_write(out)
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(_unwritable(out, error)) from None


def _unwritable(out: Path, error: Exception) -> str:
    """What to say of a folder; a RuntimeError is Python 3.11's for links in a circle."""
    reason = getattr(error, "strerror", None) or str(error).partition(" from ")[0]
    return f"`--out` must be writable, {str(out)!r} is not: {reason}; choose another folder"


@contextmanager
def temporary_for(path: Path) -> Iterator[Path]:
    """A temporary neighbour of `path` to fill, then renamed to it: no half-written file is ever left."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, all of it or nothing."""
    with temporary_for(path) as temporary:
        temporary.write_bytes(content)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a result into a folder as it stands, the numbers last: without them the other files mean nothing.

    All are written before the first takes its place, so that a full disk leaves the earlier result. Files of that
    which the new one lacks are removed: none may stand beside numbers that are not its own.
    """
    beside = {name: folder / f".{name}.new" for name in sorted(files, key=RESULTS.index, reverse=True)}
    try:
        for name, path in beside.items():
            write_whole(path, files[name])
        for name in RESULTS:
            if name not in files:
                (folder / name).unlink(missing_ok=True)
        for name, path in beside.items():
            path.replace(folder / name)
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold `files`, beside what in it is no result, in one step where the file system has one."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        if folder.exists():
            if Path.cwd().is_relative_to(folder):  # a shell inside would find itself in a folder that is gone
                raise OSError
            shutil.copytree(
                folder, fresh, symlinks=True, copy_function=_link, ignore=lambda *_: RESULTS
            )  # what others put there goes along
        else:
            fresh.mkdir()
        write_files(fresh, files)
        _exchange(fresh, folder)
    except OSError:
        if not folder.exists():
            raise
        write_files(folder, files)  # a mount point, or a parent that cannot be written
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without links
        shutil.copy2(source, target, follow_symlinks=False)


def _exchange(fresh: Path, folder: Path) -> None:
    """Let `fresh` take the place of `folder`, which takes that of `fresh` where it exists."""
    if not folder.exists():
        fresh.rename(folder)
        return
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None or swap(AT_FDCWD, os.fsencode(fresh), AT_FDCWD, os.fsencode(folder), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "folders cannot be exchanged")


def _try_to_write(out: Path) -> None:
    """Raise the OSError that writing `out` will meet, leaving nothing behind."""
    with suppress(FileNotFoundError):
        out.lstat()  # a name too long, or a file for a folder on the way
        out.stat()  # links in a circle, which only Python 3.12 and earlier find by resolving them
    if out.exists() and not out.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    existing = next(path for path in (out, *out.absolute().parents) if path.exists())
    with tempfile.TemporaryFile(dir=existing):
        pass


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the lock of `out` among the runs of this user; it ends with the process, however that ends."""
    if fcntl is None:
        yield
        return
    key = hashlib.sha256(os.fsencode(out.resolve())).hexdigest()[:20]
    with open(Path(tempfile.gettempdir()) / f"gibbsgap-{os.getuid()}-{key}.lock", "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            require(
                False, f"`--out` must be free, another run is to fill {str(out)!r}; wait for it or choose another"
            )
        yield
