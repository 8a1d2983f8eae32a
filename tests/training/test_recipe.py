"""Recipes, members and grids: valid and invalid arguments."""

import re

import pytest
from worlds import as_called

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.networks.mlp import MLP
from byheart.training.member import Member, grid
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SHAPE = (4, 4, 1)


def test_a_grid_holds_every_combination_once_seed_after_seed() -> None:
    members = grid(seed=range(3), rand_x=[0.0, 0.5], rand_y=[0.0, 0.2, 0.4], learning_rate=[None, 0.1])
    assert len(members) == len(set(members)) == 36
    assert [member.seed for member in members] == [0] * 12 + [1] * 12 + [2] * 12
    assert members[1] == Member(0, learning_rate=0.1)


def test_a_grid_of_nothing_is_one_default_member() -> None:
    assert grid() == [Member()]


def test_an_axis_without_values_gives_no_member() -> None:
    assert grid(seed=()) == []


def test_the_recipes_learning_rate_holds_where_a_member_has_none() -> None:
    assert Member().learning_rate_or(0.3) == 0.3
    assert Member(learning_rate=0.0).learning_rate_or(0.3) == 0.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": -1}, "`seed` must be a whole number of at least 0; got -1."),
        ({"learning_rate": -0.1}, "`learning_rate` must be a finite number of at least 0; got -0.1."),
        ({"learning_rate": float("inf")}, "`learning_rate` must be a finite number of at least 0; got inf."),
    ],
)
def test_a_member_out_of_range_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        Member(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": float("nan")}, "`learning_rate` must be a finite number of at least 0; got nan."),
        ({"momentum": 1.1}, "`momentum` must be between 0 and 1; got 1.1. Is that a percentage? Pass 0.011."),
        ({"halve_every": 0}, "`halve_every` must be a whole number of at least 1; got 0."),
    ],
)
def test_an_optimizer_out_of_range_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        SGD(**settings)


@pytest.mark.parametrize("name", ["batch_size", "epochs", "steps"])
def test_a_recipe_needs_at_least_one_epoch_of_batches_of_at_least_one(name: str) -> None:
    with pytest.raises(BadInput, match=rf"`{name}` must be a whole number of at least 1; got 0."):
        Recipe(MLP((4,)), **{name: 0})


def test_a_batch_larger_than_the_data_is_refused() -> None:
    recipe = Recipe(MLP((4,)), batch_size=8)
    recipe.check(SHAPE, 8)
    with pytest.raises(BadInput, match=r"`batch_size` must be at most the number of training examples, 7; got 8."):
        recipe.check(SHAPE, 7)


@pytest.mark.parametrize("steps", [11, 20])
def test_training_may_end_anywhere_in_its_last_epoch(steps: int) -> None:
    recipe = Recipe(MLP((4,)), batch_size=8, epochs=2, steps=steps)
    recipe.check(SHAPE, 83)
    assert recipe.steps_in_last_epoch(83) == steps - 10


@pytest.mark.parametrize(("steps", "epochs"), [(10, 1), (21, 3), (1, 1)])
def test_training_that_ends_in_another_epoch_is_refused(steps: int, epochs: int) -> None:
    recipe = Recipe(MLP((4,)), batch_size=8, epochs=2, steps=steps)
    message = f"`steps` must end in epoch 2, the last one: 11 to 20; got {steps}. `epochs` must be {epochs} for it."
    with pytest.raises(BadInput, match=re.escape(message)):
        recipe.check(SHAPE, 83)


@pytest.mark.parametrize("epochs", [[0], [3], [0, 1, 2, 3], (1, 3), range(4)])
def test_measured_epochs_may_be_any_ascending_ones_up_to_the_last(epochs: list[int]) -> None:
    assert Recipe(MLP((4,)), epochs=3).check_measured_epochs(epochs) == tuple(epochs)


def test_the_last_epoch_alone_is_measured_unless_said() -> None:
    assert Recipe(MLP((4,)), epochs=3).check_measured_epochs(None) == (3,)


@pytest.mark.parametrize("epochs", [[], [-1, 2], [4], [2, 1], [1, 1]])
def test_measured_epochs_out_of_range_or_order_are_refused(epochs: list[int]) -> None:
    with pytest.raises(BadInput, match="`measured_epochs` must be strictly increasing within 0 to 3, the number"):
        Recipe(MLP((4,)), epochs=3).check_measured_epochs(epochs)


def test_a_grid_takes_noise_of_any_kind_beside_the_short_way() -> None:
    flips = ClassFlips.to_next(0.2, 3)
    members = grid(seed=[7], rand_x=[0.0, 0.5], noise=[(), flips, (flips, RandY(0.4))])
    assert [member.noise for member in members] == [
        *((), (flips,), (flips, RandY(0.4))),
        *((RandX(0.5),), (flips, RandX(0.5)), (flips, RandX(0.5), RandY(0.4))),
    ]
    assert members[-1].level("class_flips") == 0.2
    assert members[0].level("class_flips") == 0
    with pytest.raises(BadInput, match="`noise` may hold one noise of each kind"):
        grid(rand_y=[0.4], noise=[RandY(0.2)])


def test_a_member_keeps_one_order_of_its_noises() -> None:
    assert Member(0, (RandY(0.1), RandX(0.2))) == Member(0, (RandX(0.2), RandY(0.1)))
    assert as_called(Member, noise=RandY(0.1)) == Member(noise=(RandY(0.1),))
