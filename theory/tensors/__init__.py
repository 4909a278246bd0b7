"""Tensor fields: diffusion tensors D(w) and gradient covariances C(w)."""

from theory.tensors.constant import Constant, Isotropic
from theory.tensors.hessian import HessianProportional
from theory.tensors.indefinite import AbsoluteEigenvalues, PositivePart, Refuse, SmoothAbsolute
from theory.tensors.loss import LossProportional
from theory.tensors.minibatch import Minibatch, NoisyModel
from theory.tensors.protocol import TensorField
from theory.tensors.scaled import Scaled
from theory.tensors.symbolic import SymbolicTensor

__all__ = [
    "AbsoluteEigenvalues",
    "Constant",
    "HessianProportional",
    "Isotropic",
    "LossProportional",
    "Minibatch",
    "NoisyModel",
    "PositivePart",
    "Refuse",
    "Scaled",
    "SmoothAbsolute",
    "SymbolicTensor",
    "TensorField",
]
