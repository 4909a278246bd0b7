"""Weights of separated wells under SGD, behind barriers that no eigenvalue sees and no number holds."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import sparse
from scipy.stats import norm
from sgd_models import seeded

from simulate import SGD, transition_operator
from simulate.transition.band import stationary_logarithms
from simulate.transition.chain import Chain
from simulate.transition.mesh import Mesh
from simulate.transition.solve import slowest, stationary_masses
from theory import Grid, Isotropic, NoisyGradient, NoStationaryDensity, SymbolicLandscape


def well(formula):
    return NoisyGradient(SymbolicLandscape(formula), Isotropic(1.0, 1))


def left(law):
    return law.mass(lambda w: w[..., 0] < 0)


def gauss_law(model, sgd, grid, panels):
    """Cell masses of the stationary law by Gauss points and elimination in their order, and no other code."""
    points, weights = np.polynomial.legendre.leggauss(10)
    ends = np.linspace(grid.lower[0], grid.upper[0], panels + 1)
    half = (ends[1] - ends[0]) / 2
    x, area = (ends[:-1, None] + half * (1 + points)).ravel(), np.tile(half * weights, panels)
    aim = x - sgd.learning_rate * model.gradient(x[:, None])[:, 0]
    width = sgd.learning_rate * np.sqrt(model.example_covariance.tensor(x[:, None])[:, 0, 0] / sgd.batch_size)
    moves = norm.pdf(x, aim[:, None], width[:, None]) * area  # from row to column
    for k in range(len(x) - 1):
        moves[k + 1 :, k] /= max(moves[k, k + 1 :].sum(), 1e-300)
        moves[k + 1 :, k + 1 :] += np.outer(moves[k + 1 :, k], moves[k, k + 1 :])
    law = np.zeros(len(x))
    law[-1] = 1.0
    for k in range(len(x) - 2, -1, -1):
        law[k] = law[k + 1 :] @ moves[k + 1 :, k]
        law /= law.max()
    faces = norm.cdf(grid.edges[0], aim[:, None], width[:, None])
    cells = law @ np.diff(faces, axis=1)
    return cells / cells.sum()


@pytest.mark.parametrize("cells", [300, 600, 1200])
def test_even_wells_share_evenly_on_every_grid(cells):
    """The barrier is 80 temperatures: the second eigenvalue is 1 to rounding, above or below."""
    operator = transition_operator(well("(w**2-1)**2/4"), SGD(0.05, 8), Grid(-3, 3, cells))
    law = operator.stationary()
    assert left(law) == pytest.approx(0.5, abs=1e-12)
    assert law.error < 2e-5
    assert np.abs(law.values - law.values[::-1]).max() < 1e-11 * law.values.max()


def test_places_reached_by_moves_too_rare_for_numbers_have_no_part():
    """Beyond 2.3 walkers come by two moves, each a number and their product none."""
    model, sgd = well("(w**2-1)**2/4"), SGD(0.24, 30)
    wide, narrow = (
        transition_operator(model, sgd, Grid(-side, side, cells)).stationary()
        for side, cells in ((2.697, 1208), (2.0, 896))
    )
    assert wide.covariance[0, 0] == pytest.approx(narrow.covariance[0, 0], rel=1e-6)
    assert left(wide) == pytest.approx(0.5, abs=1e-12)


TINY = 1e-200  # of which two in a row are no number
ONE_CLOSED = {(0, 1): 0.5, (0, 2): TINY, (1, 0): TINY, (2, 1): 0.5}
TWO_CLOSED = ONE_CLOSED | {(2, 1): 0.0, (2, 3): TINY, (3, 2): 0.5, (3, 1): TINY}
PAST_AN_EXIT = {(0, 2): 0.5, (0, 3): 0.5, (1, 0): TINY, (1, 2): 0.5, (2, 1): TINY, (3, 2): 0.5}


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize(
    ("moves", "law"), [(ONE_CLOSED, [0, 1, 0]), (TWO_CLOSED, None), (PAST_AN_EXIT, [0, 0, 1, 0])]
)
def test_what_numbers_do_not_hold_is_no_way(moves, law, periodic):
    size = 1 + max(map(max, moves))
    forward = np.zeros((size, size))
    for (source, target), chance in moves.items():
        forward[source, target] = chance
    np.fill_diagonal(forward, 1 - forward.sum(axis=1))
    grid = Grid(0, 1, size, periodic)
    chain = Chain(grid, Mesh(grid, np.empty(0)), sparse.csr_array(forward.T), np.zeros(size))
    if law is None:
        with pytest.raises(NoStationaryDensity, match="got 2 sets of cells"):
            stationary_masses(chain)
    else:
        np.testing.assert_allclose(stationary_masses(chain)[0], law, atol=1e-100)


def test_a_tilt_weighs_the_wells_alike_on_every_grid():
    model = well("(w**2-1)**2/4 + w/200")
    weights = [
        left(transition_operator(model, SGD(0.05, 4), Grid(-3, 3, n)).stationary()) for n in (300, 600, 1200)
    ]
    np.testing.assert_allclose(weights, 0.83080709418, rtol=1e-10)
    small = left(transition_operator(model, SGD(0.05, 2), Grid(-3, 3, 300)).stationary())
    assert abs(small / weights[0] - 1) > 0.1


def test_the_law_is_that_of_another_rule():
    """Uneven wells and a barrier of 12 temperatures, against Gauss points."""
    model, sgd, grid = well("(w**2-1)**2/4 + w/20"), SGD(0.1, 5), Grid(-2, 2, 80)
    law = transition_operator(model, sgd, grid).stationary()
    exact = gauss_law(model, sgd, grid, 60)
    assert np.abs(law.probabilities - exact).sum() / 2 < law.error < 1e-3
    assert left(law) == pytest.approx(exact[:40].sum(), rel=1e-10)


@pytest.mark.parametrize("periodic", [False, True])
def test_elimination_is_that_of_many_digits(periodic):
    rng, size = seeded(5), 24
    gap = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    near = np.minimum(gap, size - gap) if periodic else gap
    moves = np.where((near > 0) & (near < 4), np.exp(8 * rng.standard_normal((size, size))), 0.0)
    with mpmath.workdps(80):
        flow = mpmath.matrix(moves.tolist())
        for j in range(size):
            flow[j, j] = -sum(flow[i, j] for i in range(size) if i != j)
        for j in range(size):
            flow[0, j] = 1
        exact = mpmath.lu_solve(flow, mpmath.matrix([1] + [0] * (size - 1)))
        exact = np.array([float(mpmath.log(x)) for x in exact])
    logs, _ = stationary_logarithms(sparse.csc_array(moves), periodic)
    assert np.ptp(exact) > 20
    assert np.abs(logs - exact + exact.max()).max() < 1e-13


def test_barriers_beyond_floating_point_numbers():
    """1600 temperatures: rates between the wells are below the smallest number, weights are not."""
    operator = transition_operator(well("(w**2-1)**2/4"), SGD(0.0025, 8), Grid(-1.6, 1.6, 320))
    assert left(operator.stationary()) == pytest.approx(0.5, abs=1e-11)
    logs, _ = stationary_logarithms(operator._rare.matrix.tocsc(), False)
    assert logs[np.abs(operator._mesh.nodes) < 0.01].max() < np.log(5e-324)


def test_a_ring_weighs_its_wells():
    """Two wells of different depth on a circle; turning the circle turns the law."""
    laws = []
    for shift in (0.0, 0.5):
        model = well(f"cos(2*pi*(w-{shift}))/10 + cos(pi*(w-{shift}))/100")
        laws.append(transition_operator(model, SGD(0.02, 40), Grid(-1, 1, 80, periodic=True)).stationary())
    np.testing.assert_allclose(laws[1].values, np.roll(laws[0].values, 20), rtol=1e-6, atol=1e-12)
    centred = laws[0].mass(lambda w: np.abs(w[..., 0]) < 0.5)
    assert 1e-6 < centred < 0.5 - 1e-6 or 0.5 + 1e-6 < centred < 1 - 1e-6


def test_eigenvalues_would_not_have_done():
    """What decided before: 1 less the second eigenvalue, which is rounding."""
    operator = transition_operator(well("(w**2-1)**2/4"), SGD(0.05, 8), Grid(-3, 3, 300))
    assert abs(1 - abs(slowest(operator.chain.operator, 2)[0][1])) < 1e-13
    rate = operator.escape_rate(lambda w: w[..., 0] < 0)
    assert 0 < rate < 1e-30
    assert rate.error < 0.1 * rate


@pytest.mark.parametrize("eta", [0.02, 0.005])
def test_rates_down_to_the_smallest_numbers(eta):
    """Arrhenius: log rate falls by 2 B / eta times the barrier of 1/4, nearly."""
    rates = [
        transition_operator(well("(w**2-1)**2/4"), SGD(e, 2), Grid(-2, 2, 400)).escape_rate(
            lambda w: w[..., 0] < 0
        )
        for e in (eta, 0.9 * eta)
    ]
    assert np.log(rates[0] / rates[1] / 0.9) == pytest.approx((1 / 0.9 - 1) / eta, rel=0.05)
    assert all(rate.error < 0.05 * rate for rate in rates)


@pytest.mark.parametrize("rate", [0.1, 0.15])
def test_walls_that_throw_walkers_off_hold_no_law(rate):
    """Next to the ends steps lead far off the grid, and the few who come back say nothing of the law."""
    model, sgd, grid = well("3/2*w**2*(w**2-1)**2"), SGD(rate, 8), Grid(-1.6, 1.6, 80)
    operator = transition_operator(model, sgd, grid)
    assert operator._rare.outside[0] == pytest.approx(1)
    law = operator.stationary()
    assert np.abs(law.values - law.values[::-1]).max() < 1e-11 * law.values.max()
    narrow = transition_operator(model, sgd, Grid(-1.2, 1.2, 60)).stationary()
    assert np.abs(law.probabilities[10:-10] - narrow.probabilities).sum() / 2 < law.error + narrow.error < 1e-3


@pytest.mark.parametrize("reach", [2.2, 6.0])
def test_walkers_on_their_way_off_the_grid_count_however_far_it_reaches(reach):
    """Beyond |w| = 1.9 a step of 1.2 throws them outwards: a wider grid they leave in more steps."""
    operator = transition_operator(well("(w**2 - 1)**2/4"), SGD(1.2, 20), Grid(-reach, reach, 400))
    with pytest.raises(NoStationaryDensity, match=r"a share of 0\.01[23] leaves it in a step"):
        operator.stationary()


def test_walkers_that_take_too_long_to_leave_are_refused(monkeypatch):
    monkeypatch.setattr("simulate.transition.solve.MOST_STEPS_OFF", 1)
    operator = transition_operator(well("(w**2 - 1)**2/4"), SGD(1.2, 20), Grid(-6.0, 6.0, 400))
    with pytest.raises(NoStationaryDensity, match="must leave it within 1 steps, some stay longer"):
        operator.stationary()
