"""Check whether a network predicts all its training examples as labelled (section 3.3.2 of the paper).

The number of epochs until then is *censored* for a network that never gets there: it is only known to need more. See
`statistics/censored_times.py`.
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
        """Return whether all training examples are predicted as labelled; `key` is not used."""
        del key
        return {"is_fitted": is_correct(network, data.training).all()}
