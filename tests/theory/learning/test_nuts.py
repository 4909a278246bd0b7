"""NUTS by blackjax: the law it draws from, what JAX is given, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from networks import INNER, OUTER, X, Y, batch_loss_in_jax

from theory import (
    NUTS,
    CallableLandscape,
    InputError,
    NormalPrior,
    ProductModel,
    SymbolicLandscape,
    sample_gibbs,
    sample_posterior,
)
from theory.learning.potential import Potential
from theory.models import Network
from theory.models.networks.jax_network import JaxNetwork

QUARTIC = SymbolicLandscape("w1**4/4 + 8*w2**2")
MOMENTS = {1.0: 1 / 4, 1.2: 1.2 / 4}  # E w^4/4 of exp(-w^4/(4 T)) is T/4


def test_draws_are_of_the_law_by_its_own_moments() -> None:
    jax = pytest.importorskip("jax")
    pytest.importorskip("blackjax")
    start = np.random.default_rng(3).normal(0, 0.3, (24, 2))
    draws = sample_gibbs(
        QUARTIC, 1.0, start, rng=np.random.default_rng(1), sampler=NUTS(), steps=330, burn_in=100, save_every=2
    )
    assert draws.positions.shape == (165, 24, 2)
    quartic, square = draws.all[:, 0] ** 4 / 4, draws.all[:, 1] ** 2
    root = np.sqrt(draws.effective_size)
    assert abs(quartic.mean() - MOMENTS[1.0]) < 5 * quartic.std() / root
    assert abs(square.mean() - 1 / 16) < 5 * square.std() / root
    assert abs(quartic.mean() - 2 * MOMENTS[1.2]) > 5 * quartic.std() / root  # the control
    assert 0.6 < draws.acceptance < 0.99
    assert not jax.config.jax_enable_x64  # the user's setting is left alone


@pytest.mark.parametrize("name", ["formula", "network"])
def test_jax_is_given_the_same_potential(name: str) -> None:
    jax = pytest.importorskip("jax")
    model: Network | ProductModel = ProductModel("w1*w2", ["w1", "w2"])
    if name == "network":  # as `from_jax` makes it, without its checks, which take seconds
        model = Network(X, Y, JaxNetwork.of(batch_loss_in_jax, {"a": OUTER, "b": INNER}, "float64", "cpu"))
    potential = Potential(model, 30.0, NormalPrior(1.5, 0.2))
    w = np.random.default_rng(1).normal(size=(3, model.dim))
    traced = potential.traced()
    with traced.setting():
        found = [jax.value_and_grad(traced.function)(jax.numpy.asarray(one)) for one in w]
    values, slopes = potential(w)
    np.testing.assert_allclose([float(value) for value, _ in found], values, rtol=1e-12)
    np.testing.assert_allclose([np.asarray(slope) for _, slope in found], slopes, rtol=1e-10, atol=1e-12)


def test_what_jax_cannot_have_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("blackjax")

    def ask(model, start=(0.0, 0.0), **options):
        sample_posterior(model, start, 10.0, rng=np.random.default_rng(1), sampler=NUTS(), **options)

    own = CallableLandscape(lambda w: (w**2).sum(axis=-1), dim=2)
    with pytest.raises(InputError, match=r"NUTS needs a loss that JAX .* got CallableLandscape; take HMC"):
        ask(own)
    with pytest.raises(InputError, match="`burn_in` of at least 20 steps, got 5; raise it"):
        ask(QUARTIC, burn_in=5)
    with pytest.raises(InputError, match=r"they raise TracerArrayConversionError; write them with jax\.numpy"):
        ask(QUARTIC, log_prior=lambda w: -np.asarray(w).sum(axis=-1))
    with pytest.raises(InputError, match="must be finite at the start, they are not for 16 of 16 chains"):
        ask(SymbolicLandscape("log(w1) + w2**2"), (-1.0, 0.0))
    with pytest.raises(InputError, match="`acceptance` must lie between 0 and 1, got 1"):
        NUTS(1.0)
    monkeypatch.setitem(sys.modules, "blackjax", None)
    with pytest.raises(InputError, match=r"NUTS needs the package blackjax; `pip install '\.\[blackjax\]'`"):
        ask(QUARTIC)
