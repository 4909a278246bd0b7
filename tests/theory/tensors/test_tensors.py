"""Every tensor field is R R' with the divergence of its rows, and says what it does with an indefinite Hessian."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from checks import check_tensor

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    CallableLandscape,
    Constant,
    HessianProportional,
    InputError,
    Isotropic,
    Langevin,
    LossProportional,
    Minibatch,
    PositivePart,
    ProductModel,
    Refuse,
    Scaled,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    TensorField,
)

POINTS = np.random.default_rng(21).uniform(-1, 1, (30, 2))
CONVEX = SymbolicLandscape("x**4 + x**2 + x*y/2 + y**2 + y**4/2")
SADDLE = SymbolicLandscape("x**2 - y**2/2 + x**3*y/8")
DOUBLE_WELL = SymbolicLandscape("(w**2 - 1)**2/4")
VECTOR = ProductModel(["x", "x*y", "y - 1"], noise_std=0.5)
U, V = sympy.symbols("u v", real=True)
ROOT = SymbolicTensor(sympy.Matrix([[1 + U**2, U * V, 0], [sympy.sin(V), 0, sympy.exp(U)]]), (U, V))
FIELDS = {
    "isotropic": Isotropic(0.3, 2),
    "constant": Constant([[2, 0.5], [0.5, 1]]),
    "singular": Constant([[1, 2], [2, 4]]),
    "zero": Constant(np.zeros((2, 2))),
    "hessian": HessianProportional(CONVEX, 0.7),
    "absolute": HessianProportional(SADDLE, 0.7, AbsoluteEigenvalues()),
    "positive part": HessianProportional(SADDLE, 0.7, PositivePart()),
    "loss": LossProportional(CONVEX, 0.2),
    "scaled": Scaled(ROOT, 2.5),
    "symbolic": ROOT,
    "minibatch": Minibatch(ProductModel("x**2*y + y"), 0.1, 8),
    "minibatch, vector": Minibatch(VECTOR, 0.1, 8),
}


@pytest.mark.parametrize("name", FIELDS)
def test_factor_and_divergence_belong_to_the_tensor(name):
    field = FIELDS[name]
    assert isinstance(field, TensorField)
    check_tensor(field, POINTS)
    assert np.linalg.eigvalsh(field.tensor(POINTS)).min() > -1e-13


def test_the_check_sees_a_wrong_divergence():
    class Wrong(SymbolicTensor):
        def divergence(self, w):
            return np.zeros(np.shape(w))

    with pytest.raises(AssertionError):
        check_tensor(Wrong(sympy.Matrix([[U, 0], [0, 1]]), (U, V)), POINTS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_formula_for_the_factor_gives_the_same_tensor(name):
    evaluate = sympy.lambdify((U, V), FIELDS[name].root_expressions((U, V)), cse=True)
    with np.errstate(invalid="ignore"):  # both sides of a piecewise formula are computed
        found = [root @ root.T for root in (evaluate(*w) for w in POINTS)]
    np.testing.assert_allclose(found, FIELDS[name].tensor(POINTS), atol=1e-12)


@pytest.mark.parametrize(
    ("indefinite", "expected"), [(AbsoluteEigenvalues(), [2.0, 1.0]), (PositivePart(), [2.0, 0.0])]
)
def test_negative_curvature_is_replaced_as_said(indefinite, expected):
    turned = SymbolicLandscape("(x + y)**2/2 - (x - y)**2/4")  # eigenvalues 2 along (1, 1), -1 along (1, -1)
    axes = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    tensor = HessianProportional(turned, 3.0, indefinite).tensor(np.zeros(2))
    np.testing.assert_allclose(tensor, 3 * axes.T @ np.diag(expected) @ axes, atol=1e-14)


def test_an_indefinite_hessian_is_refused_by_default():
    field = HessianProportional(SADDLE, 1.0)
    assert field.indefinite == Refuse()
    with pytest.raises(InputError, match=r"got the eigenvalue -1 at w = \[0.0, 0.0\]; choose AbsoluteEigenvalues"):
        field.tensor([[0.0, 0.0]])
    with pytest.raises(InputError, match="positive semidefinite"):
        field.root([0.0, 0.0])
    flat = HessianProportional(SymbolicLandscape("(x + y)**2"), 1.0)  # singular, not indefinite
    np.testing.assert_allclose(flat.tensor([1.0, 2.0]), [[2, 2], [2, 2]], atol=1e-14)


@pytest.mark.parametrize("indefinite", [AbsoluteEigenvalues(), PositivePart()])
@pytest.mark.parametrize("reading", [Stratonovich(), AntiIto()])
def test_in_one_dimension_replaced_curvature_is_a_formula(indefinite, reading):
    equation = Langevin(DOUBLE_WELL, HessianProportional(DOUBLE_WELL, 0.1, indefinite), reading)
    w = np.linspace(-1.5, 1.5, 12)[:, None]  # off the points w^2 = 1/3 where the curvature vanishes
    compiled = equation.compiled(w)
    np.testing.assert_allclose(compiled[:, :1], equation.drift(w), atol=1e-9)
    np.testing.assert_allclose(compiled[:, 1:] ** 2 / 2, equation.tensor(w)[:, 0], atol=1e-13)
    assert np.abs(equation.drift(w) + DOUBLE_WELL.gradient(w)).max() > 0.1  # the reading does matter


def test_noise_proportional_to_the_loss_follows_it():
    w = np.array([[0.3, -0.4]])
    np.testing.assert_allclose(LossProportional(CONVEX, 0.2).tensor(w)[0], 0.2 * CONVEX.value(w) * np.eye(2))
    with pytest.raises(InputError, match=r"needs L >= 0, got -0.5; add a constant"):
        LossProportional(SADDLE, 1.0).tensor([[0.0, 1.0]])


def test_minibatch_noise_is_the_rate_over_twice_the_batch():
    np.testing.assert_allclose(
        Minibatch(VECTOR, 0.1, 8).tensor(POINTS), 0.1 / 16 * VECTOR.gradient_covariance(POINTS), rtol=1e-14
    )


def test_functions_have_no_formula():
    bare = CallableLandscape(lambda w: w[..., 0] ** 2, dim=1)
    assert LossProportional(bare, 1.0).root_expressions((U,)) is None
    assert HessianProportional(bare, 1.0, PositivePart()).root_expressions((U,)) is None
    assert Scaled(LossProportional(bare, 1.0), 2.0).root_expressions((U,)) is None
    assert Langevin(bare, Isotropic(1, 1)).compiled is None


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Constant([[1, 2]]), r"square, got shape \(1, 2\)"),
        (lambda: Constant([[1, 2], [0, 1]]), "symmetric, got"),
        (lambda: Constant([[1, 0], [0, -1]]), "no negative eigenvalue, got -1; use a covariance"),
        (lambda: Constant([[np.nan]]), "finite, got"),
        (lambda: Isotropic(0, 2), "`temperature` must be positive and finite, got 0"),
        (lambda: Isotropic(np.inf, 2), "got inf"),
        (lambda: Isotropic(1, 0), "`dim` must be at least 1, got 0"),
        (lambda: HessianProportional(CONVEX, 0), "`scale` must be positive and finite, got 0"),
        (lambda: LossProportional(CONVEX, -1), "`scale` must be positive and finite, got -1"),
        (lambda: Scaled(ROOT, -1), "factor of a tensor must be positive and finite, got -1"),
        (lambda: Minibatch(VECTOR, -0.1, 8), "`learning_rate` must be positive and finite, got -0.1"),
        (lambda: Minibatch(VECTOR, 0.1, 0), "`batch_size` must be a whole number, at least 1, got 0"),
        (lambda: Langevin(CONVEX, Isotropic(1, 1)), "one dimension, got 2 and 1"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
