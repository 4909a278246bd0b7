"""Where formulas of escape do not apply: each refusal in one line, and what is next to it runs."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from escape_laws import SHARP, VALLEY, WELL, W, log_time

from simulate import SGD
from theory import (
    AbsoluteEigenvalues,
    CallableLandscape,
    Constant,
    HessianProportional,
    InputError,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    SymbolicTensor,
    kramers_rate,
    langevin_escape_rate,
    langevin_limit,
    mori_rate,
    xie_rate,
)


def in_plane(text, diffusion):
    return langevin_escape_rate(Langevin(SymbolicLandscape(text), diffusion), [-1, 0], [0, 0])


SHAPES = SymbolicTensor(sympy.diag(1, sympy.sqrt(2 + W)) / 10, (W, sympy.Symbol("y", real=True)))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: kramers_rate(SHARP, 1.0, -1.8, -0.6, learning_rate=0.01),
            "got 3.36: steps leave this minimum by",
        ),
        (lambda: xie_rate(SHARP, 0.01, 20, -1.8, -0.6), "got 3.36"),
        (lambda: mori_rate(SHARP, 0.01, 20, -1.8, -0.6), "got 3.36"),
        (
            lambda: langevin_escape_rate(langevin_limit(SHARP, SGD(0.01, 20)), -1.8, -0.6),
            "noise in every direction",
        ),
        (
            lambda: langevin_escape_rate(
                Langevin(WELL, HessianProportional(WELL, 0.05, AbsoluteEigenvalues())), -1, 0
            ),
            r"noise in every direction .* at \[-0.577350",
        ),
        (
            lambda: kramers_rate(
                SymbolicLandscape("(x**2 - 1)**2/4 + (y**2 - 1)**2/4"), 0.01, [-1, -1], [0.01, 0]
            ),
            "saddle of index one, got 2 unstable directions of 2",
        ),
        (lambda: kramers_rate(WELL, 0.01, 0, -1), r"`minimum` must be a minimum, got 1 unstable directions of 1"),
        (lambda: kramers_rate(WELL, 0.01, -0.4, 0.1), "`minimum` must lie next to a critical point"),
        (lambda: kramers_rate(WELL, 0.01, -1, 0.25), "`saddle` must lie next to a critical point"),
        (
            lambda: kramers_rate(SymbolicLandscape("w**4/4 - w**5/5"), 0.01, 0.1, 1),
            "`minimum` must have curvature .* learning coefficient",
        ),
        (
            lambda: kramers_rate(SymbolicLandscape("(x**2 - 1)**2/4 + y**4*(x + 2)"), 0.01, [-1, 0], [0, 0]),
            "`minimum` must have curvature",
        ),
        (lambda: kramers_rate(WELL, 0.3, -1, 0), "barrier of several temperatures, got 0.833; lower"),
        (
            lambda: kramers_rate(SymbolicLandscape("w**2/100 + w**4 - w**6/2"), 0.05, 0, 1.15),
            "got a next order of",
        ),
        (
            lambda: kramers_rate(SymbolicLandscape("(w**2 - 1)**2*(w**2 - 9)**2/100"), 0.1, -3, 0),
            r"rim of the basin .* slide to \[-1.0\] and \[1.0\]",
        ),
        (
            lambda: in_plane("(x**2 - 1)**2/4 + (y - x - x**2)**2/2", Constant(np.diag([0.04, 0.1]))),
            "to be a gradient, got an antisymmetric part",
        ),
        (lambda: in_plane("(x**2 - 1)**2/4 + y**2/2", SHAPES), "noise of one shape"),
        (lambda: kramers_rate("w**2", 0.05, -1, 0), "`landscape` must be a Landscape"),
        (lambda: langevin_escape_rate(WELL, -1, 0), "`sde` must be a Langevin, got"),
        (lambda: kramers_rate(WELL, 0.05, -1, -1), "must be two points"),
        (lambda: kramers_rate(WELL, 0.05, [-1, 0], 0), "`minimum` must be 1 finite numbers"),
        (lambda: kramers_rate(WELL, 0.05, -1, 0, learning_rate=-1), "`learning_rate` must be positive"),
        (lambda: mori_rate(WELL, 0.1, 1, -1, 0), "positive loss at the minimum, got 0"),
        (lambda: mori_rate(VALLEY, 0.1, 1, [-1, 0], [0, 0]), "needs one dimension, got 2"),
        (lambda: xie_rate(WELL, 0.1, 0, -1, 0), "`batch_size` must be at least 1"),
        (
            lambda: xie_rate(SymbolicLandscape("(x**2 - 1)**2/4 + (y - x**3)**2/2"), 0.05, 9, [-1, -1], [0, 0]),
            "an eigenvector of the Hessian",
        ),
    ],
)
def test_refusals(ask, message):
    with pytest.raises(InputError, match=message) as found:
        ask()
    assert "\n" not in str(found.value)


def test_what_is_next_to_a_refusal_runs():
    assert kramers_rate(SHARP, 1.0, -1.8, -0.6, learning_rate=0.0059).barrier == pytest.approx(47.78, abs=0.01)
    warm = kramers_rate(WELL, 0.2, -1, 0)  # between one and three temperatures
    assert warm.relative_error > 0.5
    exact = np.exp(log_time(Langevin(WELL, Isotropic(0.2, 1)), -1, 1))
    assert abs(warm.time - exact) < warm.time.error
    rough = CallableLandscape(lambda w: (w[..., 0] ** 2 - 1) ** 2 / 4, dim=1)
    assert kramers_rate(rough, 0.02, -1, 0).log_value == pytest.approx(
        kramers_rate(WELL, 0.02, -1, 0).log_value, abs=1e-5
    )
