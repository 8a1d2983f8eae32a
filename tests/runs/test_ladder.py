"""The ladder of seeds: which cells get seeds, that their numbers are those of any run, and how it resumes."""

import dataclasses
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from killable_runs import LONG_ENOUGH, n_finished
from tiny_runs import ended, numbers, start, tiny, wait_for, words

from byheart.data.loading.load import load
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.expected_verdicts import expected_verdicts, is_open
from byheart.experiments.needed_cells import needed_cells
from byheart.paper.catalog import EXPERIMENTS
from byheart.runs.judging import judged
from byheart.runs.ladder import FIRST_LOOK, Ladder, with_seeds
from byheart.runs.more_seeds import MoreSeeds, cells_of, seeds_of_cells
from byheart.runs.record import FILE, Record
from byheart.runs.run import PreparedRun, prepare, stored_chapters
from byheart.statistics.looks import Looks

SPLIT = load("digits")
REAL, RAND_X, RAND_Y = 0, 1, 2


def prepared(directory: Path, seeds: int = 2, until_decided: bool = True) -> PreparedRun:
    experiment = tiny("critical-samples", SPLIT, seeds=seeds)
    return prepare([experiment], SPLIT, "digits", "tiny", directory, until_decided=until_decided)


def sorted_by_setting(results: xr.Dataset) -> xr.Dataset:
    return results.isel(member=np.lexsort([results.rand_y, results.rand_x, results.seed]))


def test_cells_of_a_claim_are_those_whose_loss_changes_its_numbers(tmp_path: Path) -> None:
    (chapter,) = prepared(tmp_path).execute()
    experiment = chapter.part.experiment
    cells = cells_of(experiment)
    assert len(cells.settings) == 3
    needed = {claim.name: needed_cells(claim, chapter.results, cells) for claim in experiment.claims()}
    assert needed["F9a-randX"] == needed["F9a-randX-on-real-inputs"] == (REAL, RAND_X)
    assert needed["F9a-randY"] == (REAL, RAND_Y)
    assert needed["F9b-rises"] == (REAL, RAND_X, RAND_Y)


def test_added_seeds_have_the_numbers_of_a_run_that_had_them_from_the_start(tmp_path: Path) -> None:
    (whole,) = prepared(tmp_path / "whole", seeds=4, until_decided=False).execute()
    run = prepared(tmp_path / "ladder")
    run.execute()
    run, chapter = run.with_added(0, MoreSeeds(2, 2, (REAL, RAND_X)))
    assert chapter.missing_networks == 2
    found, expected = sorted_by_setting(chapter.results), sorted_by_setting(whole.results)
    has_numbers = (found.rand_y.values == 0) | (found.seed.values < 2)
    for name in ("csr_validation", "validation_accuracy"):
        np.testing.assert_array_equal(found[name].values[has_numbers], expected[name].values[has_numbers])
        assert np.isnan(found[name].values[~has_numbers]).all()
    _, (stored,) = stored_chapters(tmp_path / "ladder")
    xr.testing.assert_identical(stored.results, chapter.results)
    (resumed,) = prepared(tmp_path / "ladder").execute()
    xr.testing.assert_identical(resumed.results, chapter.results)
    by_claim = {one.claim.name: one for one in judged(chapter, run.record)}
    assert by_claim["F9a-randX"].n_taken == 2
    assert by_claim["F9a-randX"].interval.n == 4
    assert by_claim["F9a-randY"].n_taken == 1
    assert by_claim["F9a-randY"].as_json("digits", None)["seeds"] == 2


def test_pictures_of_the_first_seeds_are_kept(tmp_path: Path) -> None:
    declared = EXPERIMENTS["easy-examples"].for_scale("tiny", DataSummary.of(SPLIT))
    small = dataclasses.replace(declared, n_training=100, seeds=4)
    run = prepare([small], SPLIT, "digits", "tiny", tmp_path, until_decided=True)
    (before,) = run.execute()
    pictures = [name for name, values in before.results.data_vars.items() if "member" not in values.dims]
    assert pictures
    cells = cells_of(small)
    needed = {claim.name: needed_cells(claim, before.results, cells) for claim in small.claims()}
    assert needed["F1b"] == ()  # It is about groups of ten networks.
    assert all(found for name, found in needed.items() if name != "F1b")
    run, after = run.with_added(0, MoreSeeds(4, 4, tuple(range(len(cells.settings)))))
    xr.testing.assert_equal(after.results[pictures], before.results[pictures])
    assert after.results.sizes["member"] == 2 * before.results.sizes["member"]
    assert len(judged(after, run.record)) == len(small.claims())


@pytest.mark.slow
def test_steps_take_undecided_claims_to_their_next_look_in_the_time_that_is_left(tmp_path: Path) -> None:
    run = prepared(tmp_path)
    ladder = Ladder([run], [run.execute()])
    assert ladder.next_step(seconds=0.0) is None
    taken = 0
    while (step := ladder.next_step()) is not None and taken < 2:
        taken += 1
        part = ladder.runs[0].record.parts[0]
        before = seeds_of_cells(part.experiment, part.added)
        for more in step.more:
            assert more.first == before[more.cells[0]]
            assert more.first + more.seeds in Looks(2).seeds
        ladder.take(step)
    assert taken > 0
    assert {one.claim.name for one in ladder.undecided} <= {one.name for one in part.experiment.claims()}
    _, (chapter,) = stored_chapters(tmp_path)
    again = Ladder(ladder.runs, [[chapter]])
    assert [one.claim.name for one in again.undecided] == [one.claim.name for one in ladder.undecided]


def test_a_record_keeps_looks_and_added_seeds_and_refuses_more_seeds_of_its_own(tmp_path: Path) -> None:
    run = prepared(tmp_path)
    added = MoreSeeds(2, 2, (REAL, RAND_X), (2,))
    (part,) = run.record.parts
    assert part.looks == Looks(2)
    record = dataclasses.replace(run.record, parts=(dataclasses.replace(part, added=(added,)),))
    record.write(tmp_path)
    assert Record.read(tmp_path / FILE) == record
    assert prepared(tmp_path, until_decided=False).record == record
    with pytest.raises(ValueError, match="seeds 2, not 4"):
        prepared(tmp_path, seeds=4)


def test_a_run_that_was_tested_once_may_go_on_with_several_looks(tmp_path: Path) -> None:
    prepared(tmp_path, until_decided=False).execute()
    (part,) = prepared(tmp_path, seeds=3).record.parts
    assert part.looks == Looks(3)


def test_the_first_look_has_enough_seeds_unless_the_user_says_so() -> None:
    experiment = tiny("critical-samples", SPLIT)
    assert with_seeds(experiment, None, None, until_decided=True).seeds == FIRST_LOOK
    assert with_seeds(experiment, None, 7, until_decided=False).seed_range() == range(7, 9)
    assert with_seeds(experiment, 3, None, until_decided=True).seeds == 3


def test_claims_near_a_decision_expect_more_of_more_seeds(tmp_path: Path) -> None:
    (chapter,) = prepared(tmp_path).execute()
    claim = chapter.part.experiment.claims()[0]
    looks = Looks(5)
    near, far = ({"": np.exp(4 * np.array([0.0, 0.1, 0.2, 0.1, 0.05]) + mean)} for mean in (0.0, -0.3))
    near_one, far_one = (claim.judged_at([numbers], looks) for numbers in (near, far))
    assert is_open(near_one)
    assert 0 < expected_verdicts(far_one, 5, looks) < expected_verdicts(near_one, 5, looks) <= 2
    assert expected_verdicts(near_one, 5, looks) < expected_verdicts(near_one, 75, looks)
    decided = claim.judged_at([{"": np.array([2.0, 2.01, 2.02, 2.0, 2.01])}], looks)
    assert not is_open(decided)
    assert expected_verdicts(decided, 5, looks) == 0


@pytest.mark.slow
def test_a_run_killed_while_it_adds_seeds_resumes_and_ends_with_the_same_numbers(tmp_path: Path) -> None:
    command = [*words("critical-samples", **LONG_ENOUGH), "--until-decided"]
    assert ended(start(*command, "--out", str(tmp_path / "whole")))[0] == 0
    killed = tmp_path / "killed"
    process = start(*command, "--out", str(killed))
    wait_for(lambda: (killed / FILE).exists() and bool(_added(killed)) and n_finished(killed) > 0)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert ended(start(*command, "--out", str(killed)))[0] == 0
    assert _added(killed) == _added(tmp_path / "whole")
    assert numbers(killed) == numbers(tmp_path / "whole")
    assert (killed / "claims.json").read_text() == (tmp_path / "whole" / "claims.json").read_text()


def _added(directory: Path) -> list[dict[str, object]]:
    content: list[dict[str, object]] = json.loads((directory / FILE).read_text())["experiments"][0]["added"]
    return content
