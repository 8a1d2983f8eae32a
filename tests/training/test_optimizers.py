"""Optimizers as values: valid and invalid arguments, and equality."""

import dataclasses
import math
import re
from typing import Any

import numpy as np
import optax
import pytest
from worlds import as_called, blobs

from byheart.checks import BadInput
from byheart.literals import text
from byheart.networks.mlp import MLP
from byheart.populations.sweep import PopulationSweep
from byheart.populations.train import train
from byheart.training.member import Member
from byheart.training.optimizers import SGD, Adam, AdamW, Optax, Optimizer, as_optimizer, rate_of
from byheart.training.recipe import Recipe


@pytest.mark.parametrize("optimizer", [SGD(), Adam(), AdamW(), Optax(optax.lion, 1e-4)], ids=repr)
def test_equal_settings_are_equal_and_hash_alike(optimizer: Optimizer) -> None:
    again = dataclasses.replace(optimizer)  # type: ignore[type-var]
    assert again == optimizer
    assert hash(again) == hash(optimizer)
    assert isinstance(optimizer, Optimizer)
    assert as_optimizer(optimizer) is optimizer


def test_a_public_function_is_kept_by_its_name() -> None:
    optimizer = Optax(optax.lion, 1e-4, {"b2": 0.9, "b1": 0.8})
    assert optimizer == Optax("optax:lion", 1e-4, (("b1", 0.8), ("b2", 0.9)))
    assert text(optimizer) == "Optax(make='optax:lion', learning_rate=0.0001, options=(('b1', 0.8), ('b2', 0.9)))"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"make": "optax:lyon", "learning_rate": 0.1}, "There is no name in optax named 'lyon'. Did you mean"),
        ({"make": "optax:lion"}, "`learning_rate` must be given for a function, such as Optax(optax.lion, 1e-4)."),
        ({"make": 3, "learning_rate": 0.1}, "`make` must be a function of the learning rate; got 3."),
        ({"make": optax.adam(0.1), "learning_rate": 0.1}, "`learning_rate` and `options` must be left out"),
        (
            {"make": optax.sgd, "learning_rate": -0.1},
            "`learning_rate` must be a finite number of at least 0; got -0.1.",
        ),
        ({"make": optax.lion, "learning_rate": 0.1, "options": 3}, "`options` must be arguments by name"),
        ({"make": optax.lion, "learning_rate": 0.1, "options": {"b7": 3}}, "cannot take an update with a traced learn"),
        (
            {"make": "builtins:abs", "learning_rate": 0.1},
            "Optax(make='builtins:abs', learning_rate=0.1, options=()) cannot",
        ),
    ],
)
def test_what_makes_no_optimizer_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        as_called(Optax, **settings)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (Adam, {"learning_rate": -1}, "`learning_rate` must be a finite number of at least 0; got -1."),
        (Adam, {"b1": 1.0}, "`b1` must be below 1; got 1."),
        (Adam, {"b2": 1.5}, "`b2` must be between 0 and 1; got 1.5. Is that a percentage? Pass 0.015."),
        (Adam, {"eps": 0.0}, "`eps` must be a finite number above 0; got 0.0."),
        (AdamW, {"eps_root": -1.0}, "`eps_root` must be a finite number of at least 0; got -1.0."),
        (AdamW, {"weight_decay": -1.0}, "`weight_decay` must be a finite number of at least 0; got -1.0."),
    ],
)
def test_settings_out_of_range_are_refused(kind: type, settings: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        kind(**settings)


def test_a_transformation_of_optax_is_trained_with_and_has_no_learning_rate_that_a_member_could_replace() -> None:
    recipe = as_called(Recipe, architecture=MLP((4,)), optimizer=optax.adam(0.1), batch_size=8, epochs=1)
    assert isinstance(recipe.optimizer, Optax)
    assert math.isnan(rate_of(recipe.optimizer))
    split = blobs(16, 4)
    trace = train(recipe, [Member(1)], split).trace
    assert np.isfinite(trace.batch_loss.values[0, -1])
    assert np.isnan(trace.learning_rate.values).all()
    for refused in (
        lambda: PopulationSweep(recipe, (Member(1, learning_rate=0.1),)),
        lambda: train(recipe, [Member(1, learning_rate=0.0)], split),
    ):
        with pytest.raises(BadInput, match="`learning_rate` of a member must be None with a transformation of Optax"):
            refused()


@pytest.mark.parametrize(
    "optimizer",
    [Optax(lambda rate: optax.sgd(rate), 0.1), as_optimizer(optax.sgd(0.1))],
    ids=["lambda", "transformation"],
)
def test_an_optimizer_without_a_name_has_no_text_and_the_message_says_how_to_name_it(optimizer: Optax) -> None:
    with pytest.raises(BadInput, match=re.escape('name that: Optax("my_module:my_optimizer", 0.001).')):
        text(Recipe(MLP((4,)), optimizer))


@pytest.mark.parametrize("given", [3, "adam", optax.adam, SGD, MLP((4,))])
def test_what_is_no_optimizer_is_refused_with_what_is(given: object) -> None:
    with pytest.raises(
        BadInput, match=r"^`optimizer` must be Adam\(...\) or AdamW\(...\) or Optax\(...\) or SGD\(...\) or"
    ):
        as_called(Recipe, architecture=MLP((4,)), optimizer=given)


@dataclasses.dataclass(frozen=True)
class MakesNothing:
    learning_rate: float = 0.1

    def transformation(self, learning_rate: float, steps_per_epoch: int) -> None:
        pass


def test_an_own_optimizer_must_make_one_of_optax_and_one_of_optax_must_need_gradients_alone() -> None:
    with pytest.raises(
        BadInput, match=r"^`optimizer` MakesNothing\(.*\) must make an optax.GradientTransformation; got N"
    ):
        as_called(Recipe, architecture=MLP((4,)), optimizer=MakesNothing())
    with pytest.raises(BadInput, match="cannot take an update with a traced learning rate"):
        as_called(Recipe, architecture=MLP((4,)), optimizer=optax.lbfgs(0.1))


@pytest.mark.parametrize("given", [3, MLP((4,)), lambda logits, targets: (logits**2).sum()], ids=["3", "MLP", "sum"])
def test_what_is_no_loss_of_each_example_is_refused(given: object) -> None:
    with pytest.raises(BadInput, match=r"^`loss` must"):
        as_called(Recipe, architecture=MLP((4,)), loss=given)
