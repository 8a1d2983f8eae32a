"""What a reader must know of the rates of easy-examples: networks at chance, and a ranking of examples that says little."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from byheart.experiments.cautions import FEW, chance_in_words
from byheart.measures.chance import guessing_accuracy, is_near_chance
from byheart.measures.split_half import ranking_in_words, split_half_correlation


def cautions_of(errors: Bool[np.ndarray, "seed example"], class_counts: Sequence[int]) -> list[str]:
    """Of the errors of networks of real data; none where no network is there."""
    if len(errors) == 0:
        return []
    accuracy, guessing = 1 - errors.mean(axis=1), guessing_accuracy(class_counts)
    is_near, said = is_near_chance(accuracy, errors.shape[1], guessing), []
    if is_near.mean() >= FEW:
        words = f"{is_near.sum()} of {is_near.size} networks (training accuracy {accuracy.mean():.2f})"
        said.append(chance_in_words(guessing, [words]))
    halves = split_half_correlation(errors) if len(errors) > 1 else np.array([np.nan])
    ranking = ranking_in_words(errors.sum(axis=0), len(errors), float(halves.mean()))
    return [*said, *([ranking] if ranking else [])]
