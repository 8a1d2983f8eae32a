"""The critical sample ratio of a set: the share that a search finds, or two true bounds of it."""

from typing import Any, Literal, overload

from byheart.critical.bracketed_ratio import BracketedRatio, bracketed_ratio, found_ratio
from byheart.critical.certified_samples import checked_steps
from byheart.critical.critical_samples import NumPyInputs, Radius, critical_samples
from byheart.inputs import Inputs
from byheart.keys import KeyLike
from byheart.networks.network import Predict


@overload
def critical_sample_ratio(
    predict: Predict | Any,
    inputs: Inputs | NumPyInputs | Any,
    *,
    radius: Radius,
    key: KeyLike,
    bracket: Literal[False] = False,
    **how: Any,
) -> float: ...


@overload
def critical_sample_ratio(
    predict: Predict | Any,
    inputs: Inputs | NumPyInputs | Any,
    *,
    radius: Radius,
    key: KeyLike,
    bracket: Literal[True],
    **how: Any,
) -> BracketedRatio: ...


def critical_sample_ratio(
    predict: Predict | Any,
    inputs: Inputs | NumPyInputs | Any,
    *,
    radius: Radius,
    key: KeyLike,
    bracket: bool = False,
    **how: Any,
) -> float | BracketedRatio:
    """Return the share of `inputs` that are found to be critical samples of `predict`, in [0, 1].

    The share is a lower bound of the true one. With `bracket=True` the result is `bracketed_ratio`: a lower and an
    upper bound, both true, for a built `MLP` or `CNN`, or a torch module that `from_torch` converted.

    Other arguments are those of `critical_samples`, or of `bracketed_ratio`.

    Raises:
        BadInput: as `critical_samples`; also if `is_finite` is False for a sample, since there is no ratio then.
    """
    if bracket:
        return bracketed_ratio(checked_steps(predict), inputs, radius=radius, key=key, **how)
    return found_ratio(critical_samples(predict, inputs, radius=radius, key=key, **how))
