"""The slowest modes of a rate matrix, over any range of time scales."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.markov.classes import recurrent_classes
from theory.markov.elimination.solve import eliminate, stationary_vector
from theory.markov.framed import DENSE, Complexes, framed, framed_matrix, krylov_size, scattered
from theory.markov.path_spectrum import is_path, path_spectrum
from theory.markov.similar import balance, law_weights

SPARE = 2  # modes beyond the asked ones, so that no pair is cut
WINDOW = 1e3  # eigenvalues this far from the shift, up or down, keep about ten digits
RIGHT_IN_SIZE = 1e-11  # of the shift: an eigenvalue above it is right in magnitude
DESCENT = 1e-10  # the next shift where nothing was seen
ARNOLDI_SETTLED = 1e-12  # of the Arnoldi iteration: rounding is not far below
LEAST_SHIFT = 1e-270  # a slower eigenvalue leaves the range of floating point numbers when it is inverted
SLOW = 1e-6  # of the largest rate: eigenvalues below it are solved without subtraction
ERROR_LEFT = 2e-8  # relative error that those keep
PATH = 1e-12  # relative error on a path: rounding of thousands of rates


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of a rate matrix, nearest to 0 first, with their modes.

    `eigenvalues` has shape (k,), `modes` (states, k) with sum of absolute values 1 and the largest entry positive.
    `error` is that of each eigenvalue, shape (k,): what rounding may do to it where only one mesh was solved.
    `reversible` says that the chain is in detailed balance, so that all eigenvalues are real.
    """

    eigenvalues: Complexes
    modes: Complexes = field(repr=False)
    error: Array | None = None
    reversible: bool = False

    def __repr__(self) -> str:
        return told(
            "Spectrum",
            eigenvalues=self.eigenvalues,
            error=self.error,
            reversible=self.reversible,
            states=self.modes.shape[0],
        )

    @property
    def gap(self) -> Estimate:
        """The slowest rate of relaxation among the eigenvalues not exactly 0, with its error.

        Raises
        ------
        InputError
            If all of them are 0.
        """
        known = self.eigenvalues == 0 if self.error is None else (self.eigenvalues == 0) & (self.error == 0)
        moving = np.flatnonzero(~known)
        require(len(moving) > 0, f"the gap needs more than the {len(self.eigenvalues)} eigenvalue 0; raise `k`")
        slowest = moving[np.argmax(self.eigenvalues.real[moving])]
        error = np.nan if self.error is None else float(self.error[slowest])
        return Estimate(-self.eigenvalues.real[slowest], error)


def spectrum(
    generator: sparse.csc_array, positions: Integers, k: int, absorption: Array | None = None
) -> Spectrum:
    """The k eigenvalues nearest to 0, with multiplicity, their modes, and what rounding may do to them.

    On a path, as of every equation on a line, they are singular values of a bidiagonal matrix, with the relative
    accuracy of the rates. Otherwise the matrix is taken into the frame of its stationary weights' root, where it
    is symmetric in detailed balance; else left and right eigenvectors say how far it is from normal there, and the
    error is their condition times rounding. Eigenvalues below 1e-6 of the largest rate come from an Arnoldi
    iteration with s (s - G)^-1, solved without subtraction: the walk killed at rate s. Its rounding errors are
    relative to s, so that those within a factor of 1000 of s keep about ten digits; slower ones are sought again
    with smaller s, down to escape rates over hundreds of temperatures. The eigenvalue 0 is exact, once for each
    recurrent class, with its stationary law as mode.

    Parameters
    ----------
    generator
        Rate matrix: entry (i, j) is the rate from j to i, the diagonal all that leaves.
    positions
        Lattice index of each state, shape (states, d).
    k
        How many, from 1 to the number of states less 3.
    absorption
        Rate from each state out of the chain, part of the diagonal, shape (states,); 0 by default.

    Raises
    ------
    InputError
        If k is out of range, an iteration does not settle, or an eigenvalue is below floating point numbers.

    References
    ----------
    Lehoucq, Sorensen & Yang (1998), "ARPACK users' guide"; Trefethen & Embree (2005), "Spectra and pseudospectra".
    """
    states = len(positions)
    most = states - SPARE - 1
    require(1 <= k <= most, f"`k` must lie between 1 and {most} on {states} states, got {k}; refine the grid")
    ends = np.zeros(states) if absorption is None else absorption
    if is_path(generator, ends):
        values, shapes = path_spectrum(generator, ends, k)
        whole = scaled_modes(shapes.astype(np.complex128))
        return Spectrum(values.astype(np.complex128), whole, PATH * np.abs(values), reversible=True)
    logs = balance(generator)
    symmetric = logs is not None
    if logs is None:
        logs = law_weights(generator, positions)
    rate = _diffusion_rate(generator, positions)
    try:
        found = framed(framed_matrix(generator, logs, symmetric=symmetric), k + SPARE, rate, symmetric=symmetric)
    except InputError:
        if symmetric:
            raise
        logs = np.zeros(states)  # as it stands, with the condition that it has there
        found = framed(generator, k + SPARE, rate, symmetric=False)
    slow = np.abs(found.eigenvalues) < SLOW * float(-generator.diagonal().min())
    rates, vectors = _slowest(generator, positions, ends, int(np.count_nonzero(slow)), found.eigenvalues[~slow])
    eigenvalues = np.concatenate([rates, found.eigenvalues[~slow]])
    modes = np.concatenate([vectors, unframed(found.right[:, ~slow], logs)], axis=1)
    errors = np.concatenate([ERROR_LEFT * np.abs(rates), found.rounding[~slow]])
    order = np.argsort(np.abs(eigenvalues), kind="stable")[:k]
    return Spectrum(eigenvalues[order], scaled_modes(modes[:, order]), errors[order], symmetric)


def unframed(vectors: Complexes, logs: Array) -> Complexes:
    """Vectors times the root of the weights, to a factor each: in logarithms, so that none underflows."""
    with np.errstate(divide="ignore"):
        sizes = np.log(np.abs(vectors)) + logs[:, None] / 2
    phases = vectors / np.where(vectors == 0, 1, np.abs(vectors))
    return np.asarray(phases * np.exp(sizes - sizes.max(axis=0)))


def _slowest(
    generator: sparse.csc_array, positions: Integers, absorption: Array, count: int, others: Complexes
) -> tuple[Complexes, Complexes]:
    """The `count` eigenvalues below the `others`, and their modes, without subtraction."""
    zeros = _stationary_modes(generator, positions, absorption)
    classes = zeros.shape[1]
    values, modes = [np.zeros(classes, dtype=np.complex128)], [zeros]
    shift = SLOW * float(-generator.diagonal().min())
    if len(others):
        shift = min(shift, float(np.abs(others).min()) / 10)
    while count > classes:
        found, vectors = _nearest(generator, positions, absorption, shift, count)
        sizes = np.abs(found)
        kept = sizes >= shift / WINDOW
        require(
            bool((found[kept].real < 0).all()),
            f"eigenvalues must have negative real parts, got {found[kept].real.max(initial=-np.inf):.3g} at shift "
            f"{shift:.3g}: the modes are too far from orthogonal; refine or shrink the grid",
        )
        values.append(found[kept])
        modes.append(vectors[:, kept])
        count = int(np.count_nonzero(~kept))
        slow = sizes[~kept & (sizes > RIGHT_IN_SIZE * shift)]
        shift = float(slow.max()) if len(slow) else DESCENT * shift
        require(
            count <= classes or shift > LEAST_SHIFT,
            f"eigenvalues must be above {LEAST_SHIFT:g} in size, got {count - classes} below: barriers must stay "
            "under about 600 temperatures; raise the temperature",
        )
    return np.concatenate(values), np.concatenate(modes, axis=1)


def _stationary_modes(generator: sparse.csc_array, positions: Integers, absorption: Array) -> Complexes:
    classes = [states for states in recurrent_classes(generator) if not absorption[states].any()]
    modes = np.zeros((len(positions), len(classes)), dtype=np.complex128)
    for mode, inside in zip(modes.T, classes, strict=True):
        mode[inside] = stationary_vector(generator[:, inside].tocsr()[inside].tocsc(), positions[inside])
    return modes


def _diffusion_rate(generator: sparse.csc_array, positions: Integers) -> float:
    """The rate of diffusion across the lattice, near enough."""
    extent = int((positions.max(axis=0) - positions.min(axis=0) + 1).max())
    return float(-generator.diagonal().min()) / extent**2 or 1.0


def _nearest(
    generator: sparse.csc_array, positions: Integers, absorption: Array, shift: float, count: int
) -> tuple[Complexes, Complexes]:
    """The eigenvalues nearest to `shift` > 0, by size, with their modes."""
    states = len(positions)
    walk = eliminate(generator, positions, absorption + shift)

    def survive(vector: Array) -> Array:
        return shift * walk.solve_transposed(vector.ravel())

    if states <= DENSE:
        shares, modes = np.linalg.eig(shift * walk.solve_transposed(np.eye(states)))
    else:
        start = scattered(states)
        operator = LinearOperator((states, states), matvec=survive, dtype=np.float64)
        size = min(states, krylov_size(count))
        try:
            shares, modes = eigs(operator, k=count, v0=start, ncv=size, tol=ARNOLDI_SETTLED)
        except ArpackNoConvergence as error:
            raise InputError(
                f"the {count} slowest modes must separate, got {len(error.eigenvalues)} at shift {shift:.3g}; ask "
                "for fewer or more"
            ) from error
    slowest = np.argsort(-np.abs(shares), kind="stable")[:count]
    eigenvalues = shift * (shares[slowest] - 1) / shares[slowest]
    order = np.argsort(np.abs(eigenvalues), kind="stable")
    return eigenvalues[order].astype(np.complex128), modes[:, slowest[order]].astype(np.complex128)


def scaled_modes(modes: Complexes) -> Complexes:
    """Modes with a sum of absolute values of 1 and the largest entry positive."""
    largest = modes[np.abs(modes).argmax(axis=0), np.arange(modes.shape[1])]
    return np.asarray(modes * (np.abs(largest) / largest) / np.abs(modes).sum(axis=0))
