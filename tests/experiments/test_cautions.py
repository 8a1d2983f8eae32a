"""Cautions: given for networks of real data that guess or end far from their peak, and for nothing else."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from made_examples import easy_examples, made_errors, noise_only, patterns, without
from made_results import (
    EPOCHS,
    critical_samples,
    diverged,
    made,
    memorizing,
    patterns_first,
    patterns_then_noise,
    share,
)

from byheart.data.rand_x import RandX
from byheart.experiments.data_summary import DataSummary
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.convergence.experiment import Convergence
from byheart.paper.regularization.experiment import Regularization
from byheart.populations.grid import GridSweep
from byheart.sweeps.results import NEVER
from byheart.training.member import Member

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)


def guessing(member: Member, epoch: int) -> dict[str, float]:
    real = member.level("rand_x") == member.level("rand_y") == 0
    return {"training_accuracy": 0.1 if real else 0.9, "validation_accuracy": 0.1, **_ratios(member, epoch)}


def _ratios(member: Member, epoch: int) -> dict[str, float]:
    return {name: value for name, value in memorizing(member, epoch).items() if name.startswith("csr")}


def test_nothing_is_said_of_networks_that_learned() -> None:
    experiment = patterns_first(3)
    assert experiment.cautions(made(experiment, patterns_then_noise)) == []


def test_networks_of_real_data_that_guess_are_told_with_their_accuracy() -> None:
    experiment = critical_samples(4)
    (said,) = experiment.cautions(made(experiment, guessing))
    assert "4 of 4 networks (training accuracy 0.10)" in said
    assert "always naming the most frequent class gives 0.10" in said


def test_networks_of_noise_may_guess() -> None:
    def world(member: Member, epoch: int) -> dict[str, float]:
        found = guessing(member, epoch)
        return found | {"training_accuracy": 1 - found["training_accuracy"]}

    experiment = critical_samples(3)
    assert experiment.cautions(made(experiment, world)) == []


def test_the_most_frequent_class_counts_where_results_say_so() -> None:
    experiment = critical_samples(3)
    results = made(experiment, lambda member, epoch: guessing(member, epoch) | {"training_accuracy": 0.8})
    assert experiment.cautions(results) == []
    (said,) = experiment.cautions(results.assign_attrs(class_counts="[480, 120]"))
    assert "gives 0.80" in said


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (lambda epoch: share(epoch, 0, 5), None),
        (lambda epoch: share(epoch, 0, 5) - 0.04 * share(epoch, 5), None),
        (lambda epoch: 0.9 * share(epoch, 0, 5) - 0.2 * share(epoch, 5), "0.70, after 0.90 in epoch 5"),
        (lambda epoch: share(epoch), "1.00, after 0.33 in epoch 10"),
        (lambda epoch: 0.9 * share(epoch, 0, 5) + 0.09 * share(epoch), None),
    ],
)
def test_a_last_epoch_far_from_the_best_is_told(curve: Callable[[int], float], said: str | None) -> None:
    def world(member: Member, epoch: int) -> dict[str, float]:
        return _ratios(member, epoch) | {"training_accuracy": 1.0, "validation_accuracy": curve(epoch)}

    experiment = critical_samples(2)
    found = experiment.cautions(made(experiment, world))
    assert [said in one for one in found] == ([True] if said else []), found


def test_networks_that_diverged_are_named_and_do_not_count_otherwise() -> None:
    experiment = critical_samples(3)
    results = diverged(made(experiment, guessing), 0, EPOCHS[2])
    failure, said = experiment.cautions(results)
    assert failure == experiment.failures(results)
    assert "2 of 2 networks" in said


def of_sweep(sweep: GridSweep, **numbers: np.ndarray) -> xr.Dataset:
    """Return made-up results of all members: each of `numbers` over (member, epoch)."""
    measured = {name: (("member", "epoch"), values) for name, values in numbers.items()}
    results = xr.Dataset(measured, sweep.coordinates())
    results["diverged_epoch"] = ("member", np.full(len(sweep.members), NEVER))
    return results.assign_attrs(n_classes=10)


def test_settings_are_named_where_there_are_several() -> None:
    experiment = dataclasses.replace(Capacity.for_scale("tiny", FACTS), seeds=2, removed_levels=())
    sweep = experiment.sweep()
    width = sweep.coordinates()["width"][1]
    accuracy = np.where(width == 4, 0.1, 0.9)[:, None] * np.ones(3)
    results = of_sweep(sweep, training_accuracy=accuracy, validation_accuracy=accuracy).assign_coords(epoch=[0, 8, 30])
    (said,) = experiment.cautions(results)
    assert "width 4: 2 of 2 networks" in said
    assert "width 16" not in said


def test_strong_regularizers_may_end_at_chance() -> None:
    experiment = dataclasses.replace(Regularization.for_scale("tiny", FACTS), seeds=2)
    sweep = experiment.sweep()
    names = {one.name for curve in experiment.curves for one in curve.regularizers}
    is_plain = np.all([sweep.coordinates()[name][1] == 0 for name in names], axis=0)
    for near, n in ((~is_plain, 0), (is_plain, 1)):
        accuracy = np.where(near, 0.1, 0.9)[:, None] * np.ones(3)
        results = of_sweep(sweep, training_accuracy=accuracy, validation_accuracy=accuracy)
        assert len(experiment.cautions(results.assign_coords(epoch=[0, 50, 100]))) == n


def test_where_only_losses_are_known_they_tell_of_chance() -> None:
    experiment = dataclasses.replace(Convergence.for_scale("tiny", FACTS), seeds=2)
    sweep = experiment.sweep()
    is_noisy = sweep.coordinates()[RandX.id][1] > 0
    for loss, n in ((np.log(10), 1), (0.5, 0)):
        losses = np.where(is_noisy, np.log(10), loss)[:, None]
        found = experiment.cautions(of_sweep(sweep, batch_loss=losses).assign_coords(epoch=[150]))
        assert len(found) == n
        assert all("training loss 2.30 nats" in said for said in found)


def test_a_ranking_that_says_little_is_doubted_and_one_that_says_much_is_not() -> None:
    experiment = easy_examples(20)
    assert experiment.cautions(made_errors(experiment, patterns)) == []
    (said,) = experiment.cautions(made_errors(experiment, noise_only))
    assert said.startswith("The ranking of examples says little")
    (failure,) = experiment.cautions(without(made_errors(experiment, patterns), 0))
    assert "diverged" in failure
