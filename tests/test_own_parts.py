"""Every door takes a part of the user's own, and the laws that it makes agree with what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from own_parts import (
    Averaged,
    Decay,
    Doubling,
    Euler,
    InPlace,
    Known,
    Laplace,
    NewData,
    Normal,
    Quarter,
    Rising,
    Shaken,
    Steeper,
    Uniform,
    Well,
    coarse,
)

import compare
import simulate
import theory
from compare import check_distance, compare_laws, loss_slope
from simulate import (
    SGD,
    DataSampling,
    ExampleSampling,
    LabelNoise,
    WithReplacement,
    check_noise,
    check_preconditioner,
    check_rule,
    check_sampling,
    check_schedule,
    draw_data,
    first_exit,
    run_sgd,
    step_stability,
    transition_operator,
)
from theory import (
    BatchModel,
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Interpretation,
    Isotropic,
    Landscape,
    Langevin,
    NoisyGradient,
    Outside,
    PathStep,
    ProductModel,
    SymbolicLandscape,
    TensorField,
    check_interpretation,
    check_landscape,
    check_model,
    check_scheme,
    check_tensor_field,
    first_passage_times,
    langevin_limit,
    sample_paths,
    stationary_law,
)

LINE = Grid(-2.4, 2.4, 48)
FINE = LINE.refined(3)
START = np.zeros((20_000, 1))
SDE = Langevin(Well(), Isotropic(0.3, 1))
PLAIN = ProductModel("w - 1/2")


def seeded(seed):
    return np.random.default_rng(seed)


def test_a_landscape_makes_the_law_that_its_formula_makes():
    formula = Langevin(SymbolicLandscape("w**4/4 + w**2/2"), Isotropic(0.3, 1))
    mine, known = (FokkerPlanck(sde, FINE).stationary() for sde in (SDE, formula))
    assert np.abs(mine.probabilities - known.probabilities).sum() < 1e-10


@pytest.mark.parametrize("reading", [theory.Ito(), Quarter(), theory.AntiIto()])
def test_a_tensor_field_and_a_reading_make_the_law_in_closed_form(reading):
    sde = Langevin(Well(), Rising(), reading)
    law = FokkerPlanck(sde, FINE).stationary()
    points = FINE.centers[..., 0]  # D^(share - 1) exp(-integral of L'/D), with L'/D = w / .3
    shape = (1 + points**2) ** (reading.share - 1) * np.exp(-(points**2) / 0.6)
    assert law.values / law.values.sum() == pytest.approx(shape / shape.sum(), rel=1e-8)
    assert np.abs(law.probabilities - stationary_law(sde, FINE).probabilities).sum() < 1e-6
    other = Langevin(Well(), Rising(), theory.Ito() if reading.share > 0.5 else theory.AntiIto())
    laws = {"law": law, "another reading's": FokkerPlanck(other, FINE).stationary()}
    paths = sample_paths(sde, START[:8000], dt=0.01, steps=300, rng=seeded(1))
    found = compare_laws(paths, {name: one.coarsen(3) for name, one in laws.items()})
    assert found.agrees("law")
    assert found.verdict("another reading's") == "differs"  # the control


def test_what_a_tensor_field_lacks_is_computed_with_its_error():
    field, points = Langevin(Well(), Rising()).diffusion, np.linspace(-2, 2, 9)[:, None]
    root = field.root(points)
    assert root @ root.swapaxes(-1, -2) == pytest.approx(field.tensor(points))
    gap = np.abs(field.divergence(points) - 0.6 * points)
    assert (gap <= field.divergence_error(points)).all()
    assert field.root_expressions(()) is None


@pytest.mark.parametrize("model", [Laplace(), Normal()])
def test_sgd_of_a_model_follows_its_limit(model):
    sgd = SGD(0.02, 4)
    walkers = run_sgd(model, sgd, START, steps=500, rng=seeded(2))
    narrow = Grid(-0.6, 0.6, 40)
    limit = FokkerPlanck(langevin_limit(model, sgd), narrow.refined(3)).stationary().coarsen(3)
    assert compare_laws(walkers, {"limit": limit}).agrees("limit")
    wrong = FokkerPlanck(langevin_limit(model, SGD(0.04, 4)), narrow.refined(3)).stationary().coarsen(3)
    assert compare_laws(walkers, {"wrong": wrong}).verdict("wrong") == "differs"  # the control


def test_the_operator_takes_a_model_that_is_normal_and_no_other():
    sgd, narrow = SGD(0.3, 4), Grid(-2.0, 2.0, 60)
    law = transition_operator(Normal(), sgd, narrow).stationary()
    walkers = run_sgd(Normal(), sgd, START, steps=100, rng=seeded(3))
    assert compare_laws(walkers, {"operator": law}).agrees("operator")
    with pytest.raises(InputError, match=r"batch gradients are normal, got Laplace; .* gaussian_surrogate"):
        transition_operator(Laplace(), sgd, narrow)
    assert transition_operator(theory.gaussian_surrogate(Laplace()), sgd, narrow).stationary().error < 1e-3


def test_noise_and_preconditioner_join_the_limit():
    sgd = SGD(0.02, 4, noise=Shaken(), preconditioner=Steeper())
    walkers = run_sgd(Laplace(), sgd, START[:10_000], steps=250, rng=seeded(4))
    narrow = Grid(-1.2, 1.2, 40)
    limit = FokkerPlanck(langevin_limit(Laplace(), sgd), narrow.refined(3)).stationary().coarsen(3)
    assert compare_laws(walkers, {"limit": limit}).agrees("limit")
    bare = FokkerPlanck(langevin_limit(Laplace(), SGD(0.02, 4)), narrow.refined(3)).stationary().coarsen(3)
    assert compare_laws(walkers, {"bare": bare}).verdict("bare") == "differs"  # the control
    assert step_stability(Laplace(), sgd, [0.0]).curvature == pytest.approx(2)


def test_samplings_of_ones_own_are_those_of_the_package():
    data, narrow = draw_data(PLAIN, 100, seeded(5)), Grid(-0.6, 1.6, 44)
    options, start = {"steps": 40, "data": data}, START[:8000]
    noisy = SGD(0.05, 4, sampling=Uniform(), noise=LabelNoise(0.5))
    mine = run_sgd(PLAIN, noisy, start, rng=seeded(6), **options)
    same = SGD(0.05, 4, sampling=WithReplacement(), noise=LabelNoise(0.5))
    theirs = run_sgd(PLAIN, same, start, rng=seeded(7), **options)
    assert compare_laws(mine, {"theirs": theirs.histogram(narrow)}).agrees("theirs")
    fresh = run_sgd(PLAIN, SGD(0.05, 4, sampling=NewData()), start, steps=40, rng=seeded(8))
    theirs = run_sgd(PLAIN, SGD(0.05, 4), start, steps=40, rng=seeded(9))
    assert compare_laws(fresh, {"theirs": theirs.histogram(narrow)}).agrees("theirs")
    for sampling in (Uniform(), NewData()):
        with pytest.raises(InputError, match="of this sampling nobody knows"):
            langevin_limit(PLAIN, SGD(0.05, 4, sampling=sampling))


def test_a_sampling_knows_its_step_and_a_checkpoint_keeps_it():
    class Cyclic:
        def indices(self, examples, batch_size, walkers, step, rng):
            batch = (step * batch_size + np.arange(batch_size)) % examples
            return np.tile(batch, (walkers, 1))

    data, sgd = draw_data(PLAIN, 10, seeded(1)), SGD(0.1, 3, sampling=Cyclic())
    whole = run_sgd(PLAIN, sgd, START[:600], steps=12, rng=seeded(2), data=data)
    w = np.zeros(1)
    for step in range(12):
        batch = (3 * step + np.arange(3)) % 10
        w = w - 0.1 * ((w - 0.5) * data.x[batch, 0] ** 2 - data.y[batch] * data.x[batch, 0]).mean()
    assert whole.final == pytest.approx(np.tile(w, (600, 1)))
    half = run_sgd(PLAIN, sgd, START[:600], steps=7, rng=seeded(2), data=data)
    assert (run_sgd(PLAIN, sgd, half.checkpoint, steps=5, data=data).final == whole.final).all()


def test_schedules_change_rates_and_batches():
    sgd = SGD(0.1, 4, schedule=[Decay(), Doubling()])
    rates, batches = sgd.plan(0, 20)
    assert rates == pytest.approx(0.1 / (1 + np.arange(20) / 50))
    assert batches.tolist() == [4] * 10 + [8] * 10
    assert run_sgd(PLAIN, sgd, START[:8], steps=20, rng=seeded(1)).times[-1] == pytest.approx(rates.sum())


def everything(**options):
    data = draw_data(PLAIN, 50, seeded(1))
    sgd = SGD(0.1, 4, 0.5, Steeper(), [Decay(), Doubling()], Uniform(), Shaken())
    return run_sgd(PLAIN, sgd, options.pop("start", START[:1200]), data=data, **options)


def test_threads_and_stops_change_nothing():
    whole = everything(steps=30, rng=seeded(1), threads=1)
    assert (everything(steps=30, rng=seeded(1), threads=3).final == whole.final).all()
    first = everything(steps=13, rng=seeded(1))
    assert (everything(steps=17, start=first.checkpoint).final == whole.final).all()
    assert (everything(steps=30, rng=seeded(2)).final != whole.final).any()  # the control


@pytest.mark.parametrize("scheme", [Euler(), InPlace()])
def test_schemes_make_the_paths_of_the_equation(scheme):
    paths = sample_paths(SDE, START[:8000], dt=0.01, steps=300, rng=seeded(10), scheme=scheme)
    warmer = Langevin(Well(), Isotropic(0.35, 1))
    laws = {name: FokkerPlanck(sde, FINE).stationary() for name, sde in (("law", SDE), ("warmer", warmer))}
    found = compare_laws(paths, {name: law.coarsen(3) for name, law in laws.items()})
    assert found.agrees("law")
    assert found.verdict("warmer") == "differs"  # the control


def test_arrivals_and_walls_with_a_step_of_ones_own():
    exact = FokkerPlanck(SDE, Grid(-0.6, 0.6, 240)).mean_first_passage_time
    times = first_passage_times(SDE, START[:1000], Outside(-0.5, 0.5), dt=1e-3, steps=20_000, rng=seeded(1),
                                scheme=Euler())  # fmt: skip
    mean, error = times.mean
    known = float(exact(lambda w: np.abs(w[..., 0]) > 0.5).mean.at(0.0))
    assert abs(mean - known) < 5 * error + 0.04  # looked at after steps only: late by the square root of dt
    mirrored = sample_paths(SDE, START[:500], dt=0.05, steps=50, rng=seeded(1), scheme=Euler(),
                            domain=Grid(-0.3, 0.3, 8), sides=theory.Reflecting())  # fmt: skip
    assert np.abs(mirrored.final).max() <= 0.3
    with pytest.raises(InputError, match="arrivals need a scheme whose blocks are a Walking"):
        first_passage_times(SDE, START[:9], Outside(-1, 1), dt=0.01, steps=9, rng=seeded(1), scheme=InPlace())


def test_a_slope_method_of_ones_own_is_judged():
    model = NoisyGradient(SymbolicLandscape("w**2/2"), Constant(np.eye(1)))
    slope = loss_slope(model, SGD(0.1, 4), [0.02, 0.04, 0.08], method=Known())
    assert slope.verdict == "agrees"
    assert float(slope.slope) == pytest.approx(1 / 16, rel=1e-3)
    assert slope.method == "by Known"


def test_a_distance_of_ones_own_stands_beside_the_four():
    law = FokkerPlanck(SDE, FINE).stationary().coarsen(3)
    paths = sample_paths(SDE, START, dt=0.01, steps=300, rng=seeded(11))
    found = compare_laws(paths, {"law": law}, distances={"coarse": coarse})
    assert found.distances["law"]["coarse"].noise_floor < found.distances["law"]["total_variation"].noise_floor
    assert "coarse" in found.table()
    assert found.to_xarray()["value"].sel(prediction="law", distance="coarse") >= 0
    with pytest.raises(InputError, match="names of their own, got hellinger"):
        compare_laws(paths, {"law": law}, distances={"hellinger": coarse})


def test_an_event_of_a_model_of_ones_own():
    found = first_exit(Laplace(), SGD(0.1, 1), START[:200], "w < 0.3 and w > -0.3", steps=400, rng=seeded(1))
    assert found.happened.all()


def test_who_keeps_a_contract_is_told_so():
    reports = [
        check_landscape(Well()),
        check_landscape(Well(), [[0.3], [1.2]]),
        check_model(Laplace(), batch_size=5),
        check_model(Normal()),
        check_tensor_field(Rising()),
        check_interpretation(Quarter()),
        check_scheme(Euler(), SDE),
        check_scheme(InPlace(), SDE),
        check_sampling(Uniform()),
        check_sampling(NewData()),
        check_schedule(Decay()),
        check_schedule(Doubling()),
        check_noise(Shaken()),
        check_rule(Averaged()),
        check_preconditioner(Steeper()),
        check_distance(coarse),
    ]
    assert [str(one).count("keeps its contract") for one in reports] == [1] * len(reports)
    assert all(one.clauses for one in reports)


def test_what_ships_keeps_the_contracts_too():
    check_landscape(SymbolicLandscape("w**2/2"))
    check_model(NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1)))
    check_tensor_field(theory.HessianProportional(SymbolicLandscape("w**4 + w**2"), 0.1))
    check_schedule(simulate.Cosine(2000, 0.1))
    check_scheme(theory.Heun(), Langevin(Well(), Isotropic(0.3, 1), theory.Stratonovich()))
    for distance in (compare.total_variation, compare.hellinger, compare.wasserstein, compare.kullback_leibler):
        check_distance(distance)


def test_protocols_are_seen_by_isinstance():
    for part, protocol in (
        (Well(), Landscape),
        (Laplace(), BatchModel),
        (Rising(), TensorField),
        (Quarter(), Interpretation),
        (Euler(), PathStep),
        (Uniform(), ExampleSampling),
        (NewData(), DataSampling),
    ):
        assert isinstance(part, protocol)
        assert not isinstance(object(), protocol)
