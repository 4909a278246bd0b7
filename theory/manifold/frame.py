"""Points of a manifold of minima with their normal directions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import InputError
from theory.landscapes import Landscape

FLAT_DIRECTION = 1e-6  # curvature over the largest one below which a direction is flat
CONVERGED = 1e-8  # relative length of the last Newton step: its square is what it leaves
ITERATIONS = 30


@dataclass(frozen=True, eq=False)
class Frame:
    """n points of a manifold of minima of codimension r.

    Parameters
    ----------
    points
        Shape (n, d).
    curvatures
        The r eigenvalues of the Hessian that are not zero, increasing, shape (n, r).
    normals
        Their eigenvectors, shape (n, d, r).
    """

    points: Array = field(repr=False)
    curvatures: Array = field(repr=False)
    normals: Array = field(repr=False)

    @property
    def tangent(self) -> Array:
        """The orthogonal projector on the tangent space, shape (n, d, d)."""
        dim = self.points.shape[-1]
        return np.asarray(np.eye(dim) - self.normals @ self.normals.swapaxes(-1, -2))

    def divided(self, vectors: Array) -> Array:
        """The pseudo-inverse of the Hessian times `vectors` (n, d, m)."""
        inside = self.normals.swapaxes(-1, -2) @ vectors
        return np.asarray(self.normals @ (inside / self.curvatures[..., None]))

    def relaxed(self, matrices: Array) -> Array:
        """X with H X + X H = M on the normal space, for symmetric M (n, d, d); zero elsewhere."""
        inside = self.normals.swapaxes(-1, -2) @ matrices @ self.normals
        sums = self.curvatures[..., :, None] + self.curvatures[..., None, :]
        return np.asarray(self.normals @ (inside / sums) @ self.normals.swapaxes(-1, -2))


def retracted(landscape: Landscape, w: Array, codimension: int) -> tuple[Array, Booleans]:
    """The minima next to points w (n, d) across `codimension` normal directions, and which were found.

    Newton's method on the normal directions of each iterate. From a distance u of the manifold the result is the
    nearest point up to O(u^2); a point whose normal curvature is not positive, or that is not finite, is not
    found.
    """
    place = w.copy()
    last = np.full(len(w), np.inf)
    sizes = np.linalg.norm(w, axis=-1)
    units = np.where(sizes > 0, sizes, 1.0)  # lengths in the unit of the points themselves
    going: Booleans = np.asarray(np.isfinite(w).all(axis=-1))
    for _ in range(ITERATIONS):
        if not going.any():
            break
        here = place[going]
        with np.errstate(all="ignore"):
            hessian, gradient = landscape.hessian(here), landscape.gradient(here)
        sound = np.asarray(np.isfinite(hessian).all(axis=(-1, -2)) & np.isfinite(gradient).all(axis=-1))
        values, vectors = np.linalg.eigh(np.where(sound[:, None, None], hessian, 0.0))
        curvatures, normals = values[:, -codimension:], vectors[..., -codimension:]
        sound &= curvatures[:, 0] > 0
        pull = (normals.swapaxes(-1, -2) @ gradient[..., None])[..., 0]
        with np.errstate(all="ignore"):
            step = (normals @ (pull / curvatures)[..., None])[..., 0]
        length = np.where(sound, np.linalg.norm(np.where(sound[:, None], step, 0.0), axis=-1), np.inf)
        size = length / np.maximum(units[going], np.linalg.norm(here, axis=-1))
        place[going] = np.where(sound[:, None], here - step, here)
        last[going] = size
        going[going] = sound & (size > CONVERGED)
    return place, np.asarray(last <= CONVERGED)


def frame_at(landscape: Landscape, w: Array, codimension: int, floor: float) -> Frame:
    """The frame at the minima next to points w (n, d).

    `floor` is the least curvature that counts as one.

    Raises
    ------
    InputError
        If a point does not lie next to a manifold of minima of this codimension.
    """
    points, found = retracted(landscape, w, codimension)
    if not found.all():
        raise InputError(
            f"the reduced dynamics needs points next to the manifold of minima, got {w[~found][0].tolist()}, from "
            "where Newton's method finds none; take smaller steps, the scheme OnManifold(), or a start from "
            "theory.manifold.gradient_flow_limit"
        )
    values, vectors = np.linalg.eigh(landscape.hessian(points))
    most = values[:, -1]
    curvatures, rest = values[:, -codimension:], values[:, :-codimension]
    lost = curvatures[:, 0] <= np.maximum(FLAT_DIRECTION * most, floor)
    won = np.abs(rest).max(axis=-1, initial=0.0) > FLAT_DIRECTION * most
    if (lost | won).any():
        bad = int(np.argmax(lost | won))
        ranks = int((values[bad] > max(FLAT_DIRECTION * most[bad], floor)).sum())
        raise InputError(
            "the reduced dynamics needs a Hessian of one rank along the manifold of minima, got rank "
            f"{ranks} instead of {codimension} at {points[bad].tolist()} (eigenvalues "
            f"{', '.join(f'{v:.3g}' for v in values[bad])}); stop before that point"
        )
    return Frame(points, curvatures, vectors[..., -codimension:])
