"""The Fisher information by products beside its matrix, and what has none."""

import numpy as np
import pytest

from theory import InputError, logistic_regression, two_layer_network
from theory.noise import DiscreteLabels, NormalLabels, fisher_matrix, fisher_operator

RNG = np.random.default_rng(1)
X = RNG.standard_normal((20, 2))
CLASSES = (RNG.random(20) > 0.5).astype(float)


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        (logistic_regression(X, CLASSES), DiscreteLabels()),
        (two_layer_network(X, np.tanh(X[:, 0]), 3), NormalLabels(0.5)),
    ],
)
def test_products_are_those_of_the_matrix(model, labels):
    at = np.random.default_rng(2).standard_normal(model.dim)
    found = fisher_operator(model, at, labels) @ np.eye(model.dim)
    assert np.allclose(found, fisher_matrix(model, at, labels), rtol=1e-10, atol=1e-10)


def softmax(*, decay: float = 0.0):
    """A classifier of three classes in PyTorch."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    module = torch.nn.Linear(2, 3)

    def loss(outputs, y):
        return torch.nn.functional.cross_entropy(outputs, y, reduction="none") + decay

    from theory import from_torch

    return from_torch(module, loss, X, RNG.integers(3, size=20))


def test_of_a_softmax_it_is_the_hessian_whatever_the_labels():
    model = softmax()
    at = np.random.default_rng(2).standard_normal(model.dim)
    found = fisher_operator(model, at, DiscreteLabels((0, 1, 2))) @ np.eye(model.dim)
    assert np.allclose(found, model.hessian(at), atol=1e-10)  # canonical and linear
    gradient = model.gradient(at)
    empirical = model.gradient_covariance(at) + np.outer(gradient, gradient)
    assert np.abs(found - empirical).max() > 0.05


def test_another_loss_has_none():
    with pytest.raises(InputError, match=r"sum to 1 only within 0\.0952; name all labels, leave weight decay"):
        fisher_operator(softmax(decay=0.1), np.zeros(9), DiscreteLabels((0, 1, 2)))
    with pytest.raises(InputError, match="sum to 1 only within"):
        fisher_operator(softmax(), np.zeros(9), DiscreteLabels((0, 1)))
    with pytest.raises(InputError, match="must be loss_scale"):
        fisher_operator(logistic_regression(X, CLASSES), np.zeros(2), NormalLabels())
