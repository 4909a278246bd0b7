"""The model of a study, and the noise of its Langevin side."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from compare.study.definition.parts import NOISE, SMOOTH
from compare.study.section import Section
from simulate.sgd import SGD
from theory.base.errors import InputError, require
from theory.landscapes import SymbolicLandscape
from theory.laws import Grid
from theory.models import FreshModel, NoisyGradient, ProductModel
from theory.tensors import (
    AbsoluteEigenvalues,
    Constant,
    FactoredField,
    HessianProportional,
    Isotropic,
    LossProportional,
    Minibatch,
    PositivePart,
    Refuse,
    Scaled,
    SmoothAbsolute,
)
from theory.tensors.hessian import REMEDY
from theory.tensors.indefinite import Indefinite

INDEFINITE: dict[str, Indefinite] = {
    "refuse": Refuse(),
    "absolute": AbsoluteEigenvalues(),
    "positive part": PositivePart(),
}
KEPT = 16  # models that a process keeps for studies that differ in other numbers


def read_model(section: Section, noise: Section | None, sgd: SGD) -> tuple[FreshModel, FactoredField]:
    """The model that [model] describes and the diffusion tensor that [noise] does.

    Raises
    ------
    InputError
        If a formula does not parse, the two do not fit, or a parameter is out of range.
    """
    variables = section.read("variables")
    names = [variables] if isinstance(variables, str) else variables
    data, bare = "q" in section, "landscape" in section
    require(data != bare, "[model] needs either `q` or `landscape`, it has both or none")
    if data:
        q = section.read("q")
        model = _product(
            q if isinstance(q, str) else tuple(q),
            None if names is None else tuple(names),
            noise_std=section.number("noise_std"),
            input_std=section.number("input_std"),
            loss_scale=section.number("loss_scale"),
        )
        section.close()
        return model, _read_noise(noise, model, sgd)
    formula = section.text("landscape")
    section.close()
    landscape = _bare(formula, None if names is None else tuple(names))
    require(noise is not None, "a bare landscape needs [noise] with a kind other than minibatch, it is missing")
    diffusion = _read_noise(noise, landscape, sgd)
    # SGD whose gradient noise is Gaussian with exactly the covariance that D = eta C / (2 B) asks for.
    return NoisyGradient(landscape, Scaled(diffusion, 2 * sgd.batch_size / _time_step(sgd))), diffusion


@lru_cache(maxsize=KEPT)
def _product(q: str | tuple[str, ...], names: tuple[str, ...] | None, **scales: float) -> ProductModel:
    """The model of a formula, one for all studies that ask for it: it keeps what it has derived and compiled."""
    return ProductModel(q if isinstance(q, str) else list(q), None if names is None else list(names), **scales)


@lru_cache(maxsize=KEPT)
def _bare(formula: str, names: tuple[str, ...] | None) -> SymbolicLandscape:
    """The landscape of a formula, as `_product`."""
    return SymbolicLandscape(formula, None if names is None else list(names))


def _read_noise(section: Section | None, landscape: SymbolicLandscape, sgd: SGD) -> FactoredField:
    section = Section({}, NOISE, "noise") if section is None else section
    kind = section.own_kind()
    if kind == "minibatch":
        if not isinstance(landscape, ProductModel):
            raise InputError(
                "minibatch noise needs a model with `q`; give a bare landscape noise of kind isotropic, constant, "
                "hessian or loss"
            )
        tensor: FactoredField = Minibatch(landscape, _time_step(sgd), sgd.batch_size)
    elif kind == "isotropic":
        tensor = Isotropic(section.number("temperature"), landscape.dim)
    elif kind == "gradient":  # of one example: the temperature follows learning rate and batch
        temperature = _time_step(sgd) * section.number("std") ** 2 / (2 * sgd.batch_size)
        tensor = Isotropic(temperature, landscape.dim)
    elif kind == "constant":
        tensor = _read_constant(section, landscape.dim)
    elif kind == "hessian":
        scale = section.number("scale")
        tensor = HessianProportional(landscape, scale, read_indefinite(section))
    else:
        tensor = LossProportional(landscape, section.number("scale"))
    section.close()
    return tensor


def read_indefinite(section: Section) -> Indefinite:
    """What replaces the Hessian where it is indefinite, by the keys `indefinite` and `width`."""
    kind = section.text("indefinite")
    return SmoothAbsolute(section.number("width")) if kind == SMOOTH else INDEFINITE[kind]


def in_a_study(message: str, table: str) -> str:
    """What an error says, with the remedy for an indefinite Hessian as a table of a study words it."""
    return message.replace(REMEDY, f'write `indefinite = "absolute"`, "positive part" or "smooth" in [{table}]')


def _time_step(sgd: SGD) -> float:
    """Time of a step at the study's learning rate, from which a schedule starts."""
    return sgd.learning_rate / (1 - sgd.kept_velocity)


def check_on_grid(landscape: SymbolicLandscape, diffusion: FactoredField, grid: Grid, table: str = "grid") -> None:
    """Loss and noise must make sense in every cell of the grid in a table, before hours are spent on them.

    Raises
    ------
    InputError
        If one of them is not finite in a cell, the noise is no covariance in one, or it vanishes in all.
    """
    with np.errstate(all="ignore"):
        loss = landscape.value(grid.centers)
        bad = np.count_nonzero(~np.isfinite(loss))
        require(bad == 0, f"the loss must be finite on [{table}], it is not in {bad} cells; move [{table}]")
        try:
            tensor = diffusion.tensor(grid.centers)
        except InputError as error:
            raise InputError(f"on [{table}]: {in_a_study(str(error), 'noise')}") from None
    bad = np.count_nonzero(~np.isfinite(tensor).all(axis=(-1, -2)))
    require(bad == 0, f"the noise must be finite on [{table}], it is not in {bad} cells; move [{table}]")
    require(bool(tensor.any()), f"the noise must not vanish on all of [{table}], it does; `q` may not be constant")


def _read_constant(section: Section, dim: int) -> Constant:
    matrix = np.array(section.rows("matrix"))
    require(
        matrix.shape == (dim, dim),
        f"{section.where('matrix')} must be {dim} x {dim} as the landscape asks, got shape {matrix.shape}",
    )
    try:
        tensor = Constant(matrix)
    except InputError as error:
        raise InputError(f"{section.where('matrix')} must be a diffusion tensor: {error}") from None
    least = float(np.linalg.eigvalsh(matrix)[0])
    require(
        least > 0,
        f"{section.where('matrix')} must not be singular, got the eigenvalue {least:.3g}; add noise along it",
    )
    return tensor
