"""A study whose model is a network, or another model on data in many dimensions: from the table [network]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from compare.study.algorithm import read_plain_sgd
from compare.study.definition.networks import ALL, OBSERVABLES
from compare.study.definition.tables import LARGEST_SEED, MOST_NUMBERS, of_a_network
from compare.study.network_model import read_network
from compare.study.network_streams import NetworkStreams
from compare.study.section import Section
from compare.study.source import study_table
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from theory.base.errors import require
from theory.laws.draws import FEWEST_DRAWS
from theory.models import DatasetModel

TABLE = "network"


@dataclass(frozen=True)
class ChainPlan:
    """How many Hamiltonian chains sample a law, of how many steps, and how many make one that is kept."""

    number: int = 24
    steps: int = 600
    burn_in: int = 300
    every: int = 2


@dataclass(frozen=True, eq=False)
class NetworkStudy:
    """A model on data, SGD, and what is looked at of its law and of those of theory.

    Parameters
    ----------
    steps, walkers
        Of SGD and of Langevin paths, which all begin about the lowest minimum.
    burn_in, every
        Steps before the first look and from one look to the next.
    observables
        Names of what is looked at: `loss`, `log loss`, `distance`, `sharpest`.
    substeps
        Euler-Maruyama steps a learning rate.
    temperature
        Of the Gibbs measure; None: that of the noise at the minimum.
    beta
        Inverse temperature of the posterior, None: no posterior.
    chains
        Those that sample Gibbs measure and posterior.
    searches, spread
        Descents from which the minimum is the lowest, and the standard deviation of where they begin.
    scatter
        Standard deviation about the minimum of where walkers and chains begin: where units are off their gradient
        and its noise are 0, and nobody who begins there would leave.
    source
        The table that it was read from.
    """

    name: str
    seed: int
    model: DatasetModel
    sgd: SGD
    steps: int
    walkers: int
    burn_in: int
    every: int = 10
    observables: tuple[str, ...] = OBSERVABLES
    substeps: int = 4
    temperature: float | None = None
    beta: float | None = None
    chains: ChainPlan = field(default_factory=ChainPlan)
    searches: int = 10
    spread: float = 0.7
    scatter: float = 0.05
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def resized(self, *, seed: int | None, walkers: int | None, steps: int | None) -> NetworkStudy:
        """The same study with another seed, whose data are others too, number of walkers or steps, where given.

        Raises
        ------
        InputError
            As `read_network_study`.
        """
        sizes = {"walkers": walkers, "steps": steps}
        table = {**self.source, "sgd": {**self.source["sgd"], **{k: n for k, n in sizes.items() if n is not None}}}
        return read_network_study(table if seed is None else {**table, "seed": seed})


def load_network_study(name_or_path: str | PathLike[str]) -> NetworkStudy:
    """The study of a network that ships under this name, or that a TOML file holds.

    Raises
    ------
    InputError
        As `load_study`, and if the study has no [network].
    """
    return read_network_study(study_table(str(name_or_path)))


def read_network_study(table: Mapping[str, Any]) -> NetworkStudy:
    """The study of a network that `table` describes.

    Raises
    ------
    InputError
        If it has no [network], anything in it is unknown, missing or out of range, or scikit-learn is needed and
        not installed.
    """
    require(TABLE in table, "a study of a network needs [network], it is missing; load_study reads others")
    top = Section(table, of_a_network())
    name, seed = top.text("name"), top.whole("seed")
    require(0 <= seed <= LARGEST_SEED, f"`seed` must lie between 0 and {LARGEST_SEED}, got {seed}")
    found = read_network(top.needed(TABLE), NetworkStreams.of(seed).data)
    sgd_table = top.needed("sgd")
    sgd = _read_algorithm(sgd_table, found.model)
    steps, walkers = sgd_table.whole("steps"), sgd_table.whole("walkers")
    sgd_table.close()
    names, burn_in, every = _read_looks(top.section("observables"), steps)
    looks = (steps - burn_in) // every
    require(
        walkers >= 2 and looks >= FEWEST_DRAWS,
        f"a study of a network needs 2 walkers or more and {FEWEST_DRAWS} looks at them after `burn_in`, got "
        f"{walkers} and {looks}; raise `walkers` or `steps`",
    )
    kept = (steps // every + 1) * walkers * found.model.dim
    require(
        kept <= MOST_NUMBERS,
        f"all looks at all walkers may hold {MOST_NUMBERS} numbers, got {kept}; raise `every` or reduce `walkers`",
    )
    study = NetworkStudy(
        name, seed, found.model, sgd, steps, walkers, burn_in, every, names,
        _read_substeps(top.section("langevin")),
        _read_temperature(top.section("gibbs")),
        _read_beta(top.section("posterior"), found.beta),
        _read_chains(top.section("chains")),
        found.searches, found.spread, found.scatter, dict(table),
    )  # fmt: skip
    top.close()
    return study


def _read_algorithm(section: Section, model: DatasetModel) -> SGD:
    sgd = read_plain_sgd(section)
    ordered = isinstance(sgd.sampling, WithoutReplacement)
    require(
        not ordered or sgd.batch_size < len(model),
        f"`batch_size` must be below the {len(model)} examples without replacement, got {sgd.batch_size}; reduce "
        "it or sample with replacement",
    )
    return sgd


def _read_looks(section: Section | None, steps: int) -> tuple[tuple[str, ...], int, int]:
    """What is looked at, from which step on, and how often."""
    if section is None:
        return OBSERVABLES, steps // 2, 10
    names, burn_in, every = section.read("names"), section.read("burn_in"), section.whole("every")
    section.close()
    chosen = OBSERVABLES if ALL in names else tuple(names)
    return chosen, steps // 2 if burn_in is None else int(burn_in), every


def _read_substeps(section: Section | None) -> int:
    if section is None:
        return 4
    substeps = section.whole("substeps")
    section.close()
    return substeps


def _read_temperature(section: Section | None) -> float | None:
    if section is None:
        return None
    temperature = section.read("temperature")
    section.close()
    return None if temperature is None else float(temperature)


def _read_beta(section: Section | None, of_labels: float | None) -> float | None:
    """The inverse temperature of the posterior that is asked for: that of the noise of labels, or its own."""
    if section is None:
        return None
    given = section.read("beta")
    section.close()
    beta = of_labels if given is None else float(given)
    require(
        beta is not None,
        "[posterior] needs `label_noise` > 0 in [network] or `beta`, got neither: labels without noise have none",
    )
    return beta


def _read_chains(section: Section | None) -> ChainPlan:
    if section is None:
        return ChainPlan()
    plan = ChainPlan(*(section.whole(key) for key in ("number", "steps", "burn_in", "every")))
    section.close()
    require(
        plan.steps >= FEWEST_DRAWS * plan.every,
        f"`steps` in [chains] must be at least {FEWEST_DRAWS} times `every`, got {plan.steps} and {plan.every}",
    )
    return plan
