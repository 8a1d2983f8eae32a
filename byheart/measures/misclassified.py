"""Misclassified examples, whose rate over seeds is their difficulty (section 3.1 of the paper)."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jaxtyping import Array, Bool, Key

from byheart.data.member_view import MemberData
from byheart.measures.accuracy import is_correct
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable


@dataclasses.dataclass(frozen=True)
class Misclassified:
    """A probe: whether each training example, noise included, is predicted as another class than its label.

    It looks at all training examples, also those that a member's `inclusion` leaves out of training.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "is_misclassified": Variable(
                "whether each training example is predicted as another class than it is labelled, after noise; "
                "-1: not known",
                (("example", None),),
            )
        }
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Bool[Array, " example"]]:
        """Return one boolean per example; `key` is not used."""
        del key
        return {"is_misclassified": ~is_correct(network, data.every_example)}
