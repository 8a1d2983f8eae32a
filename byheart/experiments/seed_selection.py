"""Selection, for each seed, of a place (such as a regularizer) by the seeds before it.

A place chosen by its own value looks better than it is. If all other seeds choose, each number is right on average,
but the numbers depend on each other: chance that favors one place in most seeds makes these seeds choose it for each
other, and their numbers agree too well. With 5 seeds and six places that do not differ, 8 of 100 such claims hold
(docs/verdicts.md). The seeds before a seed depend neither on it nor on later seeds, so that the numbers do not depend
on each other. The first seed only chooses.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float


def chosen_by_earlier_seeds(
    values: Float[np.ndarray, "seed place *number"], choose: Callable[..., np.intp] = np.argmax
) -> Float[np.ndarray, "seed *number"]:
    """Return each seed's value at the place that `choose` selects from the mean of the seeds before.

    The result is NaN for the first seed and for seeds with a NaN, which do not vote. A single complete seed chooses for
    itself. A place may have several numbers.

    >>> chosen_by_earlier_seeds(np.array([[0.0, 1.0], [5.0, 2.0], [3.0, 4.0]]))
    array([nan,  2.,  3.])
    """
    is_whole = ~np.isnan(values).any(axis=tuple(range(1, values.ndim)))
    found = np.full((len(values), *values.shape[2:]), np.nan)
    for seed in np.flatnonzero(is_whole):
        before = is_whole & (np.arange(len(values)) < seed)
        if before.any() or is_whole.sum() == 1:
            found[seed] = values[seed, choose(values[before if before.any() else [seed]].mean(axis=0))]
    return found
