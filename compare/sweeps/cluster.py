"""Workers on other machines: a scheduler of dask that is asked at an address."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from theory.base.errors import InputError, require
from theory.base.packages import install_line

PATIENCE = 10.0  # seconds until a scheduler must have answered


@contextmanager
def on_scheduler(address: str, *, timeout: float = PATIENCE) -> Iterator[Executor]:
    """An executor on the workers of the dask scheduler at `address`, such as ``tcp://127.0.0.1:8786``.

    Parameters
    ----------
    timeout
        Seconds in which it must answer.

    Raises
    ------
    InputError
        If dask is not installed, the address is none, nobody answers there in time, or there is no worker.
    """
    try:
        make: Any = import_module("distributed").Client
    except ImportError:
        raise InputError(f"a scheduler needs dask, which is not installed; {install_line('dask')}") from None
    try:
        client = make(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"`scheduler` must answer within {timeout:g} s, the one at {address!r} does not: {reason}; check the "
            "address, and that it runs"
        ) from None
    with client:
        require(
            bool(client.ncores()), f"`scheduler` must have a worker, the one at {address!r} has none; start some"
        )
        yield client.get_executor(pure=False)
