"""Verdicts on made-up studies: each reason where its numbers show it, and not in the same study without it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_up_reports import bumps, counted, report_of, shifted, valley, wells

from compare.distances import total_variation
from compare.report import LastHalf, LawReport, Report, SecondOpinion, StudyVerdict, judge_study
from theory.base.absent import Absent
from theory.equations import gibbs, nearest_gibbs
from theory.fokker_planck import DensityClass, FokkerPlanck
from theory.laws import Density, LimitLaw, PointMass

LEFT, RIGHT = (-1.8, 0.15), (1.8, 0.15)
WELLS, STABLE = wells(), wells(rate=0.005)
EVEN = valley({"kind": "isotropic", "temperature": 0.2})
UNEVEN = valley({"kind": "hessian", "scale": 0.1})


def both(left: float, study=WELLS) -> Density:
    return bumps(study, (left, *LEFT), (1 - left, *RIGHT))


def kinds(report: Report, law: str | None = None) -> set[str]:
    verdict = judge_study(report)
    assert verdict is not None
    return {reason.kind for reason in verdict.reasons if law is None or law in reason.laws}


def verdict_of(report: Report) -> StudyVerdict:
    verdict = judge_study(report)
    assert verdict is not None
    assert len(verdict.sentences) == 3 + len(verdict.doubts)
    assert all(one.endswith(".") and one[0].isupper() for one in verdict.sentences)
    json.dumps(verdict.as_json())
    return verdict


def test_an_unstable_step_explains_what_sgd_has_left_and_nothing_else() -> None:
    left = report_of(WELLS, sgd=counted(both(0.01), 0), langevin=counted(both(0.4), 1), gibbs=both(0.4))
    assert kinds(left, "langevin") == kinds(left, "gibbs") == {"unstable step"}
    words = verdict_of(left).sentences[-1]
    assert words.startswith("Reason: eta h = 3.36 > 2 at the minimum at -1.8, where SGD has kept 0.00")
    start = wells(start=(1.0, 3.6))  # nobody ever started there
    nobody = report_of(start, sgd=counted(both(0.0), 0), langevin=counted(both(0.0), 1), gibbs=both(0.4))
    stable = report_of(STABLE, sgd=counted(both(0.01), 0), langevin=counted(both(0.4), 1), gibbs=both(0.4))
    noise = report_of(WELLS, sgd=counted(both(0.01), 0), langevin=counted(both(0.01), 1), gibbs=both(0.4))
    kept = report_of(WELLS, sgd=counted(shifted(both(0.4), 3), 0), langevin=counted(both(0.4), 1), gibbs=both(0.4))
    for other in (nobody, stable, noise, kept):
        assert "gibbs" in verdict_of(other).misses
        assert "unstable step" not in kinds(other)
        assert "gibbs" in verdict_of(other).unexplained
    assert verdict_of(nobody).sentences[-1] == "Why the Gibbs measure fitted to SGD misses is not known."


def limit(weight: float, spread: float = 0.15) -> LimitLaw:
    grid = WELLS.grid
    left = np.where(grid.centers[..., 0] < -0.6, bumps(WELLS, (1.0, -1.8, spread)).values, 0.0)
    law = Density.normalised(grid, left, 1e-6)
    return LimitLaw(
        grid,
        (DensityClass(law, "(-4, -0.6)"), PointMass((1.8,), "the noise vanishes")),
        (weight, 1 - weight),
    )


def test_a_barrier_explains_walkers_that_crossed_it_and_a_point_those_that_have_not_arrived() -> None:
    crossed = report_of(STABLE, sgd=counted(both(0.05), 0), fokker_planck=limit(0.4))
    assert kinds(crossed) == {"noise vanishes at the barrier", "point mass"}
    stayed = report_of(STABLE, sgd=counted(both(0.4), 0), fokker_planck=limit(0.4))
    assert kinds(stayed) == {"point mass"}
    arrived = report_of(STABLE, sgd=counted(limit(0.4).density, 0), fokker_planck=limit(0.4, spread=0.3))
    assert "fokker_planck" in verdict_of(arrived).misses
    assert kinds(arrived) == set()


def moved(distance: float) -> LastHalf:
    one, other = both(0.5), both(0.5 - distance)
    return LastHalf(25, 50, total_variation(counted(one, 2), counted(other, 3)), 100.0)


def test_time_explains_laws_of_infinite_time_where_something_moves() -> None:
    sgd, far = counted(both(0.5), 0), bumps(STABLE, (1.0, 0.0, 1.0))
    moving = report_of(STABLE, moved(0.4), sgd=sgd, langevin=counted(both(0.5), 1), gibbs=far)
    assert kinds(moving, "gibbs") == {"finite time"}
    assert verdict_of(moving).describes == ("langevin",)
    still = report_of(STABLE, moved(0.0), sgd=sgd, langevin=counted(both(0.5), 1), gibbs=far)
    assert kinds(still) == set()
    assert verdict_of(still).unexplained == ("gibbs",)
    on_its_way = report_of(STABLE, moved(0.0), sgd=sgd, langevin=counted(both(0.5), 1), fokker_planck=far)
    assert kinds(on_its_way, "fokker_planck") == {"finite time"}
    beside = {
        "fokker_planck": far,
        "gibbs": bumps(STABLE, (1.0, 0.0, 1.1)),
        "posterior": bumps(STABLE, (1.0, -3.0, 0.1)),
    }
    others = report_of(STABLE, moved(0.0), sgd=sgd, langevin=counted(both(0.5), 1), **beside)
    assert kinds(others, "gibbs") == {"finite time"}  # next to the law that the equation is on its way to
    assert kinds(others, "posterior") == set()  # which is somewhere else
    elsewhere = report_of(
        STABLE, moved(0.0), sgd=sgd, langevin=counted(shifted(both(0.5), 40), 1), fokker_planck=far
    )
    assert "finite time" not in kinds(elsewhere)  # the equation is no nearer at SGD's time than in the end
    paths_miss = report_of(STABLE, moved(0.4), sgd=sgd, langevin=counted(far, 1))
    assert "finite time" not in kinds(paths_miss)  # they have had the same time


def test_noise_of_no_one_temperature_explains_gibbs_where_the_equation_does_better() -> None:
    own = FokkerPlanck(UNEVEN.equation, UNEVEN.grid).stationary()
    sgd = counted(own, 0)
    uneven = report_of(UNEVEN, sgd=sgd, fokker_planck=own, gibbs=nearest_gibbs(sgd, UNEVEN.landscape).density)
    assert kinds(uneven, "gibbs") == {"uneven noise"}
    assert "the noise changes with w, by " in verdict_of(uneven).sentences[-1]
    # one temperature, and SGD is no Gibbs measure all the same
    seen = counted(bumps(EVEN, (0.5, -1.0, 0.2), (0.5, 1.0, 0.2)), 0)
    cold, warm = (gibbs(EVEN.landscape, t, EVEN.grid) for t in (0.1, 0.3))
    even = report_of(EVEN, sgd=seen, fokker_planck=cold, gibbs=warm)
    assert kinds(even) == set()
    # uneven noise, whose law is as far from SGD's
    no_better = report_of(UNEVEN, sgd=seen, fokker_planck=own, gibbs=nearest_gibbs(seen, UNEVEN.landscape).density)
    assert {"gibbs", "fokker_planck"} <= verdict_of(no_better).misses.keys()
    assert "uneven noise" not in kinds(no_better)


def test_the_temperature_explains_the_posterior_where_sgd_is_a_gibbs_measure() -> None:
    warm, cold = (gibbs(EVEN.landscape, t, EVEN.grid) for t in (0.3, 0.1))
    right = report_of(EVEN, sgd=counted(warm, 0), gibbs=warm, posterior=cold)
    assert kinds(right) == {"temperature"}
    assert "the posterior's temperature is 0.1, that of SGD 0." in verdict_of(right).sentences[-1]
    seen = counted(bumps(EVEN, (0.5, -1.0, 0.2), (0.5, 1.0, 0.2)), 0)
    neither = report_of(EVEN, sgd=seen, gibbs=warm, posterior=gibbs(EVEN.landscape, 0.31, EVEN.grid))
    assert kinds(neither) == set()


def test_a_finite_learning_rate_needs_the_exact_law_on_the_side_of_sgd() -> None:
    wide, narrow = (gibbs(EVEN.landscape, t, EVEN.grid) for t in (0.3, 0.2))
    sgd, paths = counted(wide, 0), counted(narrow, 1)
    shown = report_of(EVEN, sgd=sgd, sgd_exact=wide, langevin=paths, fokker_planck=narrow)
    assert kinds(shown, "langevin") == kinds(shown, "fokker_planck") == {"finite learning rate"}
    unknown = report_of(EVEN, sgd=sgd, langevin=paths, fokker_planck=narrow)
    assert kinds(unknown) == set()
    words = verdict_of(unknown).sentences[-1]
    assert words == "Why the Langevin law and the Fokker-Planck law miss is not known."
    third = gibbs(EVEN.landscape, 0.6, EVEN.grid)
    wrong = report_of(EVEN, sgd=sgd, sgd_exact=third, langevin=paths, fokker_planck=narrow)
    assert kinds(wrong) == set()
    assert "from SGD's own exact law: one of the two is wrong" in verdict_of(wrong).sentences[0]
    assert not verdict_of(wrong).settled


def test_the_learning_rate_is_told_of_minima_where_sgd_is() -> None:
    wide, narrow = bumps(WELLS, (1.0, 1.8, 0.3)), bumps(WELLS, (1.0, 1.8, 0.2))
    laws = {"sgd_exact": wide, "langevin": counted(narrow, 1), "fokker_planck": narrow}
    away = report_of(wells(start=(1.0, 3.6)), sgd=counted(wide, 0), **laws)
    assert kinds(away) == {"finite learning rate"}
    assert "eta h" not in verdict_of(away).sentences[-1]  # 3.36 is that of the other minimum


def test_diverged_walkers_explain_what_they_make_up() -> None:
    many = report_of(STABLE, sgd=counted(both(0.5), 0, diverged=0.3), gibbs=both(0.5))
    assert kinds(many) == {"diverged walkers"}
    few = report_of(STABLE, sgd=counted(both(0.5), 0, diverged=0.03), gibbs=both(0.9))
    assert kinds(few) == set()
    both_lose = counted(both(0.9), 1, diverged=0.3)
    assert kinds(report_of(STABLE, sgd=counted(both(0.5), 0, diverged=0.3), langevin=both_lose)) == set()


def test_one_data_set_is_named_where_another_sampling_moves_sgd() -> None:
    report = report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=both(0.9))
    fresh = total_variation(counted(both(0.5), 0), counted(both(0.9), 4))
    report.other_samplings = {"with fresh examples": fresh}
    assert kinds(report) == {"one data set"}
    report.other_samplings = {"with fresh examples": total_variation(counted(both(0.5), 0), counted(both(0.5), 4))}
    assert kinds(report) == set()


def test_what_the_data_do_not_decide_is_not_settled() -> None:
    few = verdict_of(report_of(STABLE, sgd=counted(both(0.5), 0, walkers=300), gibbs=both(0.5)))
    assert few.unsettled == ("gibbs",)
    assert not few.settled
    assert few.sentences[0].startswith(
        "Not settled: no difference from the Gibbs measure fitted to SGD shows, but"
    )
    many = verdict_of(report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=both(0.5)))
    assert many.describes == ("gibbs",)
    assert many.settled
    assert many.sentences[1].startswith("None of the laws looked at misses visibly")
    assert many.sentences[2] == "There is nothing to explain."
    rough = report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=replace(both(0.6), error=None))
    assert verdict_of(rough).unsettled == ("gibbs",)  # its error may be all that there is
    empty = report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=both(0.5))
    assert empty.comparison is not None
    empty.comparison = replace(empty.comparison, distances={})
    assert verdict_of(empty).sentences[0] == "Not settled: there is no law of theory to compare SGD with."


def test_intervals_hold_for_all_laws_together() -> None:
    sgd = counted(both(0.5), 0)
    for seed in range(60):
        one = total_variation(sgd, counted(both(0.47), seed, walkers=4000))
        if one.low > 0 and one.among(20).low == 0:
            break
    else:
        raise AssertionError("no distance is at the edge")
    assert one.among(1) == one
    assert one.among(20).confidence == pytest.approx(1 - 0.05 / 20)
    alarms = 0
    law = both(0.5)
    for seed in range(40):
        laws = {"gibbs": law, "posterior": law, "fokker_planck": law}
        alarms += bool(verdict_of(report_of(STABLE, sgd=counted(law, seed, walkers=4000), **laws)).misses)
    assert alarms <= 4


def test_a_second_opinion_that_disagrees_comes_first() -> None:
    report = report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=both(0.5))
    opinion = SecondOpinion("findiff", "relative residual at order 6", 0.2, 0.01, 0.3, "moved by one cell")
    report.second_opinions = {"gibbs": opinion}
    verdict = verdict_of(report)
    assert verdict.sentences[0].startswith(
        "A second opinion disagrees on the Gibbs measure fitted to SGD: findiff"
    )
    assert not verdict.settled
    report.second_opinions = {
        "gibbs": replace(opinion, value=0.001),
        "langevin": Absent("sdeint is not installed"),
    }
    assert verdict_of(report).doubts == ()


def test_laws_that_were_not_found_are_named_and_those_not_asked_for_are_not() -> None:
    report = report_of(STABLE, sgd=counted(both(0.5), 0), gibbs=both(0.9))
    assert "Langevin and Fokker-Planck found no law" in verdict_of(report).sentences[1]
    assert verdict_of(report).absent == ("langevin", "fokker_planck")
    report.laws["langevin"] = LawReport(Absent("x"), counted(both(0.5), 1))
    assert verdict_of(report).absent == ("fokker_planck",)
    report.comparison = None
    assert judge_study(report) is None


def test_every_number_told_is_in_the_file() -> None:
    verdict = verdict_of(
        report_of(WELLS, sgd=counted(both(0.01), 0), langevin=counted(both(0.4), 1), gibbs=both(0.4))
    )
    told = verdict.as_json()
    (reason,) = told["reasons"]
    assert set(reason["laws"]) == {"langevin", "gibbs"}
    assert 0.9 < reason["laws"]["gibbs"] <= 1
    assert reason["numbers"]["learning_rate_times_curvature"] == pytest.approx(3.36, abs=0.01)
    assert told["misses"]["gibbs"]["low"] > 0
    assert np.isclose(told["misses"]["gibbs"]["debiased"], 0.39, atol=0.02)
