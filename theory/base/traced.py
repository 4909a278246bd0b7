"""Functions that JAX can trace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from theory.base.packages import optional_package


def in_doubles() -> AbstractContextManager[Any]:
    """JAX computing in float64 for a time; the user's setting is left alone.

    Raises
    ------
    InputError
        If JAX is not installed.
    """
    setting: AbstractContextManager[Any] = optional_package("jax", "a function of JAX").enable_x64(True)
    return setting


@dataclass(frozen=True)
class Traced:
    """A number as a function of one point w (d,), of which JAX can take the gradient.

    Parameters
    ----------
    function
        What JAX traces.
    setting
        Gives the context in which it is traced and called: its precision and its device.
    """

    function: Callable[[Any], Any]
    setting: Callable[[], AbstractContextManager[Any]] = in_doubles
