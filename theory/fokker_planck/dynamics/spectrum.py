"""The slowest modes of a rate matrix, over any range of time scales."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from theory.arrays import Array, Integers
from theory.errors import InputError, require
from theory.field import Estimate
from theory.fokker_planck.elimination.solve import eliminate, stationary_vector
from theory.fokker_planck.generator.matrix import recurrent_classes

Complexes = NDArray[np.complex128]

DENSE = 60  # states up to which a full eigenvalue problem is as cheap
SPARE = 2  # modes beyond the asked ones, so that no pair is cut
WINDOW = 1e3  # eigenvalues this far from the shift, up or down, keep about ten digits
SEEN = 1e-11  # of the shift: an eigenvalue above it is right in magnitude
DESCENT = 1e-10  # the next shift where nothing was seen
SETTLED = 1e-12  # of the Arnoldi iteration: rounding is not far below
LEAST_SHIFT = 1e-270


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of a rate matrix, nearest to 0 first, with their modes.

    `eigenvalues` has shape (k,), `modes` (states, k) with sum of absolute values 1 and the largest entry positive.
    `error` is that of each eigenvalue, shape (k,), or None where only one mesh was solved.
    """

    eigenvalues: Complexes
    modes: Complexes = field(repr=False)
    error: Array | None = None

    @property
    def gap(self) -> Estimate:
        """The slowest rate of relaxation among the eigenvalues that are not 0, with its error."""
        moving = np.flatnonzero(self.eigenvalues != 0)
        require(len(moving) > 0, f"the gap needs more than the {len(self.eigenvalues)} eigenvalue 0; raise `k`")
        slowest = moving[np.argmax(self.eigenvalues.real[moving])]
        error = np.nan if self.error is None else float(self.error[slowest])
        return Estimate(-self.eigenvalues.real[slowest], error)


def spectrum(generator: sparse.csc_array, positions: Integers, k: int) -> Spectrum:
    """The k eigenvalues nearest to 0, with multiplicity, and their modes.

    Arnoldi iteration with s (s - G)^-1, solved without subtraction: the walk killed at rate s. Its rounding errors
    are relative to s, not to the largest rate, so eigenvalues within a factor of 1000 of s keep about ten digits;
    slower ones are sought again with smaller s, down to escape rates over hundreds of temperatures. The
    eigenvalue 0 is exact, once for each recurrent class, with its stationary law as mode.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i.
    positions
        Lattice index of each state, shape (states, d).
    k
        How many, from 1 to the number of states less 3.

    Raises
    ------
    InputError
        If k is out of range, the iteration does not settle, or an eigenvalue is below floating point numbers.

    References
    ----------
    Lehoucq, Sorensen & Yang (1998), "ARPACK users' guide".
    """
    states = len(positions)
    most = states - SPARE - 1
    require(1 <= k <= most, f"`k` must lie between 1 and {most} on {states} states, got {k}; refine the grid")
    zeros = _stationary_modes(generator, positions)
    classes = zeros.shape[1]
    values, modes = [np.zeros(classes, dtype=np.complex128)], [zeros]
    shift = _first_shift(generator, positions)
    count = k + SPARE
    while count > classes:
        found, vectors = _nearest(generator, positions, shift, count)
        sizes = np.abs(found)
        last = float(sizes[min(count, k) - 1])
        if count > k and last > WINDOW * shift:
            shift = last / 10
            continue
        kept = sizes >= shift / WINDOW
        require(
            bool((found[kept].real < 0).all()),
            f"eigenvalues must have negative real parts, got {found[kept].real.max(initial=-np.inf):.3g} at shift "
            f"{shift:.3g}: the modes are too far from orthogonal; refine or shrink the grid",
        )
        values.append(found[kept])
        modes.append(vectors[:, kept])
        count = int(np.count_nonzero(~kept))
        slow = sizes[~kept & (sizes > SEEN * shift)]
        shift = float(slow.max()) if len(slow) else DESCENT * shift
        require(
            count <= classes or shift > LEAST_SHIFT,
            f"eigenvalues must be above {LEAST_SHIFT:g} in size, got {count - classes} below: barriers must stay "
            "under about 600 temperatures; raise the temperature",
        )
    eigenvalues, vectors = np.concatenate(values), np.concatenate(modes, axis=1)
    order = np.argsort(np.abs(eigenvalues), kind="stable")[:k]
    return Spectrum(eigenvalues[order].astype(np.complex128), _scaled(vectors[:, order]))


def _stationary_modes(generator: sparse.csc_array, positions: Integers) -> Complexes:
    classes = recurrent_classes(generator)
    modes = np.zeros((len(positions), len(classes)), dtype=np.complex128)
    for mode, inside in zip(modes.T, classes, strict=True):
        mode[inside] = stationary_vector(generator[:, inside].tocsr()[inside].tocsc(), positions[inside])
    return modes


def _first_shift(generator: sparse.csc_array, positions: Integers) -> float:
    """The rate of diffusion across the lattice, near enough."""
    extent = int((positions.max(axis=0) - positions.min(axis=0) + 1).max())
    return float(-generator.diagonal().min()) / extent**2 or 1.0


def _nearest(
    generator: sparse.csc_array, positions: Integers, shift: float, count: int
) -> tuple[Complexes, Complexes]:
    """The eigenvalues nearest to `shift` > 0, by size, with their modes."""
    states = len(positions)
    walk = eliminate(generator, positions, np.full(states, shift))

    def survive(vector: Array) -> Array:
        return shift * walk.solve_transposed(vector.ravel())

    if states <= DENSE:
        shares, modes = np.linalg.eig(shift * walk.solve_transposed(np.eye(states)))
    else:
        start = np.modf(np.arange(1, states + 1) * (np.sqrt(5) - 1) / 2)[0] - 0.25
        operator = LinearOperator((states, states), matvec=survive, dtype=np.float64)
        size = min(states, 3 * count + 20)
        try:
            shares, modes = eigs(operator, k=count, v0=start, ncv=size, tol=SETTLED)
        except ArpackNoConvergence as error:
            raise InputError(
                f"the {count} slowest modes must separate, got {len(error.eigenvalues)} at shift {shift:.3g}; ask "
                "for fewer or more"
            ) from error
    slowest = np.argsort(-np.abs(shares), kind="stable")[:count]
    eigenvalues = shift * (shares[slowest] - 1) / shares[slowest]
    order = np.argsort(np.abs(eigenvalues), kind="stable")
    return eigenvalues[order].astype(np.complex128), modes[:, slowest[order]].astype(np.complex128)


def _scaled(modes: Complexes) -> Complexes:
    largest = modes[np.abs(modes).argmax(axis=0), np.arange(modes.shape[1])]
    return np.asarray(modes * (np.abs(largest) / largest) / np.abs(modes).sum(axis=0))
