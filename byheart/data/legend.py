"""The legend of a data set, for reports: names of features, and texts that are shown in place of inputs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped


@dataclass(frozen=True, eq=False)
class Legend:
    """Names of features and texts of examples, which a source holds beside the numbers.

    Attributes:
        feature_names: (feature,) of vectors; empty: unknown.
        shown: (whole,) a text for each example of the source, at the positions in `Dataset.index`; None: no texts.
    """

    feature_names: tuple[str, ...] = ()
    shown: Shaped[np.ndarray, " whole"] | None = None
