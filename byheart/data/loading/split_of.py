"""Splits of labelled examples: classes are numbered, and examples divided into training and validation data."""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int32, Shaped

from byheart import checks
from byheart.checks import BadInput, Caution
from byheart.data.dataset import Dataset
from byheart.data.input_checks import blocks_of, not_finite
from byheart.data.legend import Legend
from byheart.data.loading.contradictions import contradictions
from byheart.data.loading.grouped import grouped_for_training
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.lookalikes import lookalikes
from byheart.data.loading.numbering import numbered, some_ids
from byheart.data.loading.options import DEFAULT_VALIDATION, share_of
from byheart.data.shared_memory import shared_array
from byheart.data.split import Split
from byheart.data.stratified import drawn_for_training, n_for_validation

PARTS = ("training", "validation")


def split_of(labelled: LabelledExamples, validation: float = DEFAULT_VALIDATION, seed: int = 0) -> Split:
    """Return labelled examples as training and validation data.

    Classes are numbered by `numbered`. The parts are those of `labelled.part`; otherwise a share of the examples,
    rounded up, is drawn for validation within each class, or, if there are groups, by `grouped_for_training`. Examples
    stay in their order; `Dataset.index` is the position among all of them, and `Dataset.ids` their names, unless these
    are just the positions.

    Args:
        labelled: the examples.
        validation: share of the examples to set aside, between 0 and 1; unused if they have parts.
        seed: seed of the draw.

    Raises:
        BadInput: labels that are missing, or that look like measurements; fewer than two classes, or one with too few
            examples; inputs that a `Dataset` refuses; a group in both parts.

    Warns:
        Caution: examples that are exactly equal have different labels, names of classes look alike, or as `Dataset` and
            `Split`.

    Memory: each part once, beside `labelled`. An array of a file, mapped into memory, is never copied as a whole.
    """
    share = share_of("validation", validation)
    checks.count("seed", seed, at_least=0)
    labels, class_names = numbered(labelled.labels, labelled.ids, labelled.class_names)
    _check_lengths(labelled)
    _check_finite(labelled)
    is_training = _drawn(labelled, labels, class_names, share, seed)
    found = (contradictions(labelled.inputs, labels, class_names, labelled.ids), lookalikes(class_names))
    concerns = tuple(concern for concern in found if concern)
    training, validating = _parts(labelled, labels, class_names, is_training)
    for concern in concerns:
        warnings.warn(f"{labelled.name}: {concern}", Caution, stacklevel=2)
    notes = (*labelled.notes, *_notes(labelled, is_training, class_names))
    if labelled.part is None:
        return Split.of_parts(training, validating, notes, concerns)
    return Split(training, validating, notes, concerns)


def _check_lengths(labelled: LabelledExamples) -> None:
    n = len(labelled.ids)
    for name in ("inputs", "part", "group", "shown", "source_inputs"):
        values = getattr(labelled, name)
        if values is not None and len(values) != n:
            raise BadInput(f"`{name}` must have one entry for each of {n} labels; got {len(values)}.")


def _check_finite(labelled: LabelledExamples) -> None:
    """Check that vectors are finite, naming those that are not. Images are checked by `Dataset`."""
    inputs = labelled.inputs
    if inputs.ndim != 2 or inputs.dtype.kind not in "fV":
        return
    is_broken = not_finite(inputs)
    if is_broken.any():
        raise BadInput(
            f"`inputs` must be finite, also as float32; got NaN or infinity in {some_ids(labelled.ids, is_broken)}. "
            "Repair or drop those, or fill in missing numbers."
        )


def _drawn(
    labelled: LabelledExamples,
    labels: Int32[np.ndarray, " example"],
    class_names: tuple[str, ...],
    share: float,
    seed: int,
) -> Bool[np.ndarray, " example"]:
    """Return which examples are for training."""
    group, part = labelled.group, labelled.part
    if part is not None:
        is_training = part == PARTS[0]
        _check_parts(labels, class_names, is_training, part)
        if group is not None and (both := np.intersect1d(group[is_training], group[~is_training])).size:
            raise BadInput(
                f"Groups must lie on one side of the split; {len(both)} have examples in both parts, such as "
                f"{str(both[0])!r}. Move them to one part, or leave the groups out."
            )
        return is_training
    few = {name: count for name, count in zip(class_names, np.bincount(labels), strict=True) if count < 2}
    if len(few) == len(class_names) > 2:
        raise BadInput(
            f"Labels must name classes; each of the {len(labels)} examples has a label of its own, such as "
            f"{next(iter(few))!r}. Do they name the examples? Pass them as `ids` (--id), and name another label."
        )
    if few:
        named = ", ".join(f"{name!r}" for name in list(few)[:10])
        ids = ", ".join(str(labelled.ids[labels == class_names.index(name)][0]) for name in list(few)[:3])
        raise BadInput(
            f"Every class must have at least 2 examples, one for each part; {len(few)} of {len(class_names)} "
            f"class{'es have' if len(few) > 1 else ' has'} only 1: {named}{', ...' * (len(few) > 10)} ({ids}"
            f"{', ...' * (len(few) > 3)}). Add examples, or remove the class."
        )
    n_validation = n_for_validation(len(labels), share)
    if group is not None:
        return grouped_for_training(labels, group, n_validation, seed)
    return drawn_for_training(labels, len(class_names), n_validation, seed, labelled.name)


def _check_parts(
    labels: Int32[np.ndarray, " example"],
    class_names: tuple[str, ...],
    is_training: Bool[np.ndarray, " example"],
    part: Shaped[np.ndarray, " example"],
) -> None:
    if not set(np.unique(part).tolist()) <= set(PARTS):
        raise BadInput(f"`part` must be training or validation; got {', '.join(map(repr, np.unique(part).tolist()))}.")
    for is_here, name in ((is_training, "training"), (~is_training, "validation")):
        if not is_here.any():
            raise BadInput(f"There must be {name} examples; all {len(part)} are in the other part.")
    lacking = [name for number, name in enumerate(class_names) if not (labels[is_training] == number).any()]
    if lacking:
        raise BadInput(
            f"Every class must have a training example; {', '.join(map(repr, lacking[:10]))} "
            f"{'is' if len(lacking) == 1 else 'are'} only in the validation part. Add examples, or remove the class."
        )


def _parts(
    labelled: LabelledExamples,
    labels: Int32[np.ndarray, " example"],
    class_names: tuple[str, ...],
    is_training: Bool[np.ndarray, " example"],
) -> tuple[Dataset, Dataset]:
    """Return both parts."""
    are_positions = np.array_equal(labelled.ids, np.arange(len(labels)).astype(str))

    def of(places: npt.NDArray[Any]) -> dict[str, Any]:
        return {
            "inputs": taken(labelled.inputs, places),
            "labels": labels[places],
            "index": places,
            "ids": None if are_positions else labelled.ids[places],
        }

    legend = Legend(labelled.feature_names, labelled.shown, labelled.source_inputs, labelled.folder)
    training = Dataset(**of(np.flatnonzero(is_training)), class_names=class_names, name=labelled.name, legend=legend)
    return training, training.alike(**of(np.flatnonzero(~is_training)), may_lack_classes=True)


def taken(inputs: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the inputs at `places`, read-only, so that a `Dataset` does not copy them; vectors become float32.

    Memory: the result, and a block of `inputs`.
    """
    if inputs.ndim == 2 and inputs.dtype.kind in "biuf":
        return shared_array((len(places), inputs.shape[1]), lambda empty: _fill(empty, inputs, places))
    found = inputs[places]
    found.flags.writeable = False
    return found


def _fill(found: npt.NDArray[Any], inputs: npt.NDArray[Any], places: npt.NDArray[Any]) -> None:
    """Set `found` to the inputs at `places`."""
    for block in blocks_of(found):
        with np.errstate(over="ignore"):
            found[block] = inputs[places[block]]


def _notes(
    labelled: LabelledExamples, is_training: Bool[np.ndarray, " example"], class_names: tuple[str, ...]
) -> list[str]:
    """Return sentences about what the split found."""
    notes = []
    if labelled.group is not None and labelled.part is None:
        groups = [len(np.unique(labelled.group[is_here])) for is_here in (is_training, ~is_training)]
        notes.append(
            f"{groups[1]} of {sum(groups)} groups, {(~is_training).mean():.0%} of the examples, are set aside for "
            "validation."
        )
    unused = tuple(name for name in labelled.class_names if name not in class_names)
    if unused:
        notes.append(f"No example has the label {' or '.join(map(repr, unused[:10]))}; those classes are left out.")
    return notes
