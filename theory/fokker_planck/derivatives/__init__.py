"""Derivatives of stationary expectations in a parameter: on a line, of the fitted flux, of the centred one.

Never holds a derivative of SGD's own law, which is in `simulate.sensitivity`.
"""

from theory.fokker_planck.derivatives.sensitivity import EquationAt, Observable, checked_sensitivity

__all__ = ["EquationAt", "Observable", "checked_sensitivity"]
