"""The choice of size and epochs: candidates, the rule of one standard error, and words about weak networks."""

import numpy as np
import pytest
import xarray as xr

from byheart.auditing.choice import CNNS, LINEAR, MLPS, candidates, choice_sweep, chosen, largest_recipe
from byheart.auditing.settings import AuditSettings
from byheart.auditing.weakness import weaknesses
from byheart.networks.mlp import MLP

COUNTS = (500, 500)
OWN = MLP((7,))


@pytest.mark.parametrize(
    ("settings", "shape", "n", "expected"),
    [
        (AuditSettings(), (8, 8, 1), 1000, ((LINEAR, *MLPS), (10, 20, 40))),
        (AuditSettings(), (30,), 5000, ((LINEAR, *MLPS), (5, 10, 20))),
        (AuditSettings(), (32, 32, 3), 5000, ((LINEAR, *CNNS), (5, 10, 20))),
        (AuditSettings(), (32, 33, 1), 5000, ((LINEAR, *CNNS), (5, 10, 20))),
        (AuditSettings(), (28, 28, 1), 5000, ((LINEAR, *MLPS), (5, 10, 20))),
        (AuditSettings(), (4, 4, 3), 5000, ((LINEAR, *MLPS), (5, 10, 20))),
        (AuditSettings(architecture=OWN), (30,), 1000, ((LINEAR, OWN), (10, 20, 40))),
        (AuditSettings(architecture=LINEAR), (30,), 1000, ((LINEAR,), (10, 20, 40))),
        (AuditSettings(epochs=3), (30,), 1000, ((LINEAR, *MLPS), (3,))),
        (AuditSettings(architecture=OWN, epochs=3), (30,), 1000, ((LINEAR,), (3,))),
    ],
)
def test_the_candidates_are_those_that_the_page_names(
    settings: AuditSettings, shape: tuple[int, ...], n: int, expected: tuple[object, object]
) -> None:
    assert candidates(settings, shape, n) == expected


def found(accuracy: list[list[float]]) -> xr.Dataset:
    """Return results of pairs whose accuracies differ by as much from these as from each other."""
    pairs = np.array([[[value - 0.01, value + 0.01] for value in row] for row in accuracy])
    members = pairs.transpose(0, 2, 1).reshape(-1, len(accuracy[0]))
    return xr.Dataset({"held_out_accuracy": (("member", "epoch"), members)})


@pytest.mark.parametrize(
    ("accuracy", "architecture", "epochs"),
    [
        ([[0.6, 0.7, 0.7], [0.7, 0.8, 0.8], [0.8, 0.85, 0.9]], MLPS[1], 40),
        ([[0.6, 0.7, 0.7], [0.7, 0.8, 0.9], [0.8, 0.895, 0.9]], MLPS[0], 40),
        ([[0.9, 0.9, 0.9], [0.9, 0.9, 0.9], [0.9, 0.9, 0.9]], LINEAR, 10),
        ([[0.6, 0.7, 0.7], [np.nan, np.nan, np.nan], [0.8, 0.895, 0.9]], MLPS[1], 20),
    ],
)
def test_the_fastest_within_a_standard_error_of_the_best_is_chosen(
    accuracy: list[list[float]], architecture: MLP, epochs: int
) -> None:
    choice = chosen(AuditSettings(), found(accuracy), (30,), COUNTS)
    assert (choice.recipe.architecture, choice.recipe.epochs) == (architecture, epochs)
    assert choice.linear_accuracy == pytest.approx(max(accuracy[0]))
    assert len(choice.accuracies) == 9


def test_a_given_architecture_is_kept_even_if_linear_networks_are_better() -> None:
    choice = chosen(AuditSettings(architecture=OWN), found([[0.9] * 3, [0.6, 0.8, 0.8]]), (30,), COUNTS)
    assert (choice.recipe.architecture, choice.recipe.epochs) == (OWN, 20)
    both = chosen(AuditSettings(architecture=OWN, epochs=3), found([[0.9]]), (30,), COUNTS)
    assert (both.recipe.architecture, both.recipe.epochs) == (OWN, 3)


def test_the_estimate_of_time_is_that_of_the_slowest_candidate() -> None:
    recipe = largest_recipe(AuditSettings(), (30,), COUNTS)
    assert (recipe.architecture, recipe.epochs) == (MLPS[1], 40)
    assert {point.recipe.epochs for point in choice_sweep(AuditSettings(), (30,), COUNTS).members} == {40}


@pytest.mark.parametrize(
    ("accuracy", "linear", "diverged", "words"),
    [
        (0.9, 0.9, 0, []),
        (0.52, 0.5, 0, ["always naming the most frequent class 50.0%"]),
        (0.7, 0.9, 0, ["and linear classifiers 90.0%"]),
        (0.9, 0.9, 3, ["3 networks diverged"]),
    ],
)
def test_networks_that_are_too_weak_are_said_to_be(
    accuracy: float, linear: float, diverged: int, words: list[str]
) -> None:
    said = weaknesses(np.array([accuracy, np.nan]), linear, COUNTS, diverged)
    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


def test_a_weak_learner_is_not_told_to_change_the_settings_of_networks() -> None:
    for accuracy, linear in ((0.52, 0.5), (0.7, 0.9)):
        (said,) = weaknesses(np.array([accuracy]), linear, COUNTS, 0, is_learner=True)
        assert said.startswith("The classifiers are too weak")
        assert said.endswith("Give another learner.")
