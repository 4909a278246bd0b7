"""Classes that extend one of these packages: what they override is refused, what they add is not."""

from __future__ import annotations

import numpy as np
import own_parts
import pytest

from compare import BySampling, SlopeMethod, loss_slope
from simulate import (
    SGD,
    AddedNoise,
    ExampleSampling,
    Fresh,
    GaussianNoise,
    InverseNoise,
    LabelNoise,
    Linear,
    PreconditionerField,
    RateSchedule,
    StudentNoise,
    WithReplacement,
    draw_data,
    run_sgd,
    transition_operator,
)
from theory import (
    AbsoluteEigenvalues,
    BatchModel,
    Constant,
    DatasetModel,
    EulerMaruyama,
    FokkerPlanck,
    Grid,
    HalfSpace,
    HessianProportional,
    InputError,
    Interpretation,
    Isotropic,
    Landscape,
    Langevin,
    LinearRegression,
    NoisyGradient,
    PathStep,
    ProductModel,
    Stratonovich,
    SymbolicLandscape,
    TensorField,
    check_landscape,
    first_passage_times,
    langevin_limit,
    sample_paths,
)

LINE, START, SMALL = Grid(-2.0, 2.0, 24), np.linspace(-1.0, 1.1, 12)[:, None], SGD(0.1, 4)
WELL, PLAIN, HEAT = SymbolicLandscape("w**2/2"), ProductModel("w - 1/2"), Isotropic(0.3, 1)
NOISY = NoisyGradient(WELL, Isotropic(1.0, 1))
FIXED = SGD(0.1, 4, sampling=WithReplacement())
FITTED = (
    np.ones((4, 1)), np.zeros(4), lambda w, x, y: (w[..., 0] - y) ** 2, lambda w, x, y: 2 * (w - y[..., None]), 1,
)  # fmt: skip


def seeded():
    return np.random.default_rng(1)


def sgd_of(model, sgd=SMALL, **options):
    return run_sgd(model, sgd, START, steps=2, rng=seeded(), **options)


def paths_of(sde, **options):
    return sample_paths(sde, START, dt=0.01, steps=2, rng=seeded(), **options)


def arrivals_at(target):
    return first_passage_times(Langevin(WELL, HEAT), START, target, dt=0.1, steps=2, rng=seeded())


def another(self, *arguments, **named):
    return 3.0


EXTENDED = {  # a class, what makes an instance, what it overrides or adds of a protocol, and where it is taken
    NoisyGradient: ((WELL, HEAT), ["gradient", "compiled", "batch_gradient"], sgd_of),
    ProductModel: (("w - 1/2",), ["gradient", "gradient_covariance", "batch_gradient"], sgd_of),
    LinearRegression: ((1.0,), ["hessian"], lambda m: langevin_limit(m, SMALL)),
    DatasetModel: (FITTED, ["gradient", "batch_gradient"], lambda m: sgd_of(m, FIXED)),
    SymbolicLandscape: (("w**2/2",), ["gradient", "value"], lambda m: paths_of(Langevin(m, HEAT))),
    Isotropic: ((0.3, 1), ["tensor", "root"], lambda d: Langevin(WELL, d)),
    Constant: (([[0.3]],), ["divergence"], lambda d: NoisyGradient(WELL, d)),
    HessianProportional: ((WELL, 1.0), ["root_expressions"], lambda d: Langevin(WELL, d)),
    AbsoluteEigenvalues: ((), ["parts"], lambda i: HessianProportional(WELL, 1.0, i)),
    Langevin: ((WELL, HEAT), ["drift"], lambda s: FokkerPlanck(s, LINE)),
    Stratonovich: ((), ["share"], lambda r: Langevin(WELL, HEAT, r)),
    EulerMaruyama: ((), ["prepare", "step"], lambda s: paths_of(Langevin(WELL, HEAT), scheme=s)),
    HalfSpace: ((1.0,), ["ends", "__call__"], arrivals_at),
    Grid: ((-2.0, 2.0, 24), ["centers"], lambda g: transition_operator(NOISY, SMALL, g)),
    SGD: ((0.1, 4), ["plan", "noises"], lambda s: sgd_of(NOISY, s)),
    Fresh: ((), ["normal", "indices", "examples"], lambda s: SGD(0.1, 4, sampling=s)),
    WithReplacement: ((), ["indices", "independent"], lambda s: SGD(0.1, 4, sampling=s)),
    GaussianNoise: ((0.1,), ["sample"], lambda n: SGD(0.1, 4, noise=n)),
    StudentNoise: ((3.0, 0.1), ["sample", "row"], lambda n: SGD(0.1, 4, noise=(n,))),
    LabelNoise: ((0.1,), ["sample"], lambda n: SGD(0.1, 4, noise=[n])),
    InverseNoise: ((), ["matrix"], lambda p: SGD(0.1, 4, preconditioner=p)),
    BySampling: ((), ["measure"], lambda m: loss_slope(NOISY, SMALL, [0.1, 0.2, 0.3], method=m, rng=seeded())),
}


CASES = [
    pytest.param(kind, name, id=f"{kind.__name__}-{name}")
    for kind, (_, names, _) in EXTENDED.items()
    for name in names
]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_what_no_loop_would_call_is_refused_in_one_line(kind, name):
    given, _, use = EXTENDED[kind]
    mine = type("Mine", (kind,), {name: another})
    with pytest.raises(InputError, match=rf"^`Mine` must leave .* a `{name}` of its own") as refused:
        use(mine(*given))
    assert "\n" not in str(refused.value)
    deeper = type("Deeper", (mine,), {})
    with pytest.raises(InputError, match=f"`Deeper` must .*`{name}`"):
        use(deeper(*given))


@pytest.mark.parametrize("kind", EXTENDED, ids=lambda kind: kind.__name__)
def test_a_subclass_that_adds_to_its_parent_is_taken(kind):
    given, _, use = EXTENDED[kind]
    use(type("Mine", (kind,), {"title": "mine", "shout": another, "__doc__": "Mine."})(*given))


def test_a_schedule_is_there_to_be_overridden():
    class Late(Linear):
        def rate(self, steps):
            return np.where(steps < 5, 1.0, 0.5)

    assert SGD(0.1, 4, schedule=Late(10, 0.1)).plan(0, 6)[0].tolist() == [0.1] * 5 + [0.05]


def test_a_part_may_name_its_protocol_as_its_base():
    class Well(own_parts.Laplace, BatchModel):
        pass

    class Bare(own_parts.Well, Landscape):
        pass

    class Rising(own_parts.Rising, TensorField):
        pass

    class Shaken(own_parts.Shaken, AddedNoise):
        pass

    class Euler(own_parts.Euler, PathStep):
        pass

    class Uniform(own_parts.Uniform, ExampleSampling):
        pass

    class Steeper(own_parts.Steeper, PreconditionerField):
        pass

    class Quarter(own_parts.Quarter, Interpretation):
        pass

    class Known(own_parts.Known, SlopeMethod):
        pass

    class Decay(own_parts.Decay, RateSchedule):
        pass

    def final_of(noise, preconditioner, model, schedule):
        sgd = SGD(0.1, 4, noise=noise, preconditioner=preconditioner, schedule=schedule)
        return sgd_of(model, sgd).final

    np.testing.assert_array_equal(
        final_of(Shaken(), Steeper(), Well(), Decay()),
        final_of(own_parts.Shaken(), own_parts.Steeper(), own_parts.Laplace(), own_parts.Decay()),
    )
    np.testing.assert_array_equal(
        paths_of(Langevin(Bare(), Rising(), Quarter()), scheme=Euler()).final,
        paths_of(
            Langevin(own_parts.Well(), own_parts.Rising(), own_parts.Quarter()), scheme=own_parts.Euler()
        ).final,
    )
    data = draw_data(PLAIN, 20, seeded())
    found, expected = (
        sgd_of(PLAIN, SGD(0.1, 4, sampling=sampling), data=data).final
        for sampling in (Uniform(), own_parts.Uniform())
    )
    np.testing.assert_array_equal(found, expected)
    quadratic = NoisyGradient(LinearRegression(1.0), Isotropic(1.0, 1))
    slope = loss_slope(quadratic, SMALL, [0.02, 0.04, 0.08], method=Known())
    assert slope.verdict == "agrees"


@pytest.mark.parametrize("wrong", [{"gradient": lambda self, w: 2 * w}, {"hessian": Landscape.hessian}])
def test_a_protocol_as_base_does_not_hide_a_broken_part(wrong):
    with pytest.raises(InputError, match="the landscape `Mine`: "):
        check_landscape(type("Mine", (own_parts.Well, Landscape), wrong)())


def test_a_method_that_only_a_protocol_has_is_missing():
    class Mine(Landscape):
        dim = 1

        def value(self, w):
            return (w**2 / 2).sum(axis=-1)

        def gradient(self, w):
            return w

    with pytest.raises(InputError, match="`hessian`") as refused:
        check_landscape(Mine())
    assert "Mine" in str(refused.value)
