"""The language that every room speaks: arrays, errors, estimates, checks of arguments, compiled loops, one thread.

Never holds a law, an equation, or a numerical method.
"""

from theory.base.errors import CallError, InputError, MomentWarning
from theory.base.estimate import Estimate

__all__ = ["CallError", "Estimate", "InputError", "MomentWarning"]
