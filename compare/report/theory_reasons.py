"""Reasons that lie in the laws of theory: infinite time, noise, temperature, small rates, the step of paths."""

from __future__ import annotations

from compare.distances import total_variation
from compare.report.case import PART, Case, size
from compare.report.law_figures import GibbsFigures, SampledFigures
from compare.report.masses import mass_in
from compare.report.noise_shape import noise_shape
from compare.report.steps import stability
from compare.report.study_verdict import MissReason
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations import nearest_gibbs
from theory.laws import Density
from theory.points import descent_basin

INFINITE_TIME = ("fokker_planck", "gibbs", "posterior")


def still_moving(case: Case) -> MissReason | None:
    """SGD's law moves, and a law of infinite time does not."""
    check = case.report.last_half
    moved = 0.0 if check is None else size(check.distance.among(case.looks))
    laws = case.missed_by({name: moved for name in INFINITE_TIME if name in case.misses})
    words = f"SGD's law still moves, by {moved:.2g} over the last half of its steps"
    return MissReason("finite time", laws, words, {"last_half": moved}) if laws else None


def on_its_way(case: Case) -> MissReason | None:
    """The equation is nearer to SGD at its time than in the end, and other laws are nearer to that end."""
    apart = case.between("langevin", "fokker_planck")
    if apart is None:
        return None
    ahead = min(size(apart), case.miss("fokker_planck") - case.miss("langevin"))
    amounts = {"fokker_planck": ahead}
    for name in ("gibbs", "posterior"):
        beside = case.between(name, "fokker_planck")
        if beside is not None:
            amounts[name] = min(ahead, case.miss(name) - beside.value)
    laws = case.missed_by(amounts)
    words = f"the equation is as yet {size(apart):.2g} from its own law of infinite time"
    return MissReason("finite time", laws, words, {"equation_to_its_limit": size(apart)}) if laws else None


def noise(case: Case) -> MissReason | None:
    """The equation's own law is no Gibbs measure, and is nearer to SGD's than the nearest is."""
    law, equation = case.law("fokker_planck"), case.report.study.equation
    if "gibbs" not in case.misses or not isinstance(law, Density) or isinstance(equation, Absent):
        return None
    try:
        nearest = nearest_gibbs(law, case.report.study.landscape).density
    except InputError:
        return None
    apart = size(total_variation(law, nearest))
    nearer = case.miss("gibbs") - case.miss("fokker_planck")
    laws = case.missed_by({"gibbs": min(apart, nearer)})
    if not laws:
        return None
    shape = noise_shape(case.report, case.report.laws["fokker_planck"].fine[0])
    words = f"{shape.words}, so that the equation's own law lies {apart:.2g} from its nearest Gibbs measure"
    return MissReason(shape.kind, laws, words, {"equation_to_gibbs": apart, **shape.numbers})


def temperature(case: Case) -> MissReason | None:
    """SGD is nearer to a Gibbs measure of another temperature than the posterior's."""
    law, figures = case.law("posterior"), case.report.laws["gibbs"].figures
    if "posterior" not in case.misses or not isinstance(law, Density) or not isinstance(figures, GibbsFigures):
        return None
    laws = case.missed_by({"posterior": case.miss("posterior") - case.miss("gibbs")})
    if not laws:
        return None
    try:
        own = float(nearest_gibbs(law, case.report.study.landscape).temperature)
    except InputError:
        return None
    nearest = figures.temperature
    words = f"the posterior's temperature is {own:.3g}, that of SGD {float(nearest):.3g}"
    words += f" +- {nearest.error:.1g}" if nearest.error > 0 else ""  # of a law that is computed
    return MissReason(
        "temperature", laws, words, {"posterior": own, "sgd": float(nearest), "error": nearest.error}
    )


def finite_step(case: Case) -> MissReason | None:
    """SGD's exact law agrees with its sample and not with the equation: nothing but the learning rate is left."""
    exact, paths = case.between("sgd_exact", "fokker_planck"), case.between("sgd_exact", "langevin")
    own = case.between("sgd", "sgd_exact")
    if own is None or size(own) > 0:
        return None
    check, same_time = case.report.last_half, case.between("langevin", "fokker_planck")
    settled = same_time is None or size(same_time) == 0
    if _path_error(case) > 0:  # of which nothing is known but their step
        settled = check is not None and not check.still_moving
    from_limit = 0.0 if exact is None or not settled else size(exact)
    from_paths = max(from_limit, 0.0 if paths is None else size(paths)) - _path_error(case)
    amounts = {"langevin": from_paths, "fokker_planck": from_limit}
    laws = case.missed_by({name: amount for name, amount in amounts.items() if name in case.misses})
    if not laws:
        return None
    product = _largest_product(case)
    where = f"at eta h = {product:.2g} " if product else ""
    amount = max(amounts[name] for name in laws)
    words = (
        f"the learning rate is finite: {where}SGD's exact law lies {amount:.2g} from that of the equation, its "
        "limit at small rates"
    )
    return MissReason("finite learning rate", laws, words, {"exact_to_equation": amount})


def _largest_product(case: Case) -> float:
    """Eta h at the sharpest of the minima whose basins hold a part of SGD's walkers; 0 where none does."""
    study, sgd, products = case.report.study, case.law("sgd"), [0.0]
    assert sgd is not None
    for minimum in case.report.minima:
        found = stability(study, minimum)
        here = descent_basin(study.landscape, study.grid, minimum.position)
        if not isinstance(found, Absent) and mass_in(sgd, here, case.looks).value >= PART:
            products.append(found.learning_rate * found.curvature)
    return max(products)


def _path_error(case: Case) -> float:
    """What twice the step changes the paths by, 0 where that does not show."""
    figures = case.report.laws["langevin"].figures
    step = figures.step_error if isinstance(figures, SampledFigures) else None
    return 0.0 if step is None else size(step.distance.among(case.looks))


def step_of_paths(case: Case) -> MissReason | None:
    """Twice the step of the paths moves their law."""
    amount = _path_error(case)
    laws = case.missed_by({"langevin": amount}) if "langevin" in case.misses else {}
    words = f"the step of the paths is too long: twice the step moves their law by {amount:.2g}"
    return MissReason("step of the paths", laws, words, {"twice_the_step": amount}) if laws else None
