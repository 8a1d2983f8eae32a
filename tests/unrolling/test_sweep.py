"""Sweeps of runs that are differentiated through: each run equals the functions for one run.

Most runs have 12 examples of 4 x 4 made-up pixels, one layer and 8 updates. Programs are compiled once for all tests.
"""

import dataclasses
import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
import optax
import pytest
import xarray as xr
from slow_cases import slow_rows_after
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.batches import Shuffled, WithReplacement
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import RandX, UniformInputs
from byheart.execution.chunks import chunk_names, stored_results
from byheart.execution.local_executor import run_sweep
from byheart.keys import key_for
from byheart.networks.losses import FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.results.store import Store, digest
from byheart.sweeps.layout import Layout
from byheart.sweeps.protocol import Sweep
from byheart.sweeps.results import NEVER
from byheart.training.member import noise_at
from byheart.training.optimizers import SGD, Adam, AdamW, Optax, Optimizer
from byheart.unrolling.checkpoints import KeepEverything
from byheart.unrolling.loss_sensitivity import LastSteps, class_loss_sensitivity, loss_sensitivity_at_step
from byheart.unrolling.losses import MinibatchLoss, MinibatchLosses, WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanClassSensitivity, MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep
from byheart.unrolling.training_run import TrainingRun, network_run
from byheart.unrolling.unrolled_program import UnrolledProgram

SPLIT = blobs(12, 3, n_classes=3)


def uniform(member: UnrolledMember) -> UnrolledMember:
    """Return the same member with uniform random inputs."""
    noise = tuple(RandX(one.level, UniformInputs()) if isinstance(one, RandX) else one for one in member.noise)
    return dataclasses.replace(member, noise=noise)


MEMBERS = (
    *(UnrolledMember(1, noise_at(0.5, 0.25)), UnrolledMember(2), UnrolledMember(3, noise_at(1.0))),
    UnrolledMember(1, noise_at(0.0, 1.0)),
)
UNIQUE = (UnrolledMember(1, unique_classes=True), UnrolledMember(2, noise_at(0.5), unique_classes=True))
AT_THREE = MeanLossSensitivity((2, 5, 8), LastSteps(3, every=1), WholeSetLoss())
SWEEP = UnrolledSweep(MLP(()), (*MEMBERS, *UNIQUE), 8, (AT_THREE,), SGD(0.2), batch_size=4, noise_seed=1)
CLASSES = dataclasses.replace(SWEEP, members=MEMBERS, measures=(MeanClassSensitivity(8, LastSteps(3, every=1)),))
OTHER = UnrolledSweep(
    architecture=MLP(()),
    members=tuple(uniform(member) for member in MEMBERS),
    horizon=8,
    measures=(
        MeanLossSensitivity((4, 8), LastSteps(4, every=2), MinibatchLoss(), direct_path=True),
        MeanClassSensitivity(6, LastSteps(4, every=1), each_loss=True),
    ),
    optimizer=SGD(0.4, halve_every=1),
    batch_size=4,
    batches=WithReplacement(),
    loss=FlooredCrossEntropy(0.1),
    noise_seed=2,
)
"""Everything that can be chosen is chosen otherwise."""
THROUGH_ADAM = dataclasses.replace(SWEEP, members=MEMBERS, optimizer=Adam(0.05, eps_root=1e-3))
LOST = dataclasses.replace(
    SWEEP,
    architecture=MLP((8,)),
    horizon=1000,
    measures=(MeanLossSensitivity((25, 1000), LastSteps(1), WholeSetLoss()),),
    optimizer=SGD(30.0),
)
"""So large a learning rate that adjoints grow beyond all numbers in some hundred updates, but not in 25."""
IN_CHUNK = 3
"""Filled up to 4, two on each device, as all chunks of these tests are."""


@functools.cache
def program_of(sweep: UnrolledSweep, layout: Layout) -> UnrolledProgram:
    return UnrolledProgram(sweep, SPLIT, layout)


def compiled_once(sweep: UnrolledSweep, split: object, layout: Layout) -> UnrolledProgram:
    """Return the cached program of the same sweep of other members, if there is one."""
    assert split is SPLIT
    return program_of(dataclasses.replace(sweep, members=()), layout)


@functools.cache
def results(sweep: UnrolledSweep, *members: UnrolledMember, layout: Layout = Layout()) -> xr.Dataset:
    return compiled_once(sweep, SPLIT, layout).results(dataclasses.replace(sweep, members=members), lambda done: None)


@functools.cache
def transformation(optimizer: SGD | Adam) -> optax.GradientTransformation:
    """Return one transformation for all members, so that their runs share compiled programs."""
    return optimizer.transformation(optimizer.learning_rate, steps_per_epoch=3)


def by_hand(sweep: UnrolledSweep, member: UnrolledMember) -> TrainingRun:
    """Return the run of a member, built from its parts."""
    seen = add_noise(SPLIT.training, *member.noise, seed=sweep.noise_seed)
    labels, n_classes = (np.arange(12), 12) if member.unique_classes else (seen.labels, 3)
    network = sweep.architecture.build((4, 4, 1), n_classes, key_for("initialization", member.seed))
    batches = sweep.batches(12, 4, 8, key_for("shuffling", member.seed))
    return network_run(network, transformation(sweep.optimizer), seen.inputs, labels, batches, sweep.loss)


def close(found: xr.DataArray, expected: np.ndarray) -> None:
    """Check equality up to the rounding of sums in another order."""
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * float(np.nanmax(expected)))


@pytest.mark.parametrize(
    ("sweep", "members", "norm"),
    slow_rows_after(
        2, [(SWEEP, UNIQUE, 1), (OTHER, OTHER.members, 2), (SWEEP, MEMBERS, math.inf), (THROUGH_ADAM, MEMBERS[:2], 1)]
    ),
    ids=["unique classes, l1", "all otherwise, l2", "true classes, largest", "Adam"],
)
def test_loss_sensitivities_are_those_of_a_run_made_by_hand(
    sweep: UnrolledSweep, members: tuple[UnrolledMember, ...], norm: float
) -> None:
    found, measure = results(sweep, *members).loss_sensitivity, sweep.measures[0]
    assert isinstance(measure, MeanLossSensitivity)
    assert found.sizes == {"member": len(members), "horizon": len(measure.horizons), "norm": 3, "example": 12}
    for index, member in enumerate(members):
        run, options = by_hand(sweep, member), {"norm": norm, "direct_path": measure.direct_path}
        alone = loss_sensitivity_at_step(run, measure.steps, measure.loss, **options)
        for horizon in measure.horizons:
            in_window = np.isin(alone.steps, measure.window.steps(horizon))
            close(found[index].sel(horizon=horizon, norm=norm), alone.at_step[in_window].mean(axis=0))
    assert (results(sweep, *members).sensitivity_lost_at == NEVER).all()


PATHS = pytest.mark.parametrize(
    ("variable", "direct_path"),
    [("class_sensitivity", False), ("class_sensitivity_with_direct_path", True)],
    ids=["through training", "with the direct path"],
)


@PATHS
def test_class_sensitivities_are_those_of_a_run_made_by_hand(variable: str, direct_path: bool) -> None:
    found = results(CLASSES, *MEMBERS)
    for index, member in enumerate(MEMBERS):
        run = by_hand(CLASSES, member)
        expected = class_loss_sensitivity(run, [5, 6, 7], 3, direct_path=direct_path)
        close(found[variable][index], expected.mean(axis=0))
    assert (found.class_sensitivity_lost_at == NEVER).all()


@PATHS
def test_class_sensitivities_of_each_loss_are_those_of_a_run_made_by_hand(variable: str, direct_path: bool) -> None:
    """Compare means over the examples of a class.

    A single run gives the mean in each minibatch; here it is the mean over all minibatches.
    """
    steps = [2, 3, 4, 5]
    found = results(OTHER, *OTHER.members)[variable]
    for index, member in enumerate(OTHER.members):
        run = by_hand(OTHER, member)
        at_step = class_loss_sensitivity(run, steps, 3, MinibatchLosses(), direct_path=direct_path)
        in_batch = np.eye(3)[np.asarray(run.examples.targets)[np.asarray(run.batches)[steps]]].sum(axis=1)
        assert in_batch.sum(axis=0).all()
        sums = np.where(in_batch[..., None] > 0, at_step, 0) * in_batch[..., None]
        close(found[index], sums.sum(axis=0) / in_batch.sum(axis=0)[:, None])


@pytest.mark.parametrize("sweep", [SWEEP, CLASSES, OTHER], ids=["losses", "classes", "all otherwise"])
def test_a_member_is_the_same_bit_by_bit_alone_and_beside_any_others(sweep: UnrolledSweep) -> None:
    """A single member is padded to four by repetition; this also changes nothing."""
    members = OTHER.members if sweep is OTHER else MEMBERS
    together, backwards = results(sweep, *members), results(sweep, *members[::-1])
    xr.testing.assert_identical(together, backwards.isel(member=slice(None, None, -1)))
    for index, member in enumerate(members):
        alone = results(sweep, member)
        xr.testing.assert_identical(alone, together.isel(member=[index]))


class Kept:
    """A checkpoint in memory."""

    def __init__(self, found: list[np.ndarray] | None = None) -> None:
        self.found, self.left = found, list[list[np.ndarray]]()

    def load(self) -> list[np.ndarray] | None:
        return self.found

    def is_due(self) -> bool:
        return True

    def save(self, arrays: Any) -> None:
        self.left.append(list(arrays))


def test_what_two_devices_left_one_takes_up() -> None:
    """Three members are padded to four on two devices."""
    chunk, kept = dataclasses.replace(SWEEP, members=MEMBERS[:3]), Kept()
    compiled_once(SWEEP, SPLIT, Layout()).results(chunk, lambda done: None, kept)
    assert kept.left
    for left in kept.left:
        found = compiled_once(SWEEP, SPLIT, Layout(1)).results(chunk, lambda done: None, Kept(left))
        xr.testing.assert_identical(found, results(SWEEP, *MEMBERS).isel(member=[0, 1, 2]))


@pytest.mark.parametrize("layout", [Layout(1), Layout(1, at_once=2)], ids=repr)
def test_on_one_device_in_smaller_chunks_a_member_is_the_same(layout: Layout) -> None:
    """Equal bit by bit if members run one after another; up to rounding if they share operations."""
    for index in (0, 2):
        expected = results(SWEEP, *MEMBERS).isel(member=[index])
        if layout.at_once is None:
            xr.testing.assert_identical(results(SWEEP, MEMBERS[index], layout=layout), expected)
        else:
            one = results(SWEEP, MEMBERS[index], layout=layout)
            close(one.loss_sensitivity, expected.loss_sensitivity.values)


def test_members_differ_in_whatever_they_say() -> None:
    members = (*MEMBERS[:2], UnrolledMember(2, noise_at(0.5)), UnrolledMember(2, noise_at(0.0, 0.5)))
    values = results(SWEEP, *members).loss_sensitivity.sel(horizon=8, norm=1).values
    assert len(np.unique(values, axis=0)) == 4


def test_results_name_their_members_and_say_what_numbers_are() -> None:
    found = results(OTHER, *OTHER.members)
    for name, (axis, values) in OTHER.coordinates().items():
        assert found[name].dims == (axis,)
        np.testing.assert_array_equal(found[name], values)
    assert found.horizon.values.tolist() == [4, 8]
    assert found.loss_class.values.tolist() == found.input_class.values.tolist() == [0, 1, 2]
    assert all(found[name].attrs["long_name"] for name in found.data_vars)


@pytest.mark.parametrize("sweep", [SWEEP, OTHER], ids=["one measure", "two measures"])
def test_progress_goes_from_0_to_the_length(sweep: UnrolledSweep) -> None:
    told: list[int] = []
    chunk = dataclasses.replace(sweep, members=sweep.members[: len(MEMBERS)])
    compiled_once(sweep, SPLIT, Layout()).results(chunk, told.append)
    assert sweep.length == sum(len(measure.steps) for measure in sweep.measures) == 8
    assert (told[0], told[-1]) == (0, 8)
    assert np.all(np.diff(told) > 0)


def test_whoever_hears_of_progress_can_stop_the_work() -> None:
    def stop(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compiled_once(SWEEP, SPLIT, Layout()).results(dataclasses.replace(SWEEP, members=MEMBERS), stop)


def test_members_of_both_kinds_of_classes_are_not_computed_together() -> None:
    with pytest.raises(BadInput, match="The members of a chunk must agree in `unique_classes`"):
        results(SWEEP, MEMBERS[0], UNIQUE[0])


def test_adjoints_that_stop_being_finite_are_lost_from_their_horizon_on_and_earlier_ones_stay() -> None:
    found = results(LOST, *MEMBERS)
    first, last = found.sensitivity_lost_at.values.T
    assert (first == NEVER).all()
    assert ((last >= 0) & (last < 999)).all()
    early = found.loss_sensitivity.sel(horizon=25).values
    assert np.isfinite(early).all()
    assert (early.max(axis=2) > 0).all()
    assert np.isnan(found.loss_sensitivity.sel(horizon=1000)).all()


@pytest.mark.parametrize("optimizer", [Adam(0.05), AdamW(0.05), Optax(optax.rmsprop, 0.05, {"eps": 0.0})], ids=repr)
def test_an_optimizer_without_a_derivative_where_a_gradient_is_0_is_refused(optimizer: Optimizer) -> None:
    with pytest.raises(BadInput, match=r"`optimizer` must have a derivative .* Give it an `eps_root`, as in Adam\("):
        dataclasses.replace(SWEEP, optimizer=optimizer)


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1, 0.9, 2),
        AdamW(0.1, eps_root=1e-8),
        Optax(lambda rate: optax.chain(optax.clip_by_global_norm(0.1), optax.sgd(rate)), 0.1),
        Optax(optax.lamb, 0.1, {"eps_root": 1e-8}),
    ],
)
def test_an_optimizer_with_a_derivative_is_taken(optimizer: Optimizer) -> None:
    assert dataclasses.replace(SWEEP, optimizer=optimizer).optimizer == optimizer


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 100])
def test_chunks_hold_every_member_once_and_never_mix_unique_classes_with_others(size: int) -> None:
    chunks = SWEEP.chunks([size])
    assert tuple(member for chunk in chunks for member in chunk.members) == SWEEP.members
    assert all(1 <= len(chunk.members) <= size for chunk in chunks)
    assert all(len({member.unique_classes for member in chunk.members}) == 1 for chunk in chunks)
    assert len(chunks) == -(-4 // size) + -(-2 // size)
    assert all(dataclasses.replace(chunk, members=SWEEP.members) == SWEEP for chunk in chunks)


@pytest.mark.parametrize(("n_members", "n_devices", "size"), [(1, 1, 1), (1, 2, 2), (3, 1, 1), (3, 2, 2), (9, 2, 2)])
def test_a_chunk_has_a_member_on_each_device(n_members: int, n_devices: int, size: int) -> None:
    members = tuple(UnrolledMember(seed) for seed in range(n_members))
    assert dataclasses.replace(SWEEP, members=members).chunk_sizes(SPLIT, Layout(n_devices)) == (size,)


def names(sweep: UnrolledSweep = SWEEP) -> list[str]:
    return chunk_names("toy", sweep, "data", [IN_CHUNK])


def test_names_are_stable_and_differ_between_chunks() -> None:
    assert names() == names()
    assert len(set(names())) == 3
    assert isinstance(SWEEP, Sweep)


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": MLP((4,))},
        {"horizon": 9},
        {"measures": (dataclasses.replace(AT_THREE, horizons=(2, 5)),)},
        {"measures": (dataclasses.replace(AT_THREE, window=LastSteps(3, every=2)),)},
        {"measures": (dataclasses.replace(AT_THREE, loss=MinibatchLoss()),)},
        {"measures": (dataclasses.replace(AT_THREE, direct_path=True),)},
        {"measures": (*SWEEP.measures, *CLASSES.measures)},
        {"optimizer": SGD(0.2, 0.5)},
        {"optimizer": Adam(0.2, eps_root=1e-8)},
        {"batch_size": 3},
        {"batches": WithReplacement()},
        {"loss": FlooredCrossEntropy()},
        {"members": tuple(uniform(member) for member in SWEEP.members), "kinds": ()},
        {"noise_seed": 2},
        {"checkpointing": KeepEverything()},
    ],
    ids=repr,
)
def test_every_name_changes_with_whatever_determines_the_numbers(change: dict[str, Any]) -> None:
    assert not set(names()) & set(names(dataclasses.replace(SWEEP, **change)))
    assert SWEEP.batches == Shuffled()


def test_a_member_changes_the_name_of_its_own_chunk() -> None:
    changed = names(dataclasses.replace(SWEEP, members=(*MEMBERS, UNIQUE[0], UnrolledMember(9, unique_classes=True))))
    assert [one == other for one, other in zip(names(), changed, strict=True)] == [True, True, False]


def test_a_sweep_that_lost_a_chunk_ends_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> xr.Dataset:
        return run_sweep("toy", SWEEP, SPLIT, store, [IN_CHUNK]).drop_attrs(deep=False)

    monkeypatch.setattr(UnrolledSweep, "program", lambda sweep, split, n: compiled_once(sweep, split, Layout()))
    store = Store(tmp_path)
    whole = run()
    parts = [results(SWEEP, *chunk.members) for chunk in SWEEP.chunks([IN_CHUNK])]
    xr.testing.assert_equal(whole, xr.concat(parts, "member"))
    for name in chunk_names("toy", SWEEP, SPLIT.fingerprint, [IN_CHUNK]):
        path = tmp_path / f"{name}.nc"
        path.unlink()
        partial, missing = stored_results("toy", SWEEP, SPLIT.fingerprint, store, [IN_CHUNK])
        assert partial is not None
        assert missing == 1
        assert digest(run()) == digest(whole)
        assert path.exists()


@pytest.mark.parametrize(("sweep", "unique", "numbers"), [(SWEEP, False, 1), (SWEEP, True, 1), (CLASSES, False, 3)])
def test_each_adjoint_goes_back_to_the_start_and_blocks_save_part_of_what_else_updates_cost(
    sweep: UnrolledSweep, unique: bool, numbers: int
) -> None:
    """Computed separately, each number would cost one additional update for each of its steps."""
    program = UnrolledProgram(sweep, SPLIT, Layout())
    of_adjoints = numbers * sum(step + 1 for measure in sweep.measures for step in measure.steps)
    assert of_adjoints < program.run_sizes(unique).adjoint_updates <= 2 * of_adjoints


def test_memory_counts_the_states_that_are_kept_and_the_gradients_of_a_block() -> None:
    """Nine states of at least 51 numbers, in three segments of three; one class per example adds weights."""
    program = UnrolledProgram(SWEEP, SPLIT, Layout())
    adjoints = program.run_sizes(False).adjoints_at_once
    assert 1 <= adjoints <= len(AT_THREE.steps)
    assert program.run_sizes(False).n_bytes >= 4 * (6 * 51 + adjoints * (51 + SPLIT.training.inputs.size))
    assert program.run_sizes(True).n_bytes > program.run_sizes(False).n_bytes
