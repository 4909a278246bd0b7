"""Old names of keywords and attributes go on, and say what to write instead."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
from call_objects import CROSS

import simulate
from compare import Study, load_study
from theory import Constant, InputError, LinearRegression, Minibatch, NoisyGradient, ProductModel, on_data
from theory.base.arguments.face import checked
from theory.base.renamed import renamed
from theory.noise import compare_covariance
from theory.points import gaussian_collapse_exponent


@renamed(number="count")
def doubled(count: int, *, scale: float = 1.0) -> float:
    return 2 * count * scale


def test_an_old_keyword_goes_on_with_a_warning_at_the_line_that_gives_it():
    with pytest.warns(DeprecationWarning, match="`number` is `count` now") as caught:
        assert checked(doubled)(number=3) == 6.0
    assert caught[0].filename == __file__


def test_a_new_keyword_is_silent_and_an_old_one_is_checked_as_the_new():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert checked(doubled)(count=3, scale=2.0) == 12.0
    with (
        pytest.warns(DeprecationWarning, match="now"),
        pytest.raises(InputError, match="`count` must be a whole number"),
    ):
        checked(doubled)(number=1.5)


def test_the_examples_of_a_posterior_are_not_those_of_the_data():
    study = load_study("regular")
    assert study.posterior_examples is not None
    with pytest.warns(DeprecationWarning, match=r"`Study.examples` is `posterior_examples` now") as caught:
        assert study.examples == study.posterior_examples
    assert caught[0].filename == __file__
    keys = {name: getattr(study, name) for name in Study.__dataclass_fields__ if name != "posterior_examples"}
    with pytest.warns(DeprecationWarning, match="`examples` is `posterior_examples` now"):
        again = Study(**keys, examples=12.0)
    assert again.posterior_examples == 12.0
    assert replace(study, posterior_examples=3.0).posterior_examples == 3.0


def test_what_was_never_renamed_is_unknown_as_before():
    @dataclass
    class Plain:
        count: int

    with pytest.raises(TypeError, match="number"):
        Plain(number=1)  # type: ignore[call-arg]


def test_both_names_are_refused():
    with pytest.raises(InputError, match="`number` is the old name of `count`, got both; give `count` only"):
        checked(doubled)(number=1, count=2)
    with pytest.warns(match="now"), pytest.raises(InputError, match="multiple values"):
        checked(doubled)(1, number=2)


def test_inputs_and_their_covariance():
    with pytest.warns(DeprecationWarning, match="`covariance` is `input_covariance` now"):
        old = LinearRegression(covariance=[[2.0]])
    assert old == LinearRegression(input_covariance=[[2.0]]) == LinearRegression([[2.0]])


def test_old_attributes_lead_to_the_new_ones():
    found = compare_covariance(CROSS, [[1.0, 1.0]])
    with pytest.warns(match="`CovarianceComparison.covariance` is `gradient_covariance` now") as seen:
        assert found.covariance is found.gradient_covariance
    assert seen[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="`noise` is `batch_noise` now"):
        exponent = gaussian_collapse_exponent(drift=1.0, noise=0.5, learning_rate=0.1)
    with pytest.warns(DeprecationWarning, match="`CollapseExponent.noise` is `batch_noise` now"):
        assert exponent.noise == exponent.batch_noise == 0.5
    assert eval(repr(exponent), {**vars(__import__("theory")), "Estimate": type(exponent.discrete)}) == exponent


def test_old_keywords_of_methods():
    matrix, gradient, w = np.ones((1, 1, 1)), np.ones((1, 1)), np.zeros((1, 1))
    inverse = simulate.InverseNoise()
    with pytest.warns(DeprecationWarning, match="`covariance` is `gradient_covariance` now"):
        old = inverse.applied(covariance=matrix, gradient=gradient, batch_size=2, w=w)
    np.testing.assert_array_equal(old, inverse.applied(matrix, gradient, 2, w))


def test_models_tell_one_examples_noise_from_the_inputs():
    model = LinearRegression([[2.0]])
    noisy = NoisyGradient(model, Constant([[3.0]]))
    data = on_data(model, [1.0, 2.0], [0.0, 1.0])
    for one in (model, noisy, data, ProductModel("w")):
        with pytest.warns(match=f"`{type(one).__name__}.covariance` is `example_covariance` now"):
            old = one.covariance
        assert old == one.example_covariance
        np.testing.assert_array_equal(old.tensor([[1.0]]), one.gradient_covariance([[1.0]]))
    with pytest.warns(match="`covariance` is `example_covariance` now"):
        assert NoisyGradient(landscape=model, covariance=Constant([[3.0]])) == noisy
    assert model.input_covariance.tolist() == [[2.0]]


class Mine:
    """A model of the user's that has its noise by the old name."""

    dim = 1
    covariance = Constant([[4.0]])
    value = staticmethod(lambda w: np.asarray(w)[..., 0] ** 2)
    gradient = staticmethod(lambda w: 2 * np.asarray(w))
    hessian = staticmethod(lambda w: 2 * np.ones((*np.shape(w), 1)))


def test_models_of_the_users_by_the_old_name_go_on():
    assert Minibatch(Mine(), 0.1, 2).tensor([0.5]).tolist() == [[pytest.approx(0.1 * 4 / 4)]]
