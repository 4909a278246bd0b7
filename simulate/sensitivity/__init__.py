"""Derivatives of the stationary means of SGD in its own numbers, at a finite learning rate.

Never holds a derivative of the limit, which is in `theory.fokker_planck`.
"""

from simulate.sensitivity.coupled import CoupledSensitivity, coupled_sensitivity
from simulate.sensitivity.exact import transition_sensitivity

__all__ = ["CoupledSensitivity", "coupled_sensitivity", "transition_sensitivity"]
