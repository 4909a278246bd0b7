"""The No-U-Turn sampler, by blackjax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import optional_package
from theory.base.progress import progress_bar
from theory.base.showing import as_call
from theory.laws import Draws

FEWEST = 20  # steps of the burn-in that find a step
BLOCK = 100  # steps of one call of the compiled program
SEEDS = 2**32


@dataclass(frozen=True)
class NUTS:
    """Trajectories that end where they turn back, by blackjax: the law is kept exactly, with no length to choose.

    Each chain finds its own step and the standard deviations of the coordinates in the burn-in, in the windows of
    Stan, and keeps them. All chains are one program of JAX, which takes seconds to compile and then needs no
    Python: the loss must be one that JAX can trace, a formula or a network of `from_jax`. All chains wait for the
    longest trajectory among them.

    Parameters
    ----------
    acceptance
        What the step is adapted to.
    deepest
        Most doublings of a trajectory, which has up to 2^deepest leaps.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Hoffman & Gelman (2014), The No-U-Turn sampler, Journal of Machine Learning Research 15, 1593; Cabezas et al.
    (2024), BlackJAX, arXiv:2402.10797.
    """

    acceptance: float = 0.8
    deepest: int = 10

    packages: ClassVar[tuple[str, ...]] = ("blackjax",)

    def __post_init__(self) -> None:
        require(
            0 < self.acceptance < 1,
            f"`acceptance` must lie between 0 and 1, got {self.acceptance}",
        )
        require(
            self.deepest >= 1 and self.deepest % 1 == 0,
            f"`deepest` must be a whole number, at least 1, got {self.deepest}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    def run(
        self,
        potential: Any,
        start: Array,
        stream: np.random.Generator,
        *,
        steps: int,
        burn_in: int,
        save_every: int,
        progress: bool | None = None,
    ) -> tuple[Draws, Array]:
        """The draws of chains from `start` (chains, d), and the potential at them, shape (draws, chains).

        `potential.traced()` gives the `Traced` function; where `potential` has `calls`, leaps are added to them.

        Raises
        ------
        InputError
            If blackjax is not installed, JAX cannot trace the potential, it is not finite at the start, or the
            burn-in is too short to find a step.
        """
        require(burn_in >= FEWEST, f"NUTS needs `burn_in` of at least {FEWEST} steps, got {burn_in}; raise it")
        traced = getattr(potential, "traced", None)
        if traced is None:
            raise InputError(
                f"NUTS needs a potential that JAX can trace, got {type(potential).__name__}; take HMC()"
            )
        optional_package("blackjax", "NUTS")
        jax, found = optional_package("jax", "NUTS"), traced()
        with found.setting(), progress_bar(burn_in + steps, progress) as count:
            keys = jax.random.split(jax.random.key(int(stream.integers(SEEDS))), 2)
            points = jax.numpy.asarray(start, dtype=jax.numpy.result_type(float))
            _refuse_start(jax, found.function, points)
            state, numbers, spent = self._adapted(found.function, keys[0], points, burn_in)
            count(burn_in)
            walk = self._walk(found.function, numbers, len(start))
            kept: list[tuple[Array, ...]] = []
            for key in jax.random.split(keys[1], -(-steps // BLOCK)):
                state, told = walk(key, state)
                kept.append(tuple(np.asarray(one) for one in told))
                count(min(BLOCK, steps - BLOCK * (len(kept) - 1)))
        w, density, leaps, accepted = (np.concatenate(parts)[:steps] for parts in zip(*kept, strict=True))
        if hasattr(potential, "calls"):
            potential.calls += spent + int(leaps.sum())
        chosen = slice(save_every - 1, None, save_every)
        draws = Draws(w[chosen].astype(np.float64), float(accepted.mean()), float(np.mean(np.asarray(numbers[0]))))
        return draws, -density[chosen].astype(np.float64)

    def _adapted(self, function: Any, key: Any, points: Any, burn_in: int) -> tuple[Any, tuple[Any, Any], int]:
        """The states of the chains after the burn-in, their steps with their metrics, and leaps of all."""
        blackjax, jax = (optional_package(name, "NUTS") for name in ("blackjax", "jax"))
        windows = blackjax.window_adaptation(
            blackjax.nuts,
            lambda w: -function(w),
            target_acceptance_rate=self.acceptance,
            adaptation_info_fn=lambda state, info, adaptation: info.num_integration_steps,
            max_num_doublings=self.deepest,
        )

        def one(key: Any, w: Any) -> Any:
            result, leaps = windows.run(key, w, burn_in)
            numbers = result.parameters["step_size"], result.parameters["inverse_mass_matrix"]
            return result.state, numbers, leaps.sum()

        state, numbers, leaps = jax.jit(jax.vmap(one))(jax.random.split(key, len(points)), points)
        return state, numbers, int(np.asarray(leaps).sum())

    def _walk(self, function: Any, numbers: tuple[Any, Any], chains: int) -> Any:
        """A compiled function (key, states) to states and the records of `BLOCK` steps."""
        blackjax, jax = (optional_package(name, "NUTS") for name in ("blackjax", "jax"))
        kernel = blackjax.nuts.build_kernel()

        def one(key: Any, state: Any, step: Any, metric: Any) -> Any:
            state, info = kernel(key, state, lambda w: -function(w), step, metric, self.deepest)
            return state, (state.position, state.logdensity, info.num_integration_steps, info.acceptance_rate)

        def move(state: Any, key: Any) -> Any:
            return jax.vmap(one)(jax.random.split(key, chains), state, *numbers)

        return jax.jit(lambda key, state: jax.lax.scan(move, state, jax.random.split(key, BLOCK)))


def _refuse_start(jax: Any, function: Any, points: Any) -> None:
    """Refuse a potential that JAX cannot trace or that is not finite where chains start."""
    try:
        values, slopes = jax.jit(jax.vmap(jax.value_and_grad(function)))(points)
    except Exception as error:  # whatever a loss or a prior of the user's raises
        raise InputError(
            f"NUTS needs loss and prior that JAX can trace, they raise {type(error).__name__}; write them with "
            "jax.numpy, or take HMC()"
        ) from error
    bad = np.count_nonzero(~(np.isfinite(np.asarray(values)) & np.isfinite(np.asarray(slopes)).all(axis=1)))
    require(
        bad == 0,
        f"loss, prior and gradient must be finite at the start, they are not for {bad} of {len(points)} chains; "
        "start elsewhere",
    )
