"""Counted costs against closed forms, counts by hand and the program that trains."""

import dataclasses
import itertools
import math
from typing import ClassVar

import jax
import jax.numpy as jnp
import pytest
from jaxtyping import Array, Float, Key
from worlds import blobs

from byheart.checks import BadInput
from byheart.critical.lass import LASS
from byheart.data.member_view import TracedView, noisy_split
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.networks.blocks import MOST_AT_ONCE
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture, Hidden, Network, untouched
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout
from byheart.training.cost import (
    CLASSIFIED_AT_ONCE,
    CPU_CORE,
    H100,
    Cost,
    Machine,
    operations,
    training_cost,
)
from byheart.training.epoch import TracedMember, initial_state, train_epoch
from byheart.training.measuring_cost import measuring_cost
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.training.regularizer import Regularizer

MNIST = (28, 28, 1)
MACHINE = Machine("test", operations_per_second=100.0, bytes_per_second=10.0, seconds_per_update=2.0, memory_bytes=1e6)


def weights(widths: tuple[int, ...], n_pixels: int = 784, n_classes: int = 10) -> list[int]:
    return [n_in * n_out for n_in, n_out in itertools.pairwise((n_pixels, *widths, n_classes))]


@pytest.mark.parametrize("widths", [(), (16,), (32, 24), (8, 8, 8)])
def test_an_update_of_an_mlp_takes_6_operations_a_weight_and_example_and_4_in_its_first_layer(
    widths: tuple[int, ...],
) -> None:
    first, *others = weights(widths)
    cost = training_cost(Recipe(MLP(widths), batch_size=20, epochs=3), 110, MNIST, 10)
    assert cost.updates == 3 * 5
    assert cost.operations == 15 * 20 * (4 * first + 6 * sum(others))


def test_classifying_takes_2_operations_a_weight_and_example_in_whole_blocks() -> None:
    recipe = Recipe(MLP((16,)), batch_size=20, epochs=3)
    without = training_cost(recipe, 100, MNIST, 10)
    for n, in_blocks in ((1, 1), (250, 250), (251, 500), (1000, 1000)):
        cost = training_cost(recipe, 100, MNIST, 10, classified_each_epoch=n)
        assert cost.operations - without.operations == 3 * in_blocks * 2 * sum(weights((16,)))
        assert cost.updates == without.updates
        read = -(-n // 250) * 4 * (sum(weights((16,))) + 26)
        assert cost.bytes_moved - without.bytes_moved == 3 * read


def test_blocks_are_those_of_the_measures() -> None:
    assert CLASSIFIED_AT_ONCE == MOST_AT_ONCE


def test_measuring_accuracy_classifies_both_parts_in_whole_blocks() -> None:
    cost = measuring_cost((Accuracy(),), Recipe(MLP((16,))), 300, 100, MNIST, 10)
    assert cost.operations == (500 + 100) * 2 * sum(weights((16,)))
    assert measuring_cost((), Recipe(MLP((16,))), 300, 100, MNIST, 10).operations == 0


def test_searching_counts_a_forward_and_a_backward_pass_for_each_step_and_sample() -> None:
    """40 samples of each set take three quarters of 20 steps; the loop, which is traced once, has one step more."""
    measure = CriticalSampleRatio(0.1, LASS(budget=20), ("validation", "training"), n_samples=40)
    of = Recipe(MLP((16,))), 300, 100, MNIST, 10
    assert measure.search_steps(300, 100) == 2 * 40 * 20
    assert measure.search_steps(30, 100) == (30 + 40) * 20
    cost = measuring_cost((measure,), *of)
    steps = 0.75 * 2 * 40 * 20
    one_pass = 2 * sum(weights((16,)))
    assert steps * 2 * one_pass < cost.operations < 1.2 * steps * 2 * one_pass
    assert cost.updates == steps / 16
    radii = RadiusSweep((0.1, 0.2, 0.3), LASS(budget=20, restarts=1), n_samples=None)
    assert radii.search_steps(300, 100) == 3 * 100 * 20 * 2
    assert measuring_cost((radii,), *of).operations > 2 * cost.operations


def test_a_convolutional_network_as_counted_by_hand() -> None:
    """28 pixels a side; 24 cropped, 22 after a convolution, 7 pooled, 5 after the other, 1 pooled."""
    architecture = CNN(channels=(6, 8), dense=(12,), crop=2, kernel=3, pool=3)
    first = 22 * 22 * 6 * 9
    second = 5 * 5 * 8 * (9 * 6)
    dense = 8 * 12 + 12 * 10
    cost = training_cost(Recipe(architecture, batch_size=4, epochs=1), 8, MNIST, 10)
    assert cost.operations == 2 * 4 * (4 * first + 6 * (second + dense))


@pytest.mark.parametrize(
    "architecture",
    [MLP((7, 5)), CNN(channels=(3,), dense=(5,), crop=0, kernel=2, pool=2)],
    ids=lambda a: type(a).__name__,
)
@pytest.mark.parametrize(
    ("steps", "regularizers"), [(None, ()), (2, ()), (None, (Dropout(), AdversarialTraining()))], ids=str
)
def test_as_many_operations_as_in_the_program_that_trains(
    architecture: Architecture, steps: int | None, regularizers: tuple[Regularizer, ...]
) -> None:
    split = blobs(40, 10)
    recipe = Recipe(architecture, SGD(0.1, momentum=0.9), 8, epochs=1, steps=steps, regularizers=regularizers)
    data = noisy_split(split).for_member(TracedView()).training
    member = TracedMember(jnp.array(0), TracedView(), jnp.array(0.1), jnp.zeros(len(regularizers)))
    state = initial_state(recipe, member, split.input_shape, split.n_classes)
    program = jax.make_jaxpr(lambda state: train_epoch(recipe, state, member, data, steps))(state)
    cost = training_cost(recipe, 40, split.input_shape, split.n_classes)
    assert cost.updates == (5 if steps is None else steps)
    assert cost.operations == operations(program.jaxpr) > 0


@dataclasses.dataclass(frozen=True)
class Mixed:
    """A custom architecture: a strided convolution, a layer used three times in a loop, a branch, and a dense layer."""

    width: ClassVar[int] = 3
    depth: ClassVar[int] = 1

    def resized(self, width: int | None, depth: int | None) -> "Mixed":
        del width, depth
        return self

    def check(self, input_shape: tuple[int, int, int]) -> None:
        del input_shape

    def build(self, input_shape: tuple[int, int, int], n_classes: int, key: Key[Array, ""]) -> "MixedNetwork":
        del input_shape, key
        return MixedNetwork(jnp.ones((2, 2, 1, 3)), jnp.ones((12, 12)), jnp.ones((12, n_classes)))


class MixedNetwork(Network):
    kernel: Float[Array, "row column input output"]
    loop: Float[Array, "unit unit"]
    last: Float[Array, "unit class"]

    def __call__(self, images: Float[Array, "batch height width channel"]) -> Float[Array, "batch class"]:
        maps = jax.lax.conv_general_dilated(
            images, self.kernel, (2, 2), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x, _ = jax.lax.scan(lambda x, _: (jnp.tanh(x @ self.loop), None), maps.reshape(-1, 12), length=3)
        x = jax.lax.cond(x.sum() > 0, lambda x: x @ self.loop, lambda x: x, x)
        return x @ self.last

    def in_training(
        self, images: Float[Array, "batch height width channel"], hidden: Hidden = untouched
    ) -> tuple[Float[Array, "batch class"], "MixedNetwork"]:
        return self(images), self


def test_any_architecture_is_counted_inside_loops_and_convolutions() -> None:
    """Count for 4 x 4 pixels.

    The convolution makes 2 x 2 x 3 outputs from windows of 4 pixels; the loop runs 3 times, and its layer once more in
    the branch.
    """
    cost = training_cost(Recipe(Mixed(), batch_size=5, epochs=2), 10, (4, 4, 1), 3, classified_each_epoch=10)
    convolution, loop, last = 12 * 4, 4 * 12 * 12, 12 * 3
    forward = convolution + loop + last
    backward = convolution + 2 * (loop + last)  # the gradient of the first layer's inputs is not needed
    assert cost.operations == 2 * 2 * 2 * 5 * (forward + backward) + 2 * 2 * 10 * forward


def test_a_transposed_convolution_does_not_multiply_the_zeros_between_its_inputs() -> None:
    x, kernel = jnp.ones((1, 5, 5, 2)), jnp.ones((2, 2, 2, 3))
    forward = jax.make_jaxpr(
        lambda x: jax.lax.conv_general_dilated(
            x, kernel, (1, 1), ((0, 0), (0, 0)), lhs_dilation=(2, 2), dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
    )(x)
    assert operations(forward.jaxpr) == 2 * (8 * 8 * 3) * (2 * 2 * 2) // 4


def test_bytes_are_6_passes_over_the_parameters_and_2_over_momentum() -> None:
    n_parameters = sum(weights((16,))) + 16 + 10
    plain = training_cost(Recipe(MLP((16,)), SGD(0.1), batch_size=20, epochs=2), 100, MNIST, 10)
    momentum = training_cost(Recipe(MLP((16,)), SGD(0.1, 0.9), batch_size=20, epochs=2), 100, MNIST, 10)
    assert plain.state_bytes == 4 * n_parameters
    assert momentum.state_bytes == 2 * plain.state_bytes
    assert plain.bytes_moved == 10 * 6 * 4 * n_parameters
    assert momentum.bytes_moved == 10 * (6 + 2) * 4 * n_parameters


def test_running_statistics_are_held_and_are_no_parameters() -> None:
    architecture = CNN(channels=(3,), dense=(), crop=0, kernel=2, pool=2)
    cost = training_cost(Recipe(architecture, batch_size=5, epochs=1), 5, (4, 4, 1), 3)
    parameters, statistics = 4 * 3 + 2 * 3 + (3 * 3 + 3), 2 * 3
    assert cost.state_bytes == 4 * (parameters + statistics)
    assert cost.bytes_moved == 4 * (6 * parameters + 2 * statistics)


def test_nothing_is_allocated() -> None:
    """These networks would take 4 TB."""
    cost = training_cost(Recipe(MLP((1_000_000, 1_000_000))), 60_000, MNIST, 10, classified_each_epoch=60_000)
    assert cost.state_bytes > 4e12


def test_updates_end_within_the_last_epoch() -> None:
    recipe = Recipe(MLP((4,)), batch_size=10, epochs=2, steps=13)
    cost = training_cost(recipe, 100, MNIST, 10)
    whole = training_cost(dataclasses.replace(recipe, steps=None), 100, MNIST, 10)
    assert (cost.updates, whole.updates) == (13, 20)
    assert cost.operations / whole.operations == pytest.approx(13 / 20)


def test_seconds_are_the_longer_of_products_and_memory_and_what_updates_take() -> None:
    assert Cost(1000, 10, 3, 8).seconds(MACHINE) == 10 + 6
    assert Cost(10, 1000, 3, 8).seconds(MACHINE) == 100 + 6
    assert Cost(10, 1000, 3, 8).seconds(MACHINE, at_once=6) == 100 + 1


def test_costs_add_up() -> None:
    one, other = Cost(1, 2, 3, 4), Cost(10, 20, 30, 40)
    assert one + other == Cost(11, 22, 33, 44)
    assert one + one + one == one * 3
    assert one * 0 == Cost(0, 0, 0, 0)


def test_known_machines_are_in_order() -> None:
    assert CPU_CORE.operations_per_second < H100.operations_per_second
    assert CPU_CORE.bytes_per_second < H100.bytes_per_second
    cost = training_cost(Recipe(MLP((256, 256)), epochs=10), 1000, MNIST, 10)
    assert cost.seconds(H100, at_once=64) < cost.seconds(CPU_CORE)


def test_bad_values_are_refused() -> None:
    with pytest.raises(BadInput, match="`operations_per_second` must be a finite number above 0; got 0"):
        dataclasses.replace(MACHINE, operations_per_second=0.0)
    with pytest.raises(BadInput, match="`seconds_per_update` must be a finite number of at least 0"):
        dataclasses.replace(MACHINE, seconds_per_update=-1.0)
    with pytest.raises(BadInput, match="`operations` must be a finite number of at least 0"):
        Cost(math.nan, 1, 1, 1)
    with pytest.raises(BadInput, match="`at_once` must be a whole number of at least 1; got 0"):
        Cost(1, 1, 1, 1).seconds(MACHINE, at_once=0)
    with pytest.raises(BadInput, match="`n_members` must be a whole number of at least 0; got -1"):
        Cost(1, 1, 1, 1) * -1


def test_what_cannot_be_trained_has_no_cost() -> None:
    with pytest.raises(BadInput, match="`batch_size` must be at most the number of training examples, 10; got 32"):
        training_cost(Recipe(MLP((4,))), 10, MNIST, 10)
    with pytest.raises(BadInput, match="needs images of at least"):
        training_cost(Recipe(CNN()), 100, (8, 8, 1), 10)
    with pytest.raises(BadInput, match="`classified_each_epoch` must be a whole number of at least 0; got -1"):
        training_cost(Recipe(MLP((4,))), 100, MNIST, 10, classified_each_epoch=-1)
