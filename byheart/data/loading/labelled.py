"""Labelled examples as a source holds them."""

import dataclasses

import numpy as np
from jaxtyping import Bool


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LabelledExamples:
    """Labelled examples as a source holds them, before classes are numbered and parts are split.

    Attributes:
        inputs: images (example, height, width, channel) or vectors (example, feature), as `Dataset` takes them.
        labels: (example,) strings, integers of any values, or booleans.
        ids: (example,) strings: file names, values of an id column, or row numbers.
        name: of the data in reports.
        class_names: in a stated order; empty: numbers by value, then strings by code point.
        part: (example,) "training" or "validation", and "test" until `without_test`; None: one part, to be split.
        group: (example,) strings; examples of one group stay in one part. None: no groups.
        shown: (example,) texts to show in place of inputs; None: inputs are shown.
        feature_names: of vectors, those of `source_inputs` if there are any; empty: unknown.
        source_inputs: (example, *input) inputs of the source, to be shown, if `inputs` are an embedding of them; None:
            `inputs` are those of the source.
        folder: absolute path of the folder below which `ids` name files; empty: they name no files.
        left_out: ids of examples that were left out when the source was read, such as pictures that cannot be decoded.
        notes: sentences for the user: what was skipped, filled in or encoded.
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    name: str
    class_names: tuple[str, ...] = ()
    part: np.ndarray | None = None
    group: np.ndarray | None = None
    shown: np.ndarray | None = None
    feature_names: tuple[str, ...] = ()
    source_inputs: np.ndarray | None = None
    folder: str = ""
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def without_test(examples: LabelledExamples) -> LabelledExamples:
    """Return the examples for training and validation, without those whose part is "test"."""
    if examples.part is None or not (is_test := examples.part == "test").any():
        return examples
    return without(examples, is_test)


def without(examples: LabelledExamples, is_out: Bool[np.ndarray, " example"]) -> LabelledExamples:
    """Return the examples without those that are marked, whose ids are among `left_out`."""
    if not is_out.any():
        return examples
    fields = {name: getattr(examples, name) for name in ("inputs", "labels", "ids", "part", "group", "shown")}
    return dataclasses.replace(
        examples,
        left_out=(*examples.left_out, *map(str, examples.ids[is_out])),
        **{name: value[~is_out] for name, value in fields.items() if value is not None},
    )
