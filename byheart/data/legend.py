"""The legend of a data set, for reports: names of features, and texts or inputs that are shown in place of inputs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Num, Shaped


@dataclass(frozen=True, eq=False)
class Legend:
    """Names of features, and what a source holds of its examples beside the numbers that networks see.

    Attributes:
        feature_names: (feature,) of vectors; empty: unknown.
        shown: (whole,) a text for each example of the source, at the positions in `Dataset.index`; None: no texts.
        inputs: (whole, *input) the inputs of the source, if networks see an embedding of them: images as uint8 or in
            [0, 1], or vectors, whose features `feature_names` then names; at the positions in `Dataset.index`. None:
            the inputs of the data set are those of the source.
        folder: absolute path of the folder below which `Dataset.ids` name files; empty: they name no files.
    """

    feature_names: tuple[str, ...] = ()
    shown: Shaped[np.ndarray, " whole"] | None = None
    inputs: Num[np.ndarray, "whole *input"] | None = None
    folder: str = ""
