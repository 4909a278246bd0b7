"""Parts of a user's own that keep their contract at first and break it on the way."""

from __future__ import annotations

import numpy as np
import pytest
from broken_parts import DATA, NOISY, PLAIN, WELL, broken, seeded
from own_parts import Averaged, Decay, Rising, Shaken, Steeper, Uniform

from simulate import SGD, run_sgd
from theory import InputError, Langevin, sample_paths


def far(right, wrong):
    """A method that is right next to 0 and wrong beyond 1/2."""
    return lambda self, w, *rest: np.where(np.abs(w) < 0.5, right, wrong).reshape(
        *w.shape, *([1] * (len(rest) == 0))
    )


LATE = {
    "tensor": lambda: paths_from_0(Langevin(WELL, broken(Rising, {"tensor": far(0.3, -0.3)}))),
    "sample": lambda: sgd_from_0(noise=broken(Shaken, {"sample": far(0.1, np.nan), "variance": 0.01})),
    "matrix": lambda: sgd_from_0(preconditioner=broken(Steeper, {"matrix": far(1.0, np.nan)})),
    "matrix of a definite": lambda: sgd_from_0(preconditioner=broken(Steeper, {"matrix": far(1.0, -1.0)})),
    "matrix of another definite": lambda: sgd_from_0(preconditioner=broken(Steeper, {"matrix": far(1.0, 0.0)})),
    "update": lambda: sgd_from_0(
        rule=broken(
            Averaged, {"update": lambda self, g, s, w, rate, k, rng: (far(1.0, np.nan)(self, w, 1) * g, s)}
        )
    ),
    "indices": lambda: sgd_from_0(
        PLAIN,
        DATA,
        sampling=broken(Uniform, {"indices": lambda self, m, b, n, k, rng: np.full((n, b), m if k == 150 else 0)}),
    ),
    "rate": lambda: sgd_from_0(
        schedule=broken(Decay, {"rate": lambda self, steps: np.where(steps == 150, np.nan, 1.0)})
    ),
}


def paths_from_0(sde):
    return sample_paths(sde, np.zeros((50, 1)), dt=0.01, steps=300, rng=seeded())


def sgd_from_0(model=NOISY, data=None, **parts):
    return run_sgd(model, SGD(0.3, 1, **parts), np.zeros((50, 1)), steps=300, rng=seeded(), data=data)


@pytest.mark.parametrize("method", LATE)
def test_what_breaks_on_the_way_is_refused_too(method):
    name = method.partition(" ")[0]
    with pytest.raises(InputError, match=f"`{name}`.* must|`{name}` of .* must") as refused:
        LATE[method]()
    assert "Mine" in str(refused.value)
    assert "\n" not in str(refused.value)
