"""Tensor fields: diffusion tensors D(w) and gradient covariances C(w).

Never holds an equation, or the loss that a tensor is made from.
"""

from theory.tensors.constant import Constant, Isotropic
from theory.tensors.contract import check_tensor_field
from theory.tensors.hessian import HessianProportional
from theory.tensors.indefinite import AbsoluteEigenvalues, PositivePart, Refuse, SmoothAbsolute
from theory.tensors.loss import LossProportional
from theory.tensors.minibatch import CovarianceModel, Minibatch, NoisyModel
from theory.tensors.protocol import FactoredField, TensorField
from theory.tensors.scaled import Scaled
from theory.tensors.symbolic import SymbolicTensor
from theory.tensors.tensor_sum import TensorSum
from theory.tensors.transformed import Transformed
from theory.tensors.whole import whole_field

__all__ = [
    "AbsoluteEigenvalues",
    "Constant",
    "CovarianceModel",
    "FactoredField",
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
    "TensorSum",
    "Transformed",
    "check_tensor_field",
    "whole_field",
]
