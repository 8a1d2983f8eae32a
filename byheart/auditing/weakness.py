"""Sentences about networks that are too weak to judge labels."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from byheart.statistics.chance import guessing_accuracy, is_near_chance

BELOW_LINEAR = 0.02
"""Networks are too weak if their held-out accuracy lies this far below that of linear classifiers."""


def weaknesses(
    held_out_accuracy: Float[np.ndarray, " pair"],
    linear_accuracy: float,
    class_counts: Sequence[int],
    n_diverged: int,
    is_learner: bool = False,
) -> list[str]:
    """Return sentences that say why the networks are too weak to judge; none if they are not.

    Args:
        held_out_accuracy: (pair,), share of the examples predicted as labelled by the network that did not see them.
        linear_accuracy: the same for the best of linear networks, trained alike, and logistic regression.
        class_counts: number of examples of each class.
        n_diverged: number of networks that diverged.
        is_learner: the "networks" are classifiers of a learner, which has settings of its own.
    """
    who = "classifiers" if is_learner else "networks"
    sentences, guessing = [], guessing_accuracy(list(class_counts))
    known = held_out_accuracy[np.isfinite(held_out_accuracy)]
    accuracy = float(known.mean())
    if is_near_chance([accuracy], sum(class_counts), guessing).any():
        sentences.append(
            f"The {who} are too weak to judge: on examples that they did not see, they predict {accuracy:.1%} of "
            f"the labels, and always naming the most frequent class {guessing:.1%}. "
            + ("Give another learner." if is_learner else "Give more epochs, another architecture or learning rate.")
        )
    elif accuracy < linear_accuracy - BELOW_LINEAR:
        sentences.append(
            f"The {who} are too weak to judge: on examples that they did not see, they predict {accuracy:.1%} of "
            f"the labels, and linear classifiers {linear_accuracy:.1%}. "
            + ("Give another learner." if is_learner else "Let `architecture` and `epochs` be chosen, or give others.")
        )
    if n_diverged:
        sentences.append(f"{n_diverged} networks diverged and are left out. Choose a smaller learning rate.")
    return sentences
