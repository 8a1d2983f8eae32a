"""Pairs of networks: what is stored and collected is what the statistics say of all networks at once."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from worlds import blobs

from byheart.auditing.collecting import collected
from byheart.auditing.examples import AuditedExamples, audited_examples
from byheart.auditing.pair_sweep import PairSweep, pair_sweep
from byheart.data.stratified import default_split
from byheart.execution import chunks, local_executor
from byheart.execution.chunks import Job
from byheart.execution.local_executor import run_sweeps
from byheart.networks.mlp import MLP
from byheart.populations.sweep import PopulationSweep
from byheart.populations.train import measure_sweep
from byheart.results.atomic_write import WriteError
from byheart.results.store import Store
from byheart.statistics.held_out import held_out_probabilities
from byheart.statistics.memorization import memorization
from byheart.statistics.training_dynamics import epochs_to_learn, forgetting_events
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

EPOCHS, NETWORKS = 3, 6
RECIPE = Recipe(MLP((4,)), SGD(0.5), batch_size=5, epochs=EPOCHS)
EXAMPLES = audited_examples(blobs(31, 10, n_classes=3))
"""41 examples: in every pair one is in neither half."""


def sweep() -> PairSweep:
    return pair_sweep(RECIPE, EXAMPLES.class_counts, NETWORKS, seed_base=5)


@pytest.fixture(scope="module")
def trace() -> xr.Dataset:
    """The same networks without pairs."""
    pairs = sweep()
    fields = {field.name: getattr(pairs, field.name) for field in dataclasses.fields(pairs)}
    return measure_sweep(PopulationSweep(**fields), EXAMPLES.split, show_progress=False)


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return in_chunks(tmp_path_factory.mktemp("store"), 2)


def in_chunks(directory: Path, size: int) -> xr.Dataset:
    split = EXAMPLES.split

    def fold(chunks: object) -> xr.Dataset:
        return collected(chunks, split.training.labels.astype(np.int64), split.n_classes, EPOCHS)

    (found,) = run_sweeps([Job("networks", sweep(), split, [size], fold)], Store(directory))
    return found


def over_all(trace: xr.Dataset, name: str, fill: float = np.nan) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers over all examples, and whether the network saw them."""
    n, of_seen = len(EXAMPLES.dataset), name in ("margin", "loss")
    is_seen = np.zeros((NETWORKS, n), bool)
    shape = (NETWORKS, EPOCHS, n) if of_seen else (NETWORKS, n, 3)
    whole = np.full(shape, fill)
    for place, member in enumerate(sweep().members):
        seen = member.inclusion.indices(n)
        is_seen[place, seen] = True
        if of_seen:
            whole[place][:, seen] = trace[name].values[place]
        else:
            whole[place][~is_seen[place]] = trace[name].values[place]
    return whole, is_seen


def test_held_out_numbers_are_those_of_all_networks_at_once(trace: xr.Dataset, scores: xr.Dataset) -> None:
    logs, is_seen = over_all(trace, "log_probability", fill=np.log(1 / 3))
    by_hand = held_out_probabilities(np.exp(logs) / np.exp(logs).sum(axis=2, keepdims=True), is_seen)
    twice = (~is_seen).sum(axis=0) > NETWORKS // 2  # In neither half of some pair, where one prediction counts.
    assert 0 < twice.sum() <= NETWORKS // 2
    np.testing.assert_allclose(scores.held_out_probability.values[~twice], by_hand.mean[~twice], rtol=1e-5)
    np.testing.assert_allclose(
        scores.held_out_probability_se.values[~twice], by_hand.standard_error[~twice], rtol=1e-4, atol=1e-7
    )
    assert (scores.votes.sum("class") == NETWORKS // 2).all()


def test_scores_of_training_are_those_of_the_networks_that_saw_the_example(
    trace: xr.Dataset, scores: xr.Dataset
) -> None:
    margin, is_seen = over_all(trace, "margin")
    loss, _ = over_all(trace, "loss")
    right = np.nan_to_num(margin, nan=-1.0) > 0
    learned = np.minimum(epochs_to_learn(right, range(1, EPOCHS + 1)), EPOCHS + 1)
    by_hand = {
        "area_under_margin": margin.mean(axis=1),
        "mean_loss": loss.mean(axis=1),
        "confidence": np.exp(-loss).mean(axis=1),
        "variability": np.exp(-loss).std(axis=1),
        "epochs_to_learn": learned,
        "forgetting_events": forgetting_events(right),
        "early_error": ~right[:, 0],
    }
    for name, values in by_hand.items():
        mean = np.where(is_seen, values, 0).sum(axis=0) / is_seen.sum(axis=0)
        np.testing.assert_allclose(scores[name].values, mean, rtol=1e-4, atol=1e-6, err_msg=name)
    for place in range(EPOCHS):
        right_from_then_on = (right[:, place:].all(axis=1) & is_seen).sum(axis=0)
        np.testing.assert_array_equal(scores.n_learned.values[:, place], right_from_then_on)


def test_memorization_is_that_of_counts(trace: xr.Dataset, scores: xr.Dataset) -> None:
    margin, is_seen = over_all(trace, "margin")
    logs, _ = over_all(trace, "log_probability", fill=-np.inf)
    labels = EXAMPLES.split.training.labels
    right = np.where(is_seen, margin[:, -1] > 0, logs.argmax(axis=2) == labels)
    by_hand = memorization(right, is_seen)
    twice = (~is_seen).sum(axis=0) > NETWORKS // 2
    np.testing.assert_allclose(scores.memorization.values[~twice], by_hand.estimate[~twice], rtol=1e-6)
    np.testing.assert_allclose(scores.memorization_se.values[~twice], by_hand.standard_error[~twice], rtol=1e-6)


def test_chunks_of_any_size_give_the_same_bits(scores: xr.Dataset, tmp_path: Path) -> None:
    xr.testing.assert_identical(in_chunks(tmp_path, 6), scores)


def test_a_stored_sweep_is_folded_again_without_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = in_chunks(tmp_path, 4)
    monkeypatch.setattr(local_executor, "computed", None)
    xr.testing.assert_identical(in_chunks(tmp_path, 4), before)


def test_chunks_hold_whole_pairs_and_are_equally_full() -> None:
    for n in (12, 20, 38, 40, 100):
        members = dataclasses.replace(sweep(), members=pair_sweep(RECIPE, EXAMPLES.class_counts, n, 0).members)
        (size,) = members.chunk_sizes(EXAMPLES.split)
        assert size % 2 == 0
        assert -(-n // size) * size - n <= 2


def test_the_parts_of_one_source_return_to_its_order_and_others_follow_each_other() -> None:
    split = blobs(30, 10)
    whole: AuditedExamples = audited_examples(split)
    assert whole.part.tolist() == ["training"] * 30 + ["validation"] * 10
    source = split.training
    again = audited_examples(default_split(source, seed=0))
    np.testing.assert_array_equal(again.dataset.inputs, source.inputs)
    np.testing.assert_array_equal(again.dataset.labels, source.labels)
    assert set(again.part) == {"training", "validation"}


def test_chunks_that_vanish_while_they_are_folded_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_chunks(tmp_path, 2)
    monkeypatch.setattr(chunks.ChunkedSweep, "missing", lambda self: [])
    next(tmp_path.glob("networks-*.nc")).unlink()
    with pytest.raises(WriteError, match="were removed or damaged while the run went on"):
        in_chunks(tmp_path, 2)
