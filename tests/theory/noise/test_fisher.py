"""Fisher matrix, empirical Fisher matrix and Hessian: where they agree, at which rate, and where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from checks import errors_off, observed_order
from scipy.optimize import minimize

from theory import (
    Constant,
    DatasetModel,
    InputError,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    logistic_regression,
    on_data,
    two_layer_network,
)
from theory.noise.fisher import (
    DiscreteLabels,
    InformationMatrices,
    NormalLabels,
    fisher_matrix,
    information_matrices,
)

TRUTH = np.array([0.8, -0.5])
SIZES = (250, 1000, 4000, 16000)


def chance(x, w):
    return 1 / (1 + np.exp(-x @ w))


def fitted(model):
    """The maximum-likelihood estimate."""
    found = minimize(
        lambda w: float(model.value(w)),
        np.zeros(model.dim),
        jac=model.gradient,
        hess=model.hessian,
        method="trust-exact",
        options={"gtol": 1e-10},
    )
    assert np.abs(model.gradient(found.x)).max() < 1e-8
    return found.x


def gaps(law, rng, replicas=12):
    """Root mean squares, over data sets, of both gaps at the estimate, for each size."""
    found = []
    for n in SIZES:
        squares = []
        for _ in range(replicas):
            x = rng.normal(size=(n, 2))
            model = logistic_regression(x, (rng.random(n) < law(x)).astype(float))
            matrices = information_matrices(model, fitted(model), DiscreteLabels())
            squares.append([matrices.fisher_gap**2, matrices.empirical_gap**2])
        found.append(np.sqrt(np.mean(squares, axis=0)))
    return np.array(found).T


def wrong(x):
    """A chance that no weights give: it turns back at large inputs."""
    return 0.5 + 0.45 * np.sin(2.5 * x[:, 0])


def test_well_specified_noise_is_the_curvature_up_to_one_over_root_n():
    fisher, empirical = gaps(lambda x: chance(x, TRUTH), np.random.default_rng(1))
    assert fisher.max() < 1e-12  # canonical link: exact on any data
    assert empirical[0] > 0.03
    assert observed_order(SIZES, empirical) == pytest.approx(-0.5, abs=0.12)


def test_badly_specified_noise_is_not_the_curvature_for_any_n():
    fisher, empirical = gaps(wrong, np.random.default_rng(2))
    assert fisher.max() < 1e-12  # the Fisher matrix does not see the labels: it cannot tell
    assert abs(observed_order(SIZES, empirical)) < 0.12
    # The limit by quadrature over inputs, at the weights nearest to the truth.
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    x = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1).reshape(-1, 2)
    weights = np.outer(weights, weights).ravel() / weights.sum() ** 2
    truth, w = wrong(x), np.zeros(2)
    for _ in range(50):  # Newton
        p = chance(x, w)
        hessian = (weights * p * (1 - p) * x.T) @ x
        w = w - np.linalg.solve(hessian, (weights * (p - truth)) @ x)
    empirical_limit = (weights * (truth * (1 - p) ** 2 + (1 - truth) * p**2) * x.T) @ x
    limit = np.linalg.norm(empirical_limit - hessian) / np.linalg.norm(hessian)
    assert limit > 0.05
    assert empirical[-1] == pytest.approx(limit, rel=0.1)


def test_fisher_of_logistic_regression_is_an_average_over_labels_of_the_model():
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(40, 2)), np.array([1.2, 0.3])
    model = logistic_regression(x, rng.integers(0, 2, 40))
    found = information_matrices(model, w, DiscreteLabels())
    p = chance(x, w)
    np.testing.assert_allclose(found.fisher, (p * (1 - p) * x.T) @ x / 40, rtol=1e-12)
    labels = rng.random((20_000, 40)) < p
    gradients = (p - labels)[..., None] * x
    drawn = np.einsum("sni,snj->sij", gradients, gradients) / 40
    assert errors_off(drawn, found.fisher) < 5
    assert errors_off(drawn, found.empirical) > 5  # labels of the data instead


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_regression_agrees_at_the_truth_and_nowhere_else(scale):
    model = LinearRegression([[2, 0.5], [0.5, 1]], noise_std=0.7, loss_scale=scale)
    there = information_matrices(model, [0, 0])
    np.testing.assert_allclose(there.fisher, model.input_covariance / 0.49, rtol=1e-12)
    assert max(there.fisher_gap, there.empirical_gap) < 1e-12
    np.testing.assert_allclose(there.sandwich, np.linalg.inv(there.fisher), rtol=1e-12)
    away = information_matrices(model, [0.3, -0.2])
    assert away.fisher_gap < 1e-12
    assert away.empirical_gap > 0.1
    # E[x x' r^2] / noise^4 with the residual r = eps - w.x: the mean gradient is part of it.
    spread, pull = 0.49 + away_square(model, [0.3, -0.2]), model.input_covariance @ [0.3, -0.2]
    second = spread * model.input_covariance + 2 * np.outer(pull, pull)
    np.testing.assert_allclose(away.empirical, second / 0.49**2, rtol=1e-12)


def away_square(model, w):
    return float(np.asarray(w) @ model.input_covariance @ np.asarray(w))


def test_a_model_that_misses_the_truth_has_three_different_matrices():
    model = ProductModel(["w", "w**2 + 1"], noise_std=0.5)  # q never vanishes; minimum at w = 0
    found = information_matrices(model, [0.0])
    # J = (1, 0)', q = (0, 1): H = J'J + q_2 q_2'' = 3; C = (sigma^2 + 1) J'J; all over sigma^2
    np.testing.assert_allclose(found.fisher, [[4]], rtol=1e-14)
    np.testing.assert_allclose(found.hessian, [[12]], rtol=1e-14)
    np.testing.assert_allclose(found.empirical, [[1.25 / 0.25**2]], rtol=1e-14)
    np.testing.assert_allclose(found.sandwich, [[20 / 144]], rtol=1e-14)


def test_of_a_singular_model_the_fisher_matrix_loses_rank_at_the_degenerate_point():
    model = ProductModel("x**2*y", noise_std=2.0)
    np.testing.assert_allclose(fisher_matrix(model, [1.0, 0.0]), [[0, 0], [0, 0.25]], atol=1e-15)
    assert not fisher_matrix(model, [0.0, 1.0]).any()


def test_data_have_the_population_matrices_in_the_limit():
    rng = np.random.default_rng(4)
    model, w = ProductModel("a*b + a", noise_std=0.6, loss_scale=1.0), np.array([0.4, 0.3])
    exact, errors = information_matrices(model, w), []
    for n in (1000, 100_000):
        x, y = rng.normal(size=(20, n)), 0.6 * rng.normal(size=(20, n))
        found = [
            information_matrices(on_data(model, *pair), w, NormalLabels(0.6)) for pair in zip(x, y, strict=True)
        ]
        for name in ("fisher", "empirical", "hessian"):
            assert errors_off(np.array([getattr(m, name) for m in found])[:, 0, 0], getattr(exact, name)[0, 0]) < 5
        errors.append(np.mean([np.linalg.norm(m.fisher - exact.fisher) for m in found]))
    assert 5 < errors[0] / errors[1] < 20  # the root of 100
    assert exact.empirical_gap > 0.1
    assert exact.fisher_gap > 0.1


def test_fisher_of_a_network_is_the_square_of_its_slopes():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(30, 2))
    w = np.array([0.7, 0.2, -0.4])
    units = np.tanh(x @ w[1:])
    slopes = np.column_stack([units, w[0] * (1 - units**2)[:, None] * x])
    found = fisher_matrix(two_layer_network(x, rng.normal(size=30)), w, NormalLabels(0.3))
    np.testing.assert_allclose(found, slopes.T @ slopes / 30 / 0.09, rtol=1e-10)


X = np.array([[1.0], [2.0], [0.5]])
CLASSES = logistic_regression(X, [0, 1, 1])
REAL = two_layer_network(X, [0.1, 0.2, 0.3])
SHIFTED = DatasetModel(
    X,
    [0.1, 0.2, 0.3],
    lambda w, x, y: 1 + (w[..., 0] * x[..., 0] - y) ** 2 / 2,
    lambda w, x, y: ((w[..., 0] * x[..., 0] - y) * x[..., 0])[..., None],
    1,
)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: fisher_matrix(CLASSES, [0.1]), "`labels` of a DatasetModel must be DiscreteLabels"),
        (
            lambda: fisher_matrix(CLASSES, [0.1], DiscreteLabels((0.0, 1.0, 2.0))),
            "probabilities sum to 1 only within",
        ),
        (lambda: fisher_matrix(REAL, [0.1, 0.2], DiscreteLabels()), "probabilities sum to 1 only within"),
        (lambda: fisher_matrix(CLASSES, [0.1], NormalLabels()), "must be loss_scale"),
        (lambda: fisher_matrix(SHIFTED, [0.1], NormalLabels()), "another constant"),
        (lambda: fisher_matrix(CLASSES, [0.1, 0.2], DiscreteLabels()), "must be 1 finite numbers"),
        (lambda: fisher_matrix(ProductModel("w"), [0.1], NormalLabels()), "ProductModel has normal labels"),
        (lambda: fisher_matrix(ProductModel("w", noise_std=0), [0.1]), "`noise_std` positive and finite, got 0"),
        (
            lambda: fisher_matrix(NoisyGradient(ProductModel("w"), Constant(1.0)), [0.1]),
            "must be a ProductModel or",
        ),
        (lambda: NormalLabels(-1), "`noise_std` positive and finite, got -1"),
        (lambda: DiscreteLabels((1.0, 1.0)), "at least two different labels"),
        (lambda: information_matrices(ProductModel("w**2"), [0.0]).fisher_gap, "a Hessian other than 0"),
        (lambda: information_matrices(ProductModel("x + y"), [0.0, 0.0]).sandwich, "Hessian with an inverse"),
        (lambda: InformationMatrices(np.eye(2), np.eye(2), np.diag([1.0, 0])).sandwich, "got the eigenvalue 0"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
