"""Noise by the Hessian: factors in closed form, divergences across kinks, compiled paths and SGD, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_near, check_tensor

from simulate import SGD, run_sgd
from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    CallableLandscape,
    HalfSpace,
    HessianProportional,
    InputError,
    Langevin,
    Minibatch,
    NoisyGradient,
    PositivePart,
    Refuse,
    Scaled,
    SmoothAbsolute,
    Stratonovich,
    SymbolicLandscape,
    first_passage_times,
    sample_paths,
)
from theory.tensors.factors import factor_rows

KINDS = [AbsoluteEigenvalues(), PositivePart(), SmoothAbsolute(0.3)]
WELLS = {
    1: SymbolicLandscape("(x**2 - 1)**2/4"),
    2: SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)"),
    3: SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2) + z**2*(1 + y**2)/2 + x*z/5"),
    4: SymbolicLandscape(
        "(x**2 - 1)**2/4 + y**2*(1 + x**2/2) + z**2*(1 + y**2)/2 + x*z/5 + v**2 + v*y*z/5", "xyzv"
    ),
}
SPECTRA = {
    "mixed": lambda rng, shape: rng.normal(size=shape),
    "positive": lambda rng, shape: rng.exponential(size=shape),
    "negative": lambda rng, shape: -rng.exponential(size=shape),
    "over twenty orders": lambda rng, shape: rng.choice([-1, 1], shape) * 10 ** rng.uniform(-18, 2, shape),
    "equal": lambda rng, shape: rng.choice([-1.0, 0.0, 1.0], shape),
    "nearly equal": lambda rng, shape: rng.choice([1.0, 1 + 1e-9, -1e-9, 1e-8, -1.0], shape),
    "zero": lambda rng, shape: np.zeros(shape),
    "huge": lambda rng, shape: 1e140 * rng.normal(size=shape),
    "tiny": lambda rng, shape: 1e-140 * rng.normal(size=shape),
}


def by_functions(landscape):
    """The same landscape as Python functions."""
    return CallableLandscape(landscape.value, landscape.gradient, landscape.hessian, dim=landscape.dim)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("dim", [3, 4, 7])
def test_factors_of_random_matrices(dim, kind, spectrum):
    rng = np.random.default_rng(dim)
    eigenvalues = SPECTRA[spectrum](rng, (300, dim))
    vectors = np.linalg.qr(rng.normal(size=(300, dim, dim)))[0]
    matrices = np.einsum("nik,nk,njk->nij", vectors, eigenvalues, vectors)
    matrices = (matrices + matrices.swapaxes(1, 2)) / 2
    slope, bend, width = kind.parts
    replaced = slope * eigenvalues + bend * np.hypot(eigenvalues, width)
    expected = 4 * np.einsum("nik,nk,njk->nij", vectors, replaced, vectors)
    rows = np.ascontiguousarray(matrices.reshape(300, -1).T)
    factor_rows(rows, slope, bend, width, False, 2.0)
    factors = rows.T.reshape(300, dim, dim)
    size = np.maximum(np.abs(eigenvalues).max(axis=1), max(width, 1e-300))
    assert (np.abs(factors @ factors.swapaxes(1, 2) - expected).max(axis=(1, 2)) <= 3e-14 * size).all()


@pytest.mark.parametrize("kind", [*KINDS, Refuse()], ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("dim", WELLS)
def test_formulas_functions_and_machine_code_are_one(dim, kind):
    rng = np.random.default_rng(3)
    spread = 0.05 if isinstance(kind, Refuse) else 1.0
    points = np.eye(dim)[0] + spread * rng.normal(size=(40, dim))
    if isinstance(kind, Refuse):
        points[:, 1:] = points[:, 1:] / 10
    noise = HessianProportional(WELLS[dim], 0.3, kind)
    check_tensor(noise, points)
    other = HessianProportional(by_functions(WELLS[dim]), 0.3, kind)
    assert_near(other.tensor(points), noise.tensor(points), 1e-14)
    assert_near(other.root(points), noise.root(points), 1e-12)
    assert_near(other.divergence(points), noise.divergence(points), 1e-8)
    field = Langevin(WELLS[dim], Scaled(noise, 4.0)).loop_field
    out = np.empty((field.rows, len(points)))
    _fill(field.kernel, np.ascontiguousarray(points.T), out)
    assert_near(out[:dim].T, -WELLS[dim].gradient(points), 1e-13)
    assert_near(out[dim:].T.reshape(-1, dim, dim), np.sqrt(8) * noise.root(points), 1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("formula", ["-exp(-x**2/2) + y**2", "cos(x) + 2*y**2 + x*y/3"])
def test_constant_curvature_beside_one_that_changes_its_sign(formula, kind):
    """Spelled out case by case, roots hold those of negative numbers, which no compiler takes."""
    well = SymbolicLandscape(formula)
    noise, points = HessianProportional(well, 0.2, kind), np.random.default_rng(3).normal(size=(50, 2))
    eigenvalues, vectors = np.linalg.eigh(well.hessian(points))
    slope, bend, width = kind.parts
    lengths = 0.2 * (slope * eigenvalues + bend * np.hypot(eigenvalues, width))
    assert_near(noise.tensor(points), np.einsum("nij,nj,nkj->nik", vectors, lengths, vectors), 1e-14)
    field = Langevin(well, noise).loop_field
    out = np.empty((field.rows, len(points)))
    _fill(field.kernel, np.ascontiguousarray(points.T), out)
    assert_near(out[2:].T.reshape(-1, 2, 2), np.sqrt(2) * noise.root(points), 1e-12)


def _fill(kernel, w, out):
    import numba

    @numba.njit
    def call(field, w, out):
        field(w, out)

    call(kernel, w, out)


@pytest.mark.parametrize("kind", KINDS[:2], ids=lambda kind: type(kind).__name__)
def test_divergence_next_to_a_kink(kind):
    """On both sides of x = 0 the exact slope, which differences across it would miss."""
    landscape = SymbolicLandscape("x**3/12 + x*y**2/4 + y**3/3")
    found = HessianProportional(landscape, 2.0, kind).divergence([[-1e-9, 0.0], [1e-9, 0.0]])
    below = -1.0 if isinstance(kind, AbsoluteEigenvalues) else 0.0
    # at y = 0 H is x/2 times the identity: both eigenvalues change sign, and div H = (1, 2)
    assert_near(found, [[2 * below, 4 * below], [2.0, 4.0]], 1e-6)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("dim", WELLS)
def test_paths_of_formulas_and_of_functions(dim, kind):
    start = np.tile(np.eye(dim)[0], (50, 1))
    ends = [
        sample_paths(
            Langevin(landscape, HessianProportional(landscape, 0.05, kind)),
            start,
            dt=0.01,
            steps=20,
            rng=np.random.default_rng(1),
        ).final
        for landscape in (WELLS[dim], by_functions(WELLS[dim]))
    ]
    assert_near(*ends, 1e-10)
    runs = [
        run_sgd(
            NoisyGradient(landscape, HessianProportional(landscape, 0.5, kind)),
            SGD(learning_rate=0.02, batch_size=4, momentum=0.5),
            start,
            steps=20,
            rng=np.random.default_rng(1),
        ).final
        for landscape in (WELLS[dim], by_functions(WELLS[dim]))
    ]
    assert_near(*runs, 1e-10)


@pytest.mark.parametrize("reading", [Stratonovich(), AntiIto()])
def test_drift_of_other_readings_across_kinks(reading):
    points = np.random.default_rng(2).normal(size=(40, 2))
    sde = Langevin(WELLS[2], HessianProportional(WELLS[2], 0.05, AbsoluteEigenvalues()), reading)
    assert_near(sde.compiled(points)[:, :2], sde.drift(points), 1e-12)


def test_bowls_keep_their_covariance_whatever_the_curvature():
    """With C = c H the law of a bowl is normal with eta c / 2B times the identity; Gibbs' law is another."""
    bowl = SymbolicLandscape("x**2/2 + 5*y**2/2 + x*y")
    sde = Langevin(bowl, Minibatch(NoisyGradient(bowl, HessianProportional(bowl, 4.0)), 0.1, 8))
    paths = sample_paths(sde, np.zeros((20_000, 2)), dt=0.02, steps=400, rng=np.random.default_rng(1))
    moments = np.cov(paths.final.T)
    assert_near(moments, 0.025 * np.eye(2), 5 * 0.025 * np.sqrt(2 / 20_000) + 0.025 * 0.06)
    gibbs = 0.025 * np.trace(bowl.hessian(np.zeros(2))) / 2 * np.linalg.inv(bowl.hessian(np.zeros(2)))
    assert np.abs(gibbs - moments).max() > 0.01


@pytest.mark.parametrize("dim", [2, 3, 4])
def test_indefinite_hessians_are_refused_where_they_are(dim):
    start = np.tile(0.9 * np.eye(dim)[0], (20, 1))
    sde = Langevin(WELLS[dim], HessianProportional(WELLS[dim], 1.0))
    words = r"positive semidefinite, got the eigenvalue -.* at w = \["
    with pytest.raises(InputError, match=words):
        sample_paths(sde, start, dt=0.01, steps=2000, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match=words):
        first_passage_times(
            sde, start, HalfSpace(-1.0, above=False), dt=0.01, steps=2000, rng=np.random.default_rng(1)
        )
    model = NoisyGradient(WELLS[dim], HessianProportional(WELLS[dim], 20.0))
    with pytest.raises(InputError, match=words):
        run_sgd(model, SGD(0.05, 1, momentum=0.5), start, steps=2000, rng=np.random.default_rng(1))


def test_hessians_that_are_not_symmetric_are_refused():
    skew = CallableLandscape(
        lambda w: w[..., 0], lambda w: w, lambda w: np.broadcast_to([[1.0, 2], [0, 1]], (*w.shape, 2)), dim=2
    )
    with pytest.raises(InputError, match="a Hessian must be symmetric"):
        HessianProportional(skew, 1.0).tensor(np.zeros((3, 2)))
    with pytest.raises(InputError, match="`width` must be positive"):
        SmoothAbsolute(0.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_hessians_that_are_not_finite_are_named_by_whoever_follows_walkers(wrong):
    wells = WELLS[2]
    broken = CallableLandscape(
        wells.value,
        wells.gradient,
        lambda w: np.where(w[..., :1, None] > 0.6, wrong, wells.hessian(w)),
        dim=2,
    )
    noise, start = HessianProportional(broken, 0.1, AbsoluteEigenvalues()), np.full((40, 2), 0.9)
    sde, reason = (
        Langevin(broken, noise),
        r"a Hessian must be finite where walkers start, got .* at w = \[0\.9, 0\.9\]",
    )
    with pytest.raises(InputError, match=reason):
        sample_paths(sde, start, dt=0.01, steps=20, rng=np.random.default_rng(1))
    target, model = HalfSpace(0.0, above=False), NoisyGradient(broken, noise)
    with pytest.raises(InputError, match=reason):
        first_passage_times(sde, start, target, dt=0.01, steps=20, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match=reason):
        run_sgd(model, SGD(0.05, 2), start, steps=20, rng=np.random.default_rng(1))
