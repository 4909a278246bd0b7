"""Paths follow their own discrete law exactly, the continuous one to first order, and the reading they say."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from checks import errors_off, observed_order, squares
from scipy.linalg import solve_discrete_lyapunov

from simulate import SGD
from theory import (
    AntiIto,
    CallableLandscape,
    Constant,
    EulerMaruyama,
    Grid,
    HessianProportional,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    LossProportional,
    Minibatch,
    ProductModel,
    Sdeint,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    langevin_limit,
    sample_paths,
    stationary_covariance,
)
from theory.landscapes.compiled import CompiledField

H = np.array([[2, 0.5], [0.5, 1]])
D = np.array([[1, 0.3], [0.3, 0.4]])
QUADRATIC = SymbolicLandscape("x**2 + x*y/2 + y**2/2")
QUARTIC = SymbolicLandscape("x**4/4 - x**2*y + y**4/4")
U, V, W = sympy.symbols("u v w", real=True)
ROTATING = SymbolicTensor(sympy.Matrix([[1 + U**2 / 4, U / 3, 0], [V / 5, 1, U * V / 6]]), (U, V))


def seeded(seed):
    return np.random.default_rng(seed)


# Laws


def test_euler_maruyama_has_its_own_discrete_covariance():
    dt = 0.3
    final = sample_paths(
        Langevin(QUADRATIC, Constant(D)), np.zeros((40_000, 2)), dt=dt, steps=80, rng=seeded(1)
    ).final
    discrete = solve_discrete_lyapunov(np.eye(2) - dt * H, 2 * dt * D)
    assert errors_off(final, 0) < 5
    assert errors_off(squares(final), discrete) < 5
    assert errors_off(squares(final), stationary_covariance(H, D)) > 10


def test_every_step_size_misses_the_continuous_law_by_its_first_power():
    """Geometric Brownian motion dw = -w dt + s w dW, whose moments are exact."""
    s, steps = 0.3, (5, 10, 20, 40)
    equation = Langevin(SymbolicLandscape("w**2/2"), LossProportional(SymbolicLandscape("w**2"), s**2 / 2))
    errors = []
    for k in steps:
        final = sample_paths(equation, np.ones(200_000), dt=1 / k, steps=k, rng=seeded(k)).final
        assert errors_off(final, (1 - 1 / k) ** k) < 5
        assert errors_off(final**2, ((1 - 1 / k) ** 2 + s**2 / k) ** k) < 5
        errors.append([abs(final.mean() - np.exp(-1)), abs((final**2).mean() - np.exp(s**2 - 2))])
    for error in np.transpose(errors):
        assert observed_order(1 / np.array(steps), error) == pytest.approx(EulerMaruyama.weak_order, abs=0.15)


READINGS = {Ito(): 0.0, Stratonovich(): 0.5, AntiIto(): 1.0}


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_each_reading_has_its_own_stationary_law(reading):
    """On the circle L = 1 - cos w and D = .5 + .4 cos w give p ~ D^(share - 1) exp(int h/D) = D^(share + 3/2)."""
    circle = Grid(-np.pi, np.pi, 400, periodic=True)
    cosine = 0.5 + 0.4 * sympy.cos(W)
    equation = Langevin(
        SymbolicLandscape("1 - cos(w)"), SymbolicTensor(sympy.Matrix([[sympy.sqrt(cosine)]]), (W,)), reading
    )
    start = seeded(5).uniform(-np.pi, np.pi, 30_000)
    final = sample_paths(equation, start, dt=0.01, steps=1200, rng=seeded(6), domain=circle).final
    assert (np.abs(final) <= np.pi).all()
    for other, share in READINGS.items():
        w = circle.axes[0]
        law = (0.5 + 0.4 * np.cos(w)) ** (share + 1.5)
        moments = [np.cos(w) @ law / law.sum(), np.cos(2 * w) @ law / law.sum()]
        miss = errors_off(np.column_stack([np.cos(final), np.cos(2 * final)]), moments)
        assert miss < 5 if other == reading else miss > 10


def test_free_motion_on_a_circle_becomes_uniform():
    box = Grid((0, -1), (1, 1), (10, 10), periodic=(True, False))
    free = Langevin(SymbolicLandscape("y**2/2 + 0*x", ["x", "y"]), Isotropic(0.05, 2))
    final = sample_paths(free, np.full((20_000, 2), 0.2), dt=0.05, steps=200, rng=seeded(7), domain=box).final
    assert ((final[:, 0] >= 0) & (final[:, 0] <= 1)).all()
    assert errors_off(final[:, 0], 0.5) < 5
    assert errors_off(final[:, 0] ** 2, 1 / 3) < 5
    assert np.abs(final[:, 1]).max() > 0.8  # the other axis does not wrap: standard deviation .22


def test_a_long_step_crosses_what_the_equation_never_crosses():
    """Between the zeros of q' noise and gradient vanish; Euler-Maruyama with steps of SGD's length jumps over."""
    barrier = -0.6
    model = ProductModel("(w + 9/5)*(w - 9/5)**2", loss_scale=1.0)
    limit = langevin_limit(model, SGD(0.01, 20))
    crossed = []
    for parts in (1, 2, 4):
        paths = sample_paths(limit, np.full(10_000, -1.8), dt=0.01 / parts, steps=50 * parts, rng=seeded(1))
        crossed.append(np.mean(~(paths.final < barrier)))
    assert crossed[0] > 0.9
    assert 0.001 < crossed[1] < 0.02
    assert crossed[2] < 0.001


# One equation by several routes


def bare(landscape):
    """The same landscape with its formula hidden, so that paths run through NumPy."""
    return CallableLandscape(landscape.value, landscape.gradient, landscape.hessian, dim=landscape.dim)


@pytest.mark.parametrize(
    "diffusion",
    [Constant(D), Constant([[1, 2], [2, 4]]), Constant(0 * D), ROTATING, LossProportional(QUADRATIC, 0.2)],
    ids=["full", "singular", "none", "rotating", "loss"],
)
@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_compiled_paths_are_those_of_numpy(diffusion, reading):
    start = seeded(2).normal(size=(700, 2)) / 3
    compiled, plain = (Langevin(landscape, diffusion, reading) for landscape in (QUARTIC, bare(QUARTIC)))
    assert compiled.compiled is not None
    assert plain.compiled is None
    domain = Grid((-0.5, -9), (0.5, 9), (1, 1), periodic=(True, False))
    ends = [
        sample_paths(e, start, dt=0.01, steps=60, rng=seeded(3), domain=domain).final for e in (compiled, plain)
    ]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-12)
    other = sample_paths(compiled, start, dt=0.01, steps=60, rng=seeded(4), domain=domain).final
    assert np.array_equal(other, ends[0]) == (not np.any(diffusion.root(start)))


def test_an_extra_drift_joins_on_both_routes():
    swirl = CompiledField((-V, U), (U, V))
    compiled = Langevin(QUADRATIC, Constant(D), extra_drift=swirl)
    plain = Langevin(bare(QUADRATIC), Constant(D), extra_drift=swirl)
    ends = [sample_paths(e, np.ones((600, 2)), dt=0.05, steps=50, rng=seeded(3)).final for e in (compiled, plain)]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-12)
    np.testing.assert_allclose(compiled.drift([1.0, 2.0]), [-2 - 1 - 2, -0.5 - 2 + 1])


@pytest.mark.parametrize("diffusion", [Constant(D), ROTATING], ids=["constant", "rotating"])
def test_sdeint_makes_the_same_paths(diffusion):
    pytest.importorskip("sdeint")
    equation = Langevin(QUARTIC, diffusion)
    start = seeded(8).normal(size=(5, 2)) / 3
    options = {"dt": 0.01, "steps": 80}
    ours, theirs, other = (
        sample_paths(equation, start, rng=seeded(seed), scheme=scheme, **options).final
        for seed, scheme in ((9, EulerMaruyama()), (9, Sdeint("itoEuler")), (10, Sdeint("itoEuler")))
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-10)
    assert np.abs(ours - other).min() > 1e-6


@pytest.mark.parametrize(
    ("name", "reading", "expected"),
    [("itoSRI2", Ito(), 0.0), ("stratHeun", Stratonovich(), 0.5), ("stratSRS2", Stratonovich(), 0.5)],
)
def test_sdeint_reads_the_noise_as_the_equation_does(name, reading, expected):
    """For dw = s w dW the exact solution is w exp(s W - (1/2 - share) s^2 t) for the same increments."""
    pytest.importorskip("sdeint")
    s, steps, dt = 0.4, 400, 0.0025
    noise = SymbolicTensor(sympy.Matrix([[s * W / sympy.sqrt(2)]]), (W,))
    equation = Langevin(SymbolicLandscape("0*w", ["w"]), noise, reading)
    final = sample_paths(equation, np.ones(4), dt=dt, steps=steps, rng=seeded(12), scheme=Sdeint(name)).final
    brownian = sample_paths(
        Langevin(SymbolicLandscape("0*w", ["w"]), Constant(0.5)), np.zeros(4), dt=dt, steps=steps, rng=seeded(12)
    ).final
    for share in READINGS.values():
        exact = np.exp(s * brownian - (0.5 - share) * s**2 * dt * steps)
        close = np.abs(final / exact - 1).max() < 5e-3
        assert close == (share == expected)


# Records


def test_langevin_limit_has_the_time_scale_of_momentum():
    model = ProductModel("w - 1")
    limit = langevin_limit(model, SGD(0.1, 4, momentum=0.9))
    np.testing.assert_allclose(limit.tensor([[3.0]]), 1.0 / 8 * model.gradient_covariance([[3.0]]))
    np.testing.assert_allclose(limit.drift([[3.0]]), -model.gradient([[3.0]]))
    assert limit.interpretation == Ito()


def test_the_potential_is_known_where_the_drift_is_a_gradient_for_constant_noise():
    w = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(Langevin(QUADRATIC, Isotropic(0.5, 2)).potential(w), QUADRATIC.value(w) / 0.5)
    ratio = np.linalg.solve(D, QUADRATIC.hessian(w)[0])  # symmetric: D^-1 grad L is a gradient
    np.testing.assert_allclose(Langevin(QUADRATIC, Constant(D)).potential(w), w @ ratio @ w[0] / 2)
    assert Langevin(QUADRATIC, Constant([[1, 0.3], [0.3, 0.5]])).potential(w) is None
    assert Langevin(QUADRATIC, ROTATING).potential(w) is None
    assert Langevin(QUADRATIC, Isotropic(0.5, 2), extra_drift=np.zeros_like).potential(w) is None


def test_paths_are_observed_in_time_units():
    equation = Langevin(QUADRATIC, Constant(D))
    paths = sample_paths(equation, np.ones((10, 2)), dt=0.1, steps=7, rng=seeded(0), save_every=3)
    np.testing.assert_allclose(paths.times, [0, 0.3, 0.6, 0.7])
    assert paths.positions.shape == (4, 10, 2)
    np.testing.assert_array_equal(paths.positions[0], 1)
    last = sample_paths(equation, np.ones((10, 2)), dt=0.1, steps=7, rng=seeded(0))
    np.testing.assert_array_equal(paths.final, last.final)
    assert paths.to_xarray().dims == ("time", "walker", "component")


LINE = Langevin(SymbolicLandscape("w**2/2"), Isotropic(1, 1))
GOOD = {"dt": 0.1, "steps": 3, "rng": np.random.default_rng(0)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dt": 0}, "`dt` must be positive and finite, got 0"),
        ({"dt": np.nan}, "`dt` must be positive and finite, got nan"),
        ({"steps": -1}, "`steps` must be a whole number, not negative, got -1"),
        ({"steps": 2.5}, "got 2.5"),
        ({"steps": np.inf}, "got inf"),
        ({"save_every": 0}, "`save_every` must be a whole number of steps, at least 1, got 0"),
        ({"threads": 0}, "`threads` must be at least 1, got 0"),
        ({"rng": 5}, r"`rng` must be a numpy Generator or None, got 5; write numpy.random.default_rng\(seed\)"),
        ({"start": np.ones((4, 2))}, r"shape \(walkers, 1\), got \(4, 2\)"),
        ({"start": np.empty((0, 1))}, r"shape \(walkers, 1\), got \(0, 1\)"),
        ({"start": [1, np.nan, np.inf]}, "`start` must be finite, got 2 walkers that are not"),
        ({"grid": Grid((0, 0), (1, 1), (2, 2))}, "`grid` must have dimension 1, got 2"),
        ({"domain": Grid((0, 0), (1, 1), (2, 2))}, "`domain` must have dimension 1, got 2"),
        ({"dt": 3, "steps": 5000}, r"all 2 walkers diverged within 5000 steps; reduce `dt` \(now 3\)"),
    ],
)
def test_refuses(changes, reason):
    options = GOOD | {"start": [0.5, 1.0]} | changes
    with pytest.raises(InputError, match=reason):
        sample_paths(LINE, options.pop("start"), **options)


def test_a_scheme_refuses_an_equation_of_another_reading():
    pytest.importorskip("sdeint")
    for name, reading in [("stratHeun", Ito()), ("itoEuler", Stratonovich()), ("itoEuler", AntiIto())]:
        equation = Langevin(SymbolicLandscape("w**2/2"), Isotropic(1, 1), reading)
        with pytest.raises(InputError, match=f"{name} solves the .* equation, got {type(reading).__name__};"):
            sample_paths(equation, [1.0], **GOOD, scheme=Sdeint(name))
    with pytest.raises(InputError, match="no periodic domain"):
        sample_paths(LINE, [1.0], **GOOD, scheme=Sdeint("itoEuler"), domain=Grid(0, 1, 2, periodic=True))
    with pytest.raises(InputError, match=r"must be one of itoEuler, .* got 'heun'"):
        Sdeint("heun")


@pytest.mark.parametrize("order", [0, 3])
def test_the_limit_has_no_other_order(order):
    with pytest.raises(InputError, match=f"`order` must be .* got {order}"):
        langevin_limit(ProductModel("w"), SGD(0.1, 2), order=order)


def test_noise_that_is_refused_stops_the_paths():
    equation = Langevin(QUARTIC, HessianProportional(QUARTIC, 0.1))
    with pytest.raises(InputError, match="positive semidefinite"):
        sample_paths(equation, [[0.0, 1.0]], **GOOD)


def test_a_minibatch_tensor_is_a_formula():
    assert Langevin(QUADRATIC, Minibatch(ProductModel("x*y"), 0.1, 2)).compiled is not None
