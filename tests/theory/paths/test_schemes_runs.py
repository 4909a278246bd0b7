"""One equation gives one path: compiled or as Python, on any number of threads, in one piece or two."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from schemes import DOUBLE_WELL, U, V, X, bare, geometric, linear, seeded

from theory import (
    BAOAB,
    AlphaStable,
    CallableLandscape,
    Constant,
    EulerMaruyama,
    Grid,
    HalfSpace,
    Heun,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    LeimkuhlerMatthews,
    Milstein,
    Minibatch,
    Platen,
    ProductModel,
    Reflecting,
    Sdeint,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    TamedEuler,
    Underdamped,
    first_passage_times,
    sample_paths,
)
from theory.landscapes.compiled import CompiledField

PLANE = SymbolicLandscape("x**4/4 - x**2*y + y**4/4")
CROSSED = SymbolicTensor(sympy.Matrix([[1 + U**2 / 4, U / 3, 0], [V / 5, 1, U * V / 6]]) / 2, (U, V))
ONE_CHANNEL = SymbolicTensor(sympy.Matrix([[1 + U * V / 4], [sympy.sin(U)]]) / 2, (U, V))
BENT = SymbolicTensor(sympy.Matrix([[sympy.sqrt(1 + X**2) / 2]]), (X,))
TILTED = Constant([[1, 0.3], [0.3, 0.4]])
CASES = [
    (EulerMaruyama(), PLANE, CROSSED, Ito()),
    (TamedEuler(0.5), PLANE, CROSSED, Stratonovich()),
    (Milstein(), PLANE, ONE_CHANNEL, Ito()),
    (Milstein(), PLANE, TILTED, Ito()),
    (Heun(), DOUBLE_WELL, BENT, Stratonovich()),
    (Heun(), PLANE, TILTED, Stratonovich()),
    (Platen(), PLANE, CROSSED, Stratonovich()),
    (Platen(), DOUBLE_WELL, BENT, Ito()),
    (LeimkuhlerMatthews(), PLANE, Isotropic(0.3, 2), Ito()),
    (AlphaStable(1.5, 0.3), PLANE, CROSSED, Ito()),
    (AlphaStable(1.0, 0.3), DOUBLE_WELL, Constant(0.0), Ito()),
    (BAOAB(), PLANE, None, None),
    (EulerMaruyama(), PLANE, None, None),
]
NAMES = [f"{type(case[0]).__name__}-{k}" for k, case in enumerate(CASES)]


def equation(landscape, diffusion, reading):
    if diffusion is None:
        return Underdamped(landscape, 0.7, 0.4)
    return Langevin(landscape, diffusion, reading)


def starts(sde, walkers=700):
    return seeded(2).normal(size=(walkers, sde.dim)) / 3


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_formulas_and_functions_make_the_same_paths(case):
    scheme, landscape, *rest = case
    fast, plain = equation(landscape, *rest), equation(bare(landscape), *rest)
    assert (fast.compiled is None, plain.compiled is None) == (False, True)
    options = {"dt": 0.02, "steps": 40, "scheme": scheme}
    ends = [sample_paths(e, starts(e), rng=seeded(3), **options).final for e in (fast, plain)]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-9)
    assert np.abs(ends[0] - sample_paths(fast, starts(fast), rng=seeded(4), **options).final).max() > 0.1


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_threads_and_pieces_change_nothing(case):
    scheme, *rest = case
    sde = equation(*rest)
    options = {"dt": 0.02, "scheme": scheme}
    whole, *others = (
        sample_paths(sde, starts(sde, 1500), steps=50, rng=seeded(3), threads=k, **options) for k in (1, 2, 7)
    )
    for other in others:
        np.testing.assert_array_equal(whole.final, other.final)
    first = sample_paths(sde, starts(sde, 1500), steps=17, rng=seeded(3), **options)
    before = first.checkpoint.positions.copy()
    rest = sample_paths(sde, first.checkpoint, steps=33, save_every=11, **options)
    np.testing.assert_array_equal(rest.final, whole.final)
    np.testing.assert_array_equal(rest.times, (17 + np.array([0, 11, 22, 33])) * 0.02)
    np.testing.assert_array_equal(rest.checkpoint.streams, whole.checkpoint.streams)
    np.testing.assert_array_equal(first.checkpoint.positions, before)
    again = sample_paths(sde, first.checkpoint, steps=33, **options)
    np.testing.assert_array_equal(again.final, whole.final)


@pytest.mark.parametrize(
    "scheme", [EulerMaruyama(), Milstein(), AlphaStable(1.3, 0.2), Sdeint("itoEuler")], ids=str
)
def test_joined_increments_are_those_of_a_finer_run(scheme):
    """Where nothing depends on w, two steps are one of twice the length."""
    if isinstance(scheme, Sdeint):
        pytest.importorskip("sdeint")
    free = Langevin(SymbolicLandscape("x + 0*y"), TILTED)
    fine, coarse = (
        sample_paths(
            free, np.zeros((6, 2)), dt=0.01 * k, steps=60 // k, rng=seeded(5), scheme=scheme, join=k
        ).final
        for k in (1, 3)
    )
    np.testing.assert_allclose(fine, coarse, atol=1e-12)


def test_joined_steps_of_the_bath_give_momenta_the_same_numbers():
    free = Underdamped(SymbolicLandscape("0*x"), 2.0, 0.5)
    fine, coarse = (
        sample_paths(free, np.ones((6, 2)), dt=0.1 * k, steps=12 // k, rng=seeded(5), scheme=BAOAB(), join=k).final
        for k in (1, 4)
    )
    np.testing.assert_allclose(fine[:, 1], coarse[:, 1], atol=1e-12)


def test_heun_takes_diagonal_noise_in_the_plane():
    """Where each component's noise depends on that component alone, it follows the same path as Milstein."""
    noise = SymbolicTensor(sympy.diag(sympy.sqrt(1 + U**2), sympy.cos(V)) / 2, (U, V))
    sde = Langevin(PLANE, noise, Stratonovich())
    ends = [
        sample_paths(sde, starts(sde), dt=0.001, steps=300, rng=seeded(3), scheme=scheme).final
        for scheme in (Heun(), Milstein(), EulerMaruyama())
    ]
    assert np.abs(ends[0] - ends[1]).mean() < 1e-3 < np.abs(ends[0] - ends[2]).mean()


def test_what_heun_advises_is_the_equation_that_was_meant():
    """On the circle dw = (-y, x) o dW keeps |w|^2 = 1; the half-way reading of D is another equation."""
    x, y = sympy.symbols("x y", real=True)
    turning = SymbolicTensor(sympy.Matrix([-y, x]) / sympy.sqrt(2), (x, y))
    flat, options = SymbolicLandscape("0*x + 0*y", ["x", "y"]), {"dt": 0.002, "steps": 1000}
    start = np.tile([1.0, 0.0], (500, 1))
    with pytest.raises(InputError, match=r"Ito drift .* added, here \(-0.5\*x, -0.5\*y\)") as refusal:
        sample_paths(Langevin(flat, turning, Stratonovich()), start, scheme=Heun(), rng=seeded(1), **options)
    assert "\n" not in str(refusal.value)
    sizes = []
    for sde in (
        Langevin(flat, turning, Ito(), CompiledField((-x / 2, -y / 2), (x, y))),
        Langevin(flat, turning, Stratonovich()),
    ):
        final = sample_paths(sde, start, rng=seeded(1), **options).final
        sizes.append((final**2).sum(axis=1).mean())
    assert sizes[0] == pytest.approx(1, abs=0.01)
    assert sizes[1] > 2  # control: what was advised before


def test_a_checkpoint_goes_on_where_another_step_takes_over():
    sde = Langevin(DOUBLE_WELL, Isotropic(0.1, 1))
    first = sample_paths(sde, [0.5], dt=0.1, steps=10, rng=seeded(1))
    assert sample_paths(sde, first.checkpoint, dt=0.05, steps=2).times[-1] == pytest.approx(1.1)


WELL = Langevin(DOUBLE_WELL, Isotropic(0.1, 1))
HIDDEN = Langevin(CallableLandscape(PLANE.value, PLANE.gradient, dim=2), CROSSED)
INERT = Underdamped(DOUBLE_WELL, 1.0, 0.1)
BOX = Grid((-1, -1), (1, 1), (4, 4))


@pytest.mark.parametrize(
    ("sde", "options", "reason"),
    [
        (linear([np.eye(2), [[0, 1], [0, 0]]]), {"scheme": Milstein()}, None),
        (linear([[[0, 1], [1, 0]], [[0, 1], [0, 0]]]), {"scheme": Milstein()}, r"commutes .* EulerMaruyama\(\)"),
        (HIDDEN, {"scheme": Milstein()}, r"cannot be seen .* Platen\(\)"),
        (WELL, {"scheme": Heun()}, r"Stratonovich equation, got Ito; take Milstein\(\)"),
        (
            Langevin(PLANE, CROSSED, Stratonovich()),
            {"scheme": Heun()},
            r"half of div D .* Ito drift \(1/2\) \(g.grad\) g added, here \(.*\), and take EulerMaruyama\(\)",
        ),
        (Langevin(HIDDEN.landscape, CROSSED, Stratonovich()), {"scheme": Heun()}, "half of div D"),
        (geometric(0.5), {"scheme": LeimkuhlerMatthews()}, r"needs Isotropic noise .* EulerMaruyama\(\)"),
        (WELL, {"scheme": BAOAB()}, r"needs an Underdamped equation, got Langevin; take EulerMaruyama\(\)"),
        (INERT, {"scheme": Milstein()}, r"needs a Langevin equation, got Underdamped; take BAOAB\(\)"),
        (INERT, {"scheme": Platen()}, r"take BAOAB\(\)"),
        (INERT, {"domain": BOX, "sides": Reflecting()}, "Underdamped has none"),
        (WELL, {"scheme": Platen(), "join": 2}, "increments of Platen cannot be joined"),
        (WELL, {"join": 0}, "`join` must be a whole number, at least 1, got 0"),
        (
            WELL,
            {"scheme": "euler"},
            r"must be a Scheme or a PathStep, got 'euler'; .* take a scheme such as EulerMaruyama\(\)",
        ),
        (DOUBLE_WELL, {}, "`sde` must be a Langevin or an Underdamped, got"),
        (WELL, {"sides": Reflecting()}, "`sides` need a `domain`"),
        (WELL, {"sides": "wall", "domain": Grid(0, 1, 2)}, r"`sides` must be Reflecting\(\) or None, got 'wall'"),
        (Langevin(PLANE, TILTED), {"domain": BOX, "sides": Reflecting()}, r"axis 0 .* got D with 0\.3 beside"),
        (WELL, {"rng": None}, "`rng` must be a numpy Generator, got NoneType"),
    ],
)
def test_refuses(sde, options, reason):
    given = {"dt": 0.1, "steps": 1, "rng": seeded(0)} | options
    if reason is None:
        assert sample_paths(sde, np.zeros((1, 4)), **given).walkers == 1
        return
    with pytest.raises(InputError, match=reason):
        sample_paths(sde, np.zeros((1, getattr(sde, "dim", 1))), **given)


def test_refuses_numbers_out_of_range():
    for make, reason in (
        (lambda: TamedEuler(0), "`length` must be positive and finite, got 0"),
        (lambda: AlphaStable(2.1, 1), "`alpha` must be above 0 and at most 2, got 2.1"),
        (lambda: AlphaStable(1, -1), "`scale` must be positive and finite, got -1"),
        (lambda: Underdamped(DOUBLE_WELL, 0, 1), "`friction` must be positive and finite, got 0"),
        (lambda: Underdamped(DOUBLE_WELL, 1, np.inf), "`temperature` must be positive and finite, got inf"),
        (lambda: Underdamped("w**2", 1, 1), "`landscape` must be a Landscape"),
    ):
        with pytest.raises(InputError, match=reason):
            make()


def test_refuses_a_checkpoint_that_does_not_fit():
    run = sample_paths(WELL, [0.5], dt=0.1, steps=1, rng=seeded(0))
    with pytest.raises(InputError, match="its own streams; leave `rng` out"):
        sample_paths(WELL, run.checkpoint, dt=0.1, steps=1, rng=seeded(0))
    with pytest.raises(InputError, match="the checkpoint must have dimension 2, got 1"):
        sample_paths(Langevin(PLANE, TILTED), run.checkpoint, dt=0.1, steps=1)
    with pytest.raises(InputError, match="sdeint does not look for arrivals"):
        first_passage_times(WELL, [0.5], HalfSpace(1), dt=0.1, steps=1, rng=seeded(0), scheme=Sdeint("itoEuler"))


def test_the_limit_of_sgd_has_one_channel_and_commutes():
    model = ProductModel("x*y - 1")
    run = sample_paths(
        Langevin(model, Minibatch(model, 0.1, 2)), [[1.0, 0.5]], dt=0.01, steps=9, rng=seeded(0), scheme=Milstein()
    )
    assert run.diverged == 0


def test_python_functions_join_increments_as_formulas_do():
    start = np.full((5, 1), 0.3)
    ends = [
        sample_paths(
            Langevin(landscape, Isotropic(0.1, 1)), start, dt=0.05, steps=20, rng=seeded(5), join=join
        ).final
        for landscape in (DOUBLE_WELL, bare(DOUBLE_WELL))
        for join in (3, 1)
    ]
    np.testing.assert_allclose(ends[0], ends[2], atol=1e-9)
    assert np.abs(ends[2] - ends[3]).max() > 0.05  # control: other numbers


def test_tamed_noise_has_the_square_of_its_length():
    """One step from rest: sqrt(2 D dt) z / sqrt(1 + 2 D dt / length^2), with the same z at any length."""
    flat = Langevin(SymbolicLandscape("0*w"), Isotropic(0.5, 1))
    long, short = (
        sample_paths(flat, np.zeros((50, 1)), dt=0.1, steps=1, rng=seeded(2), scheme=TamedEuler(length)).final
        for length in (1e9, 0.2)
    )
    np.testing.assert_allclose(short, long / np.sqrt(1 + 0.1 / 0.04), rtol=1e-9)
