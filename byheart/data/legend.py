"""How the examples of a source are told to people: names of features, and texts in place of inputs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped


@dataclass(frozen=True, eq=False)
class Legend:
    """What a source says about its examples besides their numbers.

    Attributes:
        feature_names: (feature,) of vectors; empty: unknown.
        shown: (whole,) a text for each example of the source, at the positions in `Dataset.index`; None: no texts.
    """

    feature_names: tuple[str, ...] = ()
    shown: Shaped[np.ndarray, " whole"] | None = None
