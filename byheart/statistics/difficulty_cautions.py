"""What to know of examples' difficulty before trusting it: networks at chance, and a ranking that says little."""

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
    """Sentences about networks that were trained on data without noise; none where all is well.

    Args:
        accuracy: of each network, on the examples.
        counts: networks that misclassify each example.
        half_correlation: rank correlation between the rates by two halves of the networks; NaN where there is none.
        class_counts: (class,), examples of each.
    """
    guessing, said = guessing_accuracy(class_counts), []
    is_near = is_near_chance(accuracy, len(counts), guessing)
    if is_near.mean() >= MANY:
        words = f"{is_near.sum()} of {is_near.size} networks (training accuracy {accuracy.mean():.2f})"
        said.append(chance_in_words(guessing, [words]))
    ranking = ranking_in_words(counts, len(accuracy), half_correlation)
    return [*said, *([ranking] if ranking else [])]
