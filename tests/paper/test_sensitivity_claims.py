"""Claims on made-up sensitivities: clearly true ones hold, clearly false ones fail; a lost seed affects no other."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made_sensitivities import (
    FACTS,
    HORIZONS,
    N_EXAMPLES,
    World,
    apart,
    classes,
    few_matter,
    inequality,
    jitter,
    lost,
    made,
    noise_is_unequal,
    shared,
)

from byheart.drawing.drawn_panel import DrawnPanel
from byheart.experiments.claims import Judgment
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.report.run_page import write_report
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter
from byheart.statistics.gini import gini_coefficient
from byheart.sweeps.results import with_gaps
from byheart.training.member import noise_at
from byheart.unrolling.member import UnrolledMember

WORLDS = pytest.mark.parametrize(
    ("of", "true", "false"),
    [(inequality, few_matter, noise_is_unequal), (classes, shared, apart)],
    ids=["sensitivity-inequality", "class-sensitivity"],
)
Of = Callable[[int], SensitivityExperiment]


def judged(experiment: SensitivityExperiment, results: xr.Dataset) -> dict[str, Judgment]:
    return {claim.name: claim.judge(results) for claim in experiment.claims()}


def verdicts(found: dict[str, Judgment]) -> dict[str, str]:
    return {name: judgment.verdict for name, judgment in found.items()}


def test_the_claims_are_those_of_figures_3_and_4() -> None:
    assert [claim.name for claim in inequality().claims()] == ["F3a", "F3b", "F3c", "F3d"]
    assert [claim.name for claim in classes().claims()] == ["F4a", "F4b", "F4a-direct", "F4b-direct"]
    assert {claim.figure for claim in (*inequality().claims(), *classes().claims())} == {"3", "4"}


@WORLDS
@pytest.mark.parametrize("seeds", [3, 5])
def test_every_claim_holds_where_it_is_plainly_true_and_fails_where_it_is_plainly_false(
    of: Of, true: World, false: World, seeds: int
) -> None:
    for world, verdict in ((true, "holds"), (false, "fails")):
        found = judged(of(seeds), made(of(seeds), world))
        assert verdicts(found) == dict.fromkeys(found, verdict)
        assert {judgment.interval.n for judgment in found.values()} == {seeds}


@WORLDS
def test_with_a_single_seed_every_claim_is_undecided(of: Of, true: World, false: World) -> None:
    for world in (true, false):
        assert set(verdicts(judged(of(1), made(of(1), world))).values()) == {"undecided"}


@WORLDS
def test_the_order_of_members_does_not_matter(of: Of, true: World, false: World) -> None:
    results = made(of(4), true)
    shuffled = results.isel(member=np.random.default_rng(0).permutation(results.sizes["member"]))
    for name, judgment in judged(of(4), results).items():
        np.testing.assert_array_equal(judgment.values, judged(of(4), shuffled)[name].values)


def test_a_single_horizon_is_enough() -> None:
    experiment = inequality(3, horizons=(500,))
    for world, verdict in ((few_matter, "holds"), (noise_is_unequal, "fails")):
        found = judged(experiment, made(experiment, world))
        assert verdicts(found) == dict.fromkeys(found, verdict)


def powers(differing: float = 0, **by_kind: float) -> World:
    """Return a world of sensitivities that are powers of 1 to n, equal for all seeds or slightly different."""

    def world(member: UnrolledMember, horizon: int, norm: float) -> float:
        kind = {0.0: "real", 0.5: "half", 1.0: "rand_x"}[member.level("rand_x")]
        return by_kind[kind] * (1 + differing * jitter(member))

    return world


def test_numbers_are_those_that_were_made_up() -> None:
    """The Gini coefficient of 1 to n is (n - 1) / 3n, and that of equal values 0."""
    n = N_EXAMPLES
    found = judged(inequality(), made(inequality(), powers(real=1, half=1, rand_x=0)))
    for name in ("F3a", "F3b", "F3d"):
        np.testing.assert_allclose(found[name].values, [(n - 1) / (3 * n)] * 4)
    np.testing.assert_allclose(found["F3c"].values, 0, atol=1e-12)
    squares = gini_coefficient(np.arange(1, n + 1) ** 2)
    found = judged(inequality(), made(inequality(), powers(real=2, half=1, rand_x=0)))
    np.testing.assert_allclose(found["F3c"].values, [min(squares - (n - 1) / (3 * n), (n - 1) / (3 * n))] * 4)

    def world(member: UnrolledMember, name: str) -> tuple[float, float]:
        more = 10 if "direct" in name else 0
        return (10.0 + more, 1.0) if member.level("rand_x") == 0 else (9.0 + more, 0.5)

    found = judged(classes(), made(classes(), world))
    for name, expected in {
        "F4a": 90 / 100 - 90 / (90 + 100),
        "F4a-direct": 90 / 100 - 90 / (90 + 200),
        "F4b": 90 / (90 + 100) - 45 / (45 + 90),
        "F4b-direct": 90 / (90 + 200) - 45 / (45 + 190),
    }.items():
        np.testing.assert_allclose(found[name].values, [expected] * 4)


@pytest.mark.parametrize(("n_reversed", "verdict"), [(1, "holds"), (2, "fails")])
def test_almost_all_horizons_are_all_but_one(n_reversed: int, verdict: str) -> None:
    def world(member: UnrolledMember, horizon: int, norm: float) -> float:
        is_reversed = horizon in HORIZONS[1 : 1 + n_reversed]
        return (noise_is_unequal if is_reversed else few_matter)(member, horizon, norm)

    found = judged(inequality(), made(inequality(), world))
    assert verdicts(found) | {"F3c": verdict} == dict.fromkeys(found, verdict)


@pytest.mark.parametrize(
    ("wrong_norms", "expected"),
    [
        ({1}, {"F3a": "fails", "F3b": "fails", "F3c": "fails", "F3d": "holds"}),
        ({2}, {"F3a": "holds", "F3b": "holds", "F3c": "holds", "F3d": "fails"}),
        ({np.inf}, {"F3a": "holds", "F3b": "holds", "F3c": "holds", "F3d": "fails"}),
    ],
)
def test_each_claim_looks_at_its_own_norms(wrong_norms: set[float], expected: dict[str, str]) -> None:
    def world(member: UnrolledMember, horizon: int, norm: float) -> float:
        return (noise_is_unequal if norm in wrong_norms else few_matter)(member, horizon, norm)

    assert verdicts(judged(inequality(), made(inequality(), world))) == expected


@pytest.mark.parametrize(("unique", "wrong"), [(True, {"F3b"}), (False, {"F3a", "F3c", "F3d"})])
def test_unique_classes_are_judged_apart(unique: bool, wrong: set[str]) -> None:
    def world(member: UnrolledMember, horizon: int, norm: float) -> float:
        return (noise_is_unequal if member.unique_classes == unique else few_matter)(member, horizon, norm)

    found = verdicts(judged(inequality(), made(inequality(), world)))
    assert {name for name, verdict in found.items() if verdict == "fails"} == wrong
    assert {name for name, verdict in found.items() if verdict == "holds"} == found.keys() - wrong


def test_half_real_data_must_lie_between_on_both_sides() -> None:
    for half in (0.5, 3.5):
        found = judged(inequality(), made(inequality(), powers(differing=1, real=3, half=half, rand_x=1)))
        assert verdicts(found) == {"F3a": "holds", "F3b": "holds", "F3c": "fails", "F3d": "holds"}


def test_both_paths_are_judged_apart() -> None:
    def world(member: UnrolledMember, name: str) -> tuple[float, float]:
        return (shared if "direct" in name else apart)(member, name)

    assert verdicts(judged(classes(), made(classes(), world))) == {
        "F4a": "fails",
        "F4b": "fails",
        "F4a-direct": "holds",
        "F4b-direct": "holds",
    }


@pytest.mark.parametrize(
    ("member", "spoiled"),
    [
        (UnrolledMember(1), {"F3a", "F3c", "F3d"}),
        (UnrolledMember(1, noise_at(0.5)), {"F3c"}),
        (UnrolledMember(1, noise_at(1.0)), {"F3a", "F3c", "F3d"}),
        (UnrolledMember(1, noise_at(0.0, 1.0)), set()),
        (UnrolledMember(1, unique_classes=True), {"F3b"}),
        (UnrolledMember(1, noise_at(1.0), unique_classes=True), {"F3b"}),
    ],
    ids=lambda value: "+".join(sorted(value)) or "none" if isinstance(value, set) else repr(value),
)
def test_a_seed_that_lost_a_horizon_has_no_value_and_is_counted_and_the_others_keep_theirs(
    member: UnrolledMember, spoiled: set[str]
) -> None:
    experiment = inequality(4)
    results = made(experiment, few_matter)
    whole, index = judged(experiment, results), experiment.sweep().members.index(member)
    for horizon in (HORIZONS[0], HORIZONS[-1]):
        found = judged(experiment, lost(results, index, 7, horizon))
        for name, judgment in found.items():
            for part, before in zip(judgment.parts, whole[name].parts, strict=True):
                others = np.arange(4) != 1
                np.testing.assert_array_equal(part.values[others], before.values[others])
                content = part.as_json()
                assert content["seeds_without_value"] == np.isnan(part.values[1])
                assert content["seeds"] + content["seeds_without_value"] == 4
            assert any(np.isnan(part.values[1]) for part in judgment.parts) == (name in spoiled)
            assert judgment.verdict == "holds"


@pytest.mark.parametrize("rand_x", [0.0, 1.0])
def test_a_seed_that_lost_a_matrix_has_no_value_and_the_others_keep_theirs(rand_x: float) -> None:
    experiment = classes(4)
    results = made(experiment, shared)
    index = experiment.sweep().members.index(UnrolledMember(2, noise_at(rand_x)))
    whole, found = judged(experiment, results), judged(experiment, lost(results, index, 7))
    for name, judgment in found.items():
        is_spoiled = rand_x == 0 or name.startswith("F4b")
        expected = whole[name].values.copy()
        expected[2] = np.nan if is_spoiled else expected[2]
        np.testing.assert_array_equal(judgment.values, expected)
        assert (judgment.interval.n, judgment.verdict) == (3 if is_spoiled else 4, "holds")


@WORLDS
def test_where_all_is_lost_no_seed_has_a_value(of: Of, true: World, false: World) -> None:
    results = made(of(3), true)
    for index in range(results.sizes["member"]):
        results = lost(results, index, 0)
    found = judged(of(3), results)
    assert {(judgment.interval.n, judgment.verdict) for judgment in found.values()} == {(0, "undecided")}


@WORLDS
def test_members_that_are_not_computed_yet_leave_their_seed_without_a_value(of: Of, true: World, false: World) -> None:
    experiment = of(4)
    whole = made(experiment, true)
    partial, n_gaps = with_gaps(whole.isel(member=slice(1, None)), experiment.sweep())
    assert n_gaps == 1
    for name, judgment in judged(experiment, partial).items():
        for part, before in zip(judgment.parts, judged(experiment, whole)[name].parts, strict=True):
            np.testing.assert_array_equal(part.values[1:], before.values[1:])
    assert experiment.failures(partial) == ""


@pytest.mark.parametrize("power", [0.0, 1.0, 3.0])
def test_inequality_that_is_the_same_everywhere_makes_no_claim_hold(power: float) -> None:
    """All numbers are exactly 0, which is not what the opposite of a claim predicts: nothing is decided."""
    found = judged(inequality(), made(inequality(), powers(real=power, half=power, rand_x=power)))
    assert set(verdicts(found).values()) == {"undecided"}


@pytest.mark.parametrize("value", [0.7, 1.0, 3.3, 0.1, 1e-30])
def test_matrices_that_are_the_same_everywhere_make_no_claim_hold(value: float) -> None:
    found = judged(classes(), made(classes(), lambda member, name: (value, value)))
    assert "holds" not in verdicts(found).values()


def nothing_moved(experiment: SensitivityExperiment, world: World) -> xr.Dataset:
    """Return results as after training with a learning rate of 0."""
    results = made(experiment, world)
    return results.assign({name: 0 * one for name, one in results.data_vars.items() if one.dtype.kind == "f"})


def test_where_no_example_moves_the_loss_no_claim_holds() -> None:
    found = judged(inequality(3), nothing_moved(inequality(3), few_matter))
    assert set(verdicts(found).values()) == {"undecided"}


def test_where_no_class_moves_the_loss_no_claim_holds() -> None:
    found = judged(classes(3), nothing_moved(classes(3), shared))
    assert "holds" not in verdicts(found).values()


def test_failures_say_in_a_sentence_what_was_lost_and_where() -> None:
    experiment = inequality(2)
    results, members = made(experiment, few_matter), experiment.sweep().members
    assert experiment.failures(results) == ""
    results = lost(results, members.index(UnrolledMember(1, noise_at(0.5))), 1234, 2000)
    results = lost(results, members.index(UnrolledMember(0, noise_at(1.0), unique_classes=True)), 0, 500)
    assert experiment.failures(results) == (
        "Sensitivities that are not known, since an adjoint stopped being finite in the backward sweep: "
        "seed 1, randX 0.5, randY 0, T = 2,000: update 1,234; "
        "one class an example, seed 0, randX 1, randY 0, T = 500: update 0."
    )


def test_failures_of_matrices_name_no_horizon() -> None:
    experiment = classes(2)
    assert experiment.failures(made(experiment, shared)) == ""
    assert experiment.failures(lost(made(experiment, shared), 1, 9)).endswith(
        "stopped being finite in the backward sweep: seed 0, randX 1, randY 0: update 9."
    )


def test_a_report_says_what_was_lost_and_counts_seeds_without_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "byheart.drawing.canvas.drawn_panels", lambda figure: [DrawnPanel("<svg></svg>")] * len(figure.panels)
    )
    first, second = inequality(3), classes(3)
    chapters = [
        Chapter(Part(first, "fingerprint", (4,)), lost(made(first, few_matter), 0, 77, 500)),
        Chapter(Part(second, "fingerprint", (4,)), made(second, shared)),
    ]
    record = Record("digits", FACTS, "tiny", tuple(chapter.part for chapter in chapters), {})
    page = write_report(tmp_path, record, chapters).page.read_text(encoding="utf-8")
    assert page.count("Sensitivities that are not known") == 1
    assert "seed 0, randX 0, randY 0, T = 500: update 77." in page
    content = {one["claim"]: one for one in json.loads((tmp_path / "claims.json").read_text())}
    assert {name: one["seeds"] for name, one in content.items()} == {
        **dict.fromkeys(("F3a", "F3c", "F3d"), 2),
        **dict.fromkeys(("F3b", "F4a", "F4b", "F4a-direct", "F4b-direct"), 3),
    }
