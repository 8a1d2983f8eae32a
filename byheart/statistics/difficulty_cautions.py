"""Cautions about measured difficulty of examples: networks at chance, and rankings that are not reliable."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from byheart.statistics.chance import MANY, chance_in_words, guessing_accuracy, is_near_chance
from byheart.statistics.split_half import ranking_in_words


def difficulty_cautions(
    accuracy: Float[np.ndarray, " seed"],
    counts: Int[np.ndarray, " example"],
    half_correlation: float,
    class_counts: npt.ArrayLike,
) -> list[str]:
    """Return cautions about networks that were trained on data without noise, as sentences; none if all is well.

    Args:
        accuracy: (seed,), accuracy of each network on the examples.
        counts: (example,), number of networks that misclassify each example.
        half_correlation: rank correlation between the rates of two halves of the networks; NaN if there is none.
        class_counts: (class,), number of examples of each class.
    """
    guessing, said = guessing_accuracy(class_counts), []
    is_near = is_near_chance(accuracy, len(counts), guessing)
    if is_near.mean() >= MANY:
        words = f"{is_near.sum()} of {is_near.size} networks (training accuracy {accuracy.mean():.2f})"
        said.append(chance_in_words(guessing, [words]))
    ranking = ranking_in_words(counts, len(accuracy), half_correlation)
    return [*said, *([ranking] if ranking else [])]
