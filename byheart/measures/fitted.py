"""Time to convergence: how many epochs until a network predicts all its training examples as labelled (section 3.3.2 of the paper).

Networks that have not got there within the epochs they had are *censored*: all that is known is that they need more. They are neither dropped nor
counted as if they had just arrived; medians come from the Kaplan-Meier estimate of the share of networks that still need more.
"""

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
class Fitted:
    """A probe: whether every training example, noise included, is predicted as labelled."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {"is_fitted": Variable("whether all training examples are predicted as labelled, noise included")}
    )

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Bool[Array, ""]]:
        """One truth value; `key` is not needed."""
        del key
        return {"is_fitted": is_correct(network, data.training).all()}
