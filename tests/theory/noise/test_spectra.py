"""Eigenvalues at the ends of known spectra and traces, within their errors."""

from typing import Literal

import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from theory import CallableLandscape, InputError, two_layer_network
from theory.models import slabs
from theory.noise import (
    covariance_operator,
    covariance_trace,
    extreme_eigenvalues,
    hessian_operator,
    operator_trace,
)


def turned(spectrum: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    turn = np.linalg.qr(rng.standard_normal((len(spectrum), len(spectrum))))[0]
    matrix = turn * spectrum @ turn.T
    return np.asarray((matrix + matrix.T) / 2)


@pytest.mark.parametrize("end", ["largest", "smallest"])
def test_known_spectra_with_multiple_eigenvalues_are_covered(end: Literal["largest", "smallest"]) -> None:
    sign = 1 if end == "largest" else -1
    for seed in range(20):
        rng = np.random.default_rng(seed)
        spectrum = np.concatenate([[3.0, 3.0, 3.0, 2.999], rng.standard_normal(36)])
        found = extreme_eigenvalues(aslinearoperator(turned(sign * spectrum, rng)), 5, rng=rng, end=end)
        exact = sign * np.sort(spectrum)[::-1][:5]
        assert (np.abs(found.values - exact) <= found.error).all()
        assert (found.error < 1e-11).all()
        assert np.allclose(found.vectors @ found.vectors.T, np.eye(5))


def test_a_network_has_the_eigenvalues_of_its_dense_matrices() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((30, 2))
    model = two_layer_network(x, np.tanh(x[:, 0]), 3)
    at = rng.standard_normal(model.dim)
    for operator, dense in (
        (hessian_operator(model, at), model.hessian(at)),
        (covariance_operator(model, at), model.gradient_covariance(at)),
    ):
        found = extreme_eigenvalues(operator, 3, rng=rng)
        exact = np.linalg.eigvalsh(dense)[::-1][:3]
        assert (np.abs(found.values - exact) <= found.error + 1e-9).all()
        assert (found.error < 1e-6).all()


def test_differences_of_the_gradient_count_in_the_error() -> None:
    landscape = CallableLandscape(lambda w: np.cosh(w).sum(-1), np.sinh, dim=6)
    at = np.linspace(-1, 1, 6)
    found = extreme_eigenvalues(hessian_operator(landscape, at), 2, rng=np.random.default_rng(0))
    assert (np.abs(found.values - np.cosh(1)) <= found.error).all()
    assert found.error.max() < 1e-6


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_where_little_curves_the_rest_is_zero(rank: int) -> None:
    rng = np.random.default_rng(0)
    matrix = turned(np.arange(20.0) * (np.arange(20) < rank + 1), rng)
    for end in ("largest", "smallest"):
        found = extreme_eigenvalues(aslinearoperator(matrix), 4, rng=rng, end=end)
        exact = np.array([*range(rank, 0, -1), 0.0, 0.0, 0.0, 0.0])[:4] if end == "largest" else np.zeros(4)
        assert (np.abs(found.values - exact) <= found.error).all()
        assert np.allclose(found.vectors @ found.vectors.T, np.eye(4))


def test_what_has_no_such_spectrum_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="linear and symmetric"):
        extreme_eigenvalues(aslinearoperator(np.triu(np.ones((6, 6)))), 1, rng=rng)
    with pytest.raises(InputError, match="less than the dimension"):
        extreme_eigenvalues(aslinearoperator(np.eye(3)), 3, rng=rng)
    with pytest.raises(InputError, match="must be square"):
        extreme_eigenvalues(aslinearoperator(np.ones((3, 2))), 1, rng=rng)
    broken = LinearOperator((4, 4), matvec=lambda v: v * np.nan, dtype=np.float64)
    with pytest.raises(InputError, match="finite products"):
        extreme_eigenvalues(broken, 1, rng=rng)


def test_the_error_is_that_of_the_trace() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((30, 30))
    matrix = matrix + matrix.T
    off = [
        (found - np.trace(matrix)) / found.error
        for found in (operator_trace(aslinearoperator(matrix), rng=rng) for _ in range(200))
    ]
    assert 0.8 < np.std(off) < 1.25
    assert abs(np.mean(off)) < 5 / np.sqrt(200)


def test_a_diagonal_operator_has_no_error() -> None:
    found = operator_trace(aslinearoperator(np.diag([1.0, 2.0, -5.0])), 4, rng=np.random.default_rng(0))
    assert float(found) == -2.0
    assert found.error == 0.0
    with pytest.raises(InputError, match="`probes`"):
        operator_trace(aslinearoperator(np.eye(2)), 1, rng=np.random.default_rng(0))


def test_the_covariance_of_the_examples_has_the_trace_of_its_matrix() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((30, 2))
    model = two_layer_network(x, np.tanh(x[:, 0]), 3)
    at = rng.standard_normal(model.dim)
    assert covariance_trace(model, at) == pytest.approx(np.trace(model.gradient_covariance(at)), rel=1e-12)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_entries_of_any_size_have_eigenvalues(scale: float) -> None:
    rng = np.random.default_rng(0)
    spectrum = np.arange(20.0)
    found = extreme_eigenvalues(aslinearoperator(scale * turned(spectrum, rng)), 2, rng=rng)
    assert (np.abs(found.values / scale - [19, 18]) <= found.error / scale).all()
    assert (found.error < 1e-12 * scale).all()
    with pytest.raises(InputError, match="finite products"):
        extreme_eigenvalues(aslinearoperator(np.full((20, 20), 1e308)), 1, rng=rng)
    trace = operator_trace(aslinearoperator(scale * turned(spectrum, rng)), rng=rng)
    assert 0 < abs(trace / scale - 190) < 5 * trace.error / scale < 50


def test_an_operator_in_single_precision_has_an_error_of_its_own() -> None:
    rng = np.random.default_rng(0)
    single = turned(np.arange(20.0), rng).astype(np.float32)
    said = LinearOperator((20, 20), matvec=lambda v: single @ np.float32(v), dtype=np.float32)
    found = extreme_eigenvalues(said, 3, rng=rng)
    assert (np.abs(found.values - [19, 18, 17]) <= found.error).all()
    assert 1e-6 < found.error.max() < 1e-3
    unsaid = LinearOperator((20, 20), matvec=lambda v: single @ np.float32(v), dtype=np.float64)
    with pytest.raises(InputError, match="float32"):
        extreme_eigenvalues(unsaid, 2, rng=rng)


def test_traces_of_blocks_of_examples_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((30, 2))
    model = two_layer_network(x, np.tanh(x[:, 0]), 3)
    at = rng.standard_normal(model.dim)
    whole, sizes = covariance_trace(model, at), []
    gradient = model.example_gradient

    def watched(w, x, y):
        sizes.append(len(y))
        return gradient(w, x, y)

    object.__setattr__(model, "example_gradient", watched)
    monkeypatch.setattr(slabs, "LARGEST_BLOCK", 7 * model.dim)
    assert covariance_trace(model, at) == pytest.approx(whole, rel=1e-13)
    assert sizes == [7, 7, 7, 7, 2]
