"""The log of a training loop: streamed scores, against stored logits and loops over examples and epochs."""

import itertools
import math
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import byheart as bh
from byheart.dynamics.observing import observed
from byheart.dynamics.scores import IS_SUSPECT
from byheart.dynamics.sums import BYTES

RNG = np.random.default_rng(0)
N_EPOCHS, N, N_CLASSES = 12, 40, 4
LOGITS = (RNG.normal(size=(N_EPOCHS, N, N_CLASSES)) * 3).astype(np.float32)
LABELS = RNG.integers(0, N_CLASSES, N)
BATCHES = [np.array_split(RNG.permutation(N), 7) for _ in range(N_EPOCHS)]
PROBABILITIES = np.exp(-bh.cross_entropies(LOGITS.astype(float), LABELS))


def logged(**options: object) -> bh.Dynamics:
    """Return the log of all batches."""
    dynamics = bh.Dynamics(N, labels=LABELS, **options)
    for logits, batches in zip(LOGITS, BATCHES, strict=True):
        for index in batches:
            dynamics.batch(index, logits[index])
        dynamics.end_epoch()
    return dynamics


def in_order(dynamics: bh.Dynamics) -> dict[str, np.ndarray]:
    """Return the scores in the order of the data set."""
    table = dynamics.scores().sort_values("row")
    return {name: table[name].to_numpy() for name in (*IS_SUSPECT, "variability", "aleatoric_uncertainty")}


def test_streamed_scores_are_those_of_the_stored_logits() -> None:
    found, exact = in_order(logged()), LOGITS.astype(float)
    right = bh.margins(exact, LABELS) > 0
    expected = {
        "area_under_margin": bh.area_under_margin(exact, LABELS),
        "mean_loss": bh.mean_loss(exact, LABELS),
        "confidence": bh.confidence(PROBABILITIES),
        "variability": bh.variability(PROBABILITIES),
        "aleatoric_uncertainty": bh.aleatoric_uncertainty(PROBABILITIES),
        "epochs_to_learn": bh.epochs_to_learn(right, range(1, N_EPOCHS + 1)),
        "forgetting_events": bh.forgetting_events(right),
        "correctness": bh.correctness(right),
        "early_error": ~right[0],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12, atol=1e-12, err_msg=name)
    early = bh.error_norms(exact, LABELS)[:10].mean(axis=0)
    np.testing.assert_allclose(found["early_error_norm"], early, rtol=1e-6)


@given(arrays(np.float64, (5, 3), elements=st.floats(-800, 800)), arrays(np.int64, 5, elements=st.integers(0, 2)))
def test_numbers_of_a_batch_are_those_of_the_definitions(logits: np.ndarray, labels: np.ndarray) -> None:
    seen = observed(np.arange(5), logits, labels.astype(np.uint8))
    np.testing.assert_allclose(seen.margin, bh.margins(logits, labels), rtol=1e-12)
    np.testing.assert_allclose(seen.loss, bh.cross_entropies(logits, labels), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(seen.error_norm, bh.error_norms(logits, labels), rtol=1e-12, atol=1e-15)


def test_the_most_suspect_example_is_first_whatever_the_score() -> None:
    dynamics = logged()
    for name, end in IS_SUSPECT.items():
        values = dynamics.scores(by=name)[name].to_numpy()
        assert (np.diff(values[np.isfinite(values)]) * (1 if end == "low" else -1) >= 0).all()
    assert dynamics.scores()["rank"].tolist() == list(range(1, N + 1))
    with pytest.raises(bh.BadInput, match="no score with a suspect end named 'variability'"):
        dynamics.scores(by="variability")


def test_an_example_takes_as_many_bytes_as_stated_and_they_do_not_grow() -> None:
    assert BYTES == 55
    assert f"{BYTES} bytes for each example" in (bh.Dynamics.__doc__ or "")
    assert logged().nbytes == bh.Dynamics(N, labels=LABELS).nbytes == (BYTES + 1) * N
    assert logged(shard=True).nbytes == (BYTES + 1) * N + N_EPOCHS * 2 * math.ceil(N / 8)


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=6), min_size=1, max_size=5))
def test_examples_seen_twice_or_never_follow_the_stated_rule(epochs: list[list[tuple[int, bool]]]) -> None:
    """Against a loop: means over sightings, right in an epoch if right at each of its sightings, no epoch if unseen."""
    dynamics = bh.Dynamics(4, labels=[0, 0, 0, 0])
    epochs = [epoch for epoch in epochs if epoch]
    if not epochs:
        return
    for epoch in epochs:
        for part in (epoch[:2], epoch[2:]):
            logits = np.array([[2.0 if is_right else -2.0, 0.0] for _, is_right in part]).reshape(-1, 2)
            dynamics.batch(np.array([example for example, _ in part], int), logits)
        dynamics.end_epoch()
    table = dynamics.scores().set_index("row")
    for example in range(4):
        sightings = [right for epoch in epochs for other, right in epoch if other == example]
        seen = {
            number: all(right for other, right in epoch if other == example)
            for number, epoch in enumerate(epochs, start=1)
            if any(other == example for other, _ in epoch)
        }
        row = table.loc[example]
        assert row.sightings == len(sightings)
        assert row.epochs_seen == len(seen)
        if not sightings:
            assert np.isnan(row.area_under_margin)
            assert np.isnan(row.epochs_to_learn)
            continue
        rights = list(seen.values())
        assert row.area_under_margin == pytest.approx(np.mean([2 if right else -2 for right in sightings]))
        assert row.correctness == pytest.approx(np.mean(rights))
        assert row.forgetting_events == sum(before and not after for before, after in itertools.pairwise(rights))
        assert row.early_error == (not rights[0])
        learned = [number for place, number in enumerate(seen) if all(rights[place:])]
        assert row.epochs_to_learn == (learned[0] if learned else np.inf)


@pytest.mark.parametrize("stop_at", [0, 3], ids=["at the end of an epoch", "in the middle of an epoch"])
def test_a_saved_log_goes_on_as_if_it_had_never_stopped(tmp_path: Path, stop_at: int) -> None:
    dynamics, ids = bh.Dynamics(N, labels=LABELS, ids=[f"{row}.png" for row in range(N)]), None
    for epoch, (logits, batches) in enumerate(zip(LOGITS, BATCHES, strict=True)):
        for place, index in enumerate(batches):
            if epoch == 5 and place == stop_at:
                dynamics.save(tmp_path / "log.npz")
                dynamics = bh.Dynamics.load(tmp_path / "log.npz")
            dynamics.batch(index, logits[index])
        dynamics.end_epoch()
    del ids
    whole = logged().scores()
    assert dynamics.scores().drop(columns="id").equals(whole.drop(columns="id"))
    assert dynamics.scores()["id"].iloc[0] == f"{whole['row'].iloc[0]}.png"
    assert [path.name for path in tmp_path.iterdir()] == ["log.npz"]


def shards(n_shards: int, shard: bool = True, moves: bool = True) -> list[bh.Dynamics]:
    """Return logs of processes that share the batches; with `moves`, an example comes to another one in each epoch."""
    parts = [bh.Dynamics(N, labels=LABELS, shard=shard) for _ in range(n_shards)]
    for epoch, logits in enumerate(LOGITS):
        for place, index in enumerate(BATCHES[epoch if moves else 0]):
            parts[place % n_shards].batch(index, logits[index])
        for part in parts:
            part.end_epoch()
    return parts


def test_merged_shards_are_the_log_of_one_process(tmp_path: Path) -> None:
    whole, parts = in_order(logged()), shards(3)
    for number, part in enumerate(parts):
        part.save(tmp_path / f"{number}.npz")
    for made in (bh.Dynamics.merge(parts), bh.Dynamics.merge([tmp_path / f"{number}.npz" for number in range(3)])):
        for name, values in in_order(made).items():
            if name in ("epochs_to_learn", "forgetting_events", "correctness", "early_error"):
                np.testing.assert_array_equal(values, whole[name], err_msg=name)
            else:
                np.testing.assert_allclose(values, whole[name], rtol=1e-6, atol=1e-12, err_msg=name)
        assert not made.cautions
        assert in_order(bh.Dynamics.merge([made]))["forgetting_events"].tolist() == whole["forgetting_events"].tolist()


def test_an_example_that_two_shards_saw_in_one_epoch_is_said_to_be_seen_twice() -> None:
    parts = [bh.Dynamics(2, labels=[0, 1], shard=True) for _ in range(2)]
    parts[0].batch([0, 1], [[2.0, 0.0], [0.0, 1.0]])
    parts[1].batch([0], [[-2.0, 0.0]])
    for part in parts:
        part.end_epoch()
    made = bh.Dynamics.merge(parts)
    assert made.scores().set_index("row").loc[0, ["correctness", "area_under_margin"]].tolist() == [0.0, 0.0]
    assert "1 example was seen more than once in an epoch" in made.cautions[0]


def test_logs_that_are_no_shards_merge_only_if_no_example_is_in_two() -> None:
    made = bh.Dynamics.merge(shards(2, shard=False, moves=False))
    assert not made.cautions
    with pytest.raises(bh.BadInput, match="in several logs"):
        bh.Dynamics.merge(shards(2, shard=False))


def test_shards_that_do_not_fit_are_refused() -> None:
    def part(labels: list[int] = [0, 1], ends: bool = True) -> bh.Dynamics:  # noqa: B006
        made = bh.Dynamics(2, labels=labels, shard=True)
        made.batch([0], [[2.0, 0.0]])
        if ends:
            made.end_epoch()
        return made

    with pytest.raises(bh.BadInput, match="same data set and classes; number 2"):
        bh.Dynamics.merge([part(), part([1, 1])])
    with pytest.raises(bh.BadInput, match="must have ended its epoch"):
        bh.Dynamics.merge([part(), part(ends=False)])
    ahead = part()
    ahead.batch([1], [[2.0, 0.0]])
    ahead.end_epoch()
    with pytest.raises(bh.BadInput, match="the first has 1"):
        bh.Dynamics.merge([part(), ahead])
    with pytest.raises(bh.BadInput, match="got none"):
        bh.Dynamics.merge([])


def test_one_of_several_processes_is_told_to_log_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.warns(bh.Caution, match="one of 4 processes"):
        bh.Dynamics(2, labels=[0, 1])
    bh.Dynamics(2, labels=[0, 1], shard=True)


def test_all_logits_are_kept_in_a_file_that_a_killed_process_continues(tmp_path: Path) -> None:
    path, saved = tmp_path / "logits.npy", tmp_path / "log.npz"
    dynamics = bh.Dynamics(N, labels=LABELS, keep=path)
    for epoch, logits in enumerate(LOGITS[:4]):
        dynamics.batch(np.arange(N - 1), logits[:-1])
        if epoch == 2:
            dynamics.save(saved)  # And is killed after the next epoch.
        dynamics.end_epoch()
    again = bh.Dynamics.load(saved)
    again.end_epoch()
    again.batch(np.arange(N), LOGITS[3] * 1e5)
    stored = np.load(path, mmap_mode="r")
    assert stored.dtype == np.float16
    assert stored.shape == (4, N, N_CLASSES)
    np.testing.assert_array_equal(stored[:3, :-1], LOGITS[:3, :-1].astype(np.float16))
    assert np.isnan(stored[:3, -1]).all()
    assert np.isfinite(stored[3]).all()
    with pytest.raises(bh.BadInput, match=r"exists\. Remove it"):
        bh.Dynamics(N, labels=LABELS, keep=path)
    with pytest.raises(bh.BadInput, match=r"ends in \.npy"):
        bh.Dynamics(N, labels=LABELS, keep=tmp_path / "logits.npz")
    np.save(path, stored[:1].copy())
    with pytest.raises(bh.BadInput, match="at least 3 epochs"):
        bh.Dynamics.load(saved)


def test_damaged_files_and_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.npz"
    logged().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(bh.BadInput, match="damaged"):
        bh.Dynamics.load(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    with pytest.raises(bh.BadInput, match="damaged"):
        bh.Dynamics.load(path)
    np.savez(path, images=np.zeros(3))
    with pytest.raises(bh.BadInput, match="does not hold training dynamics"):
        bh.Dynamics.load(path)
    np.savez(path, dynamics=np.array('{"version": 99}'))
    with pytest.raises(bh.BadInput, match="has version 99"):
        bh.Dynamics.load(path)
    np.savez(path, dynamics=np.array('{"version": 1}'), margin=np.zeros(3))
    with pytest.raises(bh.BadInput, match="`loss` is missing"):
        bh.Dynamics.load(path)
    with pytest.raises(bh.BadInput, match="There is no file"):
        bh.Dynamics.load(tmp_path / "none.npz")
    with pytest.raises(bh.BadInput, match=r"ends in \.npz"):
        logged().save(tmp_path / "log.json")
    with pytest.raises(bh.BadInput, match="folder that exists"):
        bh.Dynamics(N, labels=LABELS, save_to=tmp_path / "none" / "log.npz")


def test_a_log_is_saved_after_each_epoch_and_finds_its_logits_when_the_folder_moves(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    options = {"keep": tmp_path / "a" / "logits.npy", "save_to": tmp_path / "a" / "log.npz"}
    dynamics = bh.Dynamics(N, labels=LABELS, **options)
    dynamics.batch(np.arange(N), LOGITS[0])
    dynamics.end_epoch()
    dynamics.batch(np.arange(N), LOGITS[1])
    moved = (tmp_path / "a").rename(tmp_path / "b") / "log.npz"
    again = bh.Dynamics.load(moved, save_to=moved)
    assert (again.epochs, again.is_open) == (1, False)
    again.batch(np.arange(N), LOGITS[1])
    again.end_epoch()
    stored = bh.Dynamics.load(moved).kept_logits()
    assert stored is not None
    np.testing.assert_array_equal(stored, LOGITS[:2].astype(np.float16))
    (tmp_path / "b" / "logits.npy").unlink()
    with pytest.warns(bh.Caution, match="no logits are kept from here on"):
        assert bh.Dynamics.load(moved).kept_logits() is None


def test_tensors_of_jax_also_in_bfloat16_are_taken_and_traced_ones_refused() -> None:
    import jax

    coarse = jnp.asarray(LOGITS[0], jnp.bfloat16)
    dynamics, exact = bh.Dynamics(N, labels=LABELS), bh.Dynamics(N, labels=LABELS)
    dynamics.batch(jnp.arange(N), coarse)
    exact.batch(np.arange(N), np.asarray(coarse.astype(jnp.float32)))
    assert dynamics.scores().equals(exact.scores())
    with pytest.raises(bh.BadInput, match="traced value"):
        jax.jit(lambda logits: dynamics.batch(np.arange(N), logits))(LOGITS[0])


def test_tensors_are_recognized_by_what_they_offer() -> None:
    class OnDevice:
        """A tensor in bfloat16 on a device, with gradient: it converts itself only after all that is asked of it."""

        def __init__(self, *done: str) -> None:
            self.done = done

        def detach(self) -> "OnDevice":
            return OnDevice(*self.done, "detach")

        def cpu(self) -> "OnDevice":
            return OnDevice(*self.done, "cpu")

        def float(self) -> "OnDevice":
            return OnDevice(*self.done, "float")

        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            if self.done != ("detach", "cpu", "float"):
                raise TypeError("Got unsupported ScalarType BFloat16")
            return LOGITS[0]

    class Exchanged:
        """A tensor that offers DLPack alone."""

        def __dlpack__(self, **options: object) -> object:
            return LOGITS[0].__dlpack__(**options)

        def __dlpack_device__(self) -> tuple[int, int]:
            return LOGITS[0].__dlpack_device__()

    expected = bh.Dynamics(N, labels=LABELS)
    expected.batch(np.arange(N), LOGITS[0])
    for tensor in (OnDevice(), Exchanged(), LOGITS[0].tolist()):
        dynamics = bh.Dynamics(N, labels=LABELS)
        dynamics.batch(np.arange(N), tensor)
        assert dynamics.scores().equals(expected.scores())


GOOD = np.array([[1.0, 3.0], [2.0, -1.0]])


@pytest.mark.parametrize(
    ("index", "logits", "message"),
    [
        ([0, 3], GOOD, "must lie in 0 to 2.*got 0 to 3"),
        ([-1, 0], GOOD, "got -1 to 0"),
        ([0.0, 1.0], GOOD, "whole numbers.*float64"),
        ([True, False], GOOD, "np.flatnonzero"),
        ([[0, 1]], GOOD, r"must be \(batch,\)"),
        ([0, 1, 2], GOOD, "3 positions and 2 rows"),
        ([0, 1], np.ones((2, 3)), "must have 2 columns.*got 3"),
        ([0, 1], [0.3, 0.4], "One logit for two classes"),
        ([0, 1], [["a", "b"], ["c", "d"]], "must be numbers"),
        ([0, 1], [[0.0, 1.0], [np.nan, 0.0]], r"1 of 2 rows \(1\) are not.*diverged"),
        ([0, 1], [[0.0, 1.0], [-np.inf, 0.0]], "must be finite"),
        ([0, 1] * 4, [[0.25, 0.75], [0.5, 0.5]] * 4, "got probabilities"),
        ([0, 1] * 4, np.array([[0.25, 0.7505], [0.5, 0.5]] * 4, np.float16), "got probabilities"),
        ([0, 1], None, "must be an array"),
    ],
)
def test_a_bad_batch_is_refused_and_changes_nothing(index: object, logits: object, message: str) -> None:
    dynamics = bh.Dynamics(3, labels=[0, 1, 1])
    dynamics.batch([0, 1], GOOD)
    before = dynamics.scores()
    with pytest.raises(bh.BadInput, match=message):
        dynamics.batch(index, logits)
    assert dynamics.scores().equals(before)


def test_few_rows_are_taken_for_probabilities_in_the_first_batch_alone() -> None:
    """A later batch of one example may have logits that sum to 1 by chance: training must not end there."""
    dynamics = bh.Dynamics(3, labels=[0, 1, 1])
    with pytest.raises(bh.BadInput, match="got probabilities"):
        dynamics.batch([0], [[0.25, 0.75]])
    dynamics.batch([0], [[0.25, 0.8]])
    dynamics.batch([1], [[0.25, 0.75]])


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (None, {}, "must be given"),
        ([0, 1], {}, "one for each of 3 examples"),
        (np.eye(3), {}, "one-hot"),
        (["a", None, "b"], {}, "Every example must have a label"),
        ([0.0, np.nan, 1.0], {}, "Every example must have a label"),
        ([0.5, 1.2, 3.3], {}, "looks like a measurement"),
        (["a", "b", "c"], {"class_names": ["a", "b"]}, "got 'c'"),
        ([0, 1, 1], {"early_epochs": 0}, "early_epochs"),
        ([0, 1, 1], {"ids": ["a"]}, "ids"),
    ],
)
def test_bad_labels_and_options_are_refused(labels: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(bh.BadInput, match=message):
        bh.Dynamics(3, labels=labels, **options)


def test_labels_of_any_kind_are_columns_in_a_stated_order() -> None:
    def learned(labels: object, **options: object) -> list[float]:
        dynamics = bh.Dynamics(2, labels=labels, **options)
        dynamics.batch([0, 1], [[0.0, 3.0, 0.0], [5.0, 0.0, 0.0]])
        return dynamics.scores().sort_values("row")["area_under_margin"].tolist()

    assert learned([1, 0]) == [3.0, 5.0]
    assert learned(["b", "a"], class_names=["a", "b", "c"]) == [3.0, 5.0]
    with pytest.raises(bh.BadInput, match=r"2 columns.*got 3"):
        learned(["b", "a"])
    with pytest.raises(bh.BadInput, match="Labels from 1"):
        learned([1, 3])


def test_printing_says_epochs_examples_and_what_is_odd() -> None:
    dynamics = bh.Dynamics(3, labels=[0, 1, 1])
    assert repr(dynamics) == "Dynamics(0 epochs, 3 examples: no batch yet)"
    with pytest.raises(bh.BadInput, match="at least one batch"):
        dynamics.scores()
    with pytest.raises(bh.BadInput, match="must follow a batch"):
        dynamics.end_epoch()
    dynamics.batch([0, 1, 1], GOOD[[0, 1, 1]])
    dynamics.end_epoch()
    dynamics.batch([0], GOOD[:1])
    assert repr(dynamics).splitlines() == [
        "Dynamics(1 epoch, 3 examples of 2 classes: 2 seen, 1 missing)",
        "  1 example was never seen: their scores are NaN. Is `index` the position in the data set?",
        "  1 example was seen more than once in an epoch: means are over all sightings, and such an epoch is right if "
        "all of them are.",
        "  Epoch 2 has not ended: scores hold the batches that came so far.",
    ]
    assert dynamics.scores().attrs["cautions"] == list(dynamics.cautions)
    dynamics.end_epoch()
    assert "not seen in some epoch" in repr(dynamics)
