"""Scales on which a number is judged: its interval is computed there, and mapped back for readers.

Student's t interval is right for numbers whose spread does not depend on their size and has no long tail on one side.
Shares near 0 or 1 are not such numbers. They pile up at the bound, with a tail away from it: with five seeds a false
claim is said to hold in up to 11 % instead of 2.5 % (docs/verdicts.md). On the scale named beside the claim the tail is
gone. Times to convergence need no scale of their own: their claims are about logarithms.
"""

import dataclasses
from typing import ClassVar

import numpy as np
import scipy
from jaxtyping import Float


@dataclasses.dataclass(frozen=True)
class AsItIs:
    """The number itself."""

    title: ClassVar[str] = "as it is"
    judged: ClassVar[str] = "numbers"

    def forward(self, numbers: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return `numbers`."""
        return numbers

    def back(self, judged: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return `judged`."""
        return judged


@dataclasses.dataclass(frozen=True)
class Logit:
    """log(p / (1 - p)) of a share p in [0, 1].

    Attributes:
        edge: shares beyond `edge` and 1 - `edge` are moved there, since the logits of 0 and 1 are infinite. One example
            in 200 is half a percent.

    >>> Logit().forward(np.array([0.5, 1.0])).round(3).tolist()
    [0.0, 5.293]
    """

    edge: float = 0.005
    title: ClassVar[str] = "as its logit"
    judged: ClassVar[str] = "logits"

    def forward(self, numbers: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the logits of shares."""
        return scipy.special.logit(np.clip(numbers, self.edge, 1 - self.edge))

    def back(self, judged: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the shares of logits."""
        return scipy.special.expit(judged)


@dataclasses.dataclass(frozen=True)
class Angle:
    """arcsin(sqrt(p)) of a share p in [0, 1], in radians: it stretches the ends less than `Logit` does.

    A share of few parts, one of which may be 0 or 1 by chance, has a long tail on the logit.

    >>> Angle().forward(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.0, 0.785, 1.571]
    """

    title: ClassVar[str] = "as the arcsine of its square root"
    judged: ClassVar[str] = "angles"

    def forward(self, numbers: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the angles of shares; numbers beyond 0 and 1 count as these."""
        return np.arcsin(np.sqrt(np.clip(numbers, 0, 1)))

    def back(self, judged: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the shares of angles; angles beyond 0 and pi / 2 count as these."""
        return np.sin(np.clip(judged, 0, np.pi / 2)) ** 2


@dataclasses.dataclass(frozen=True)
class Log:
    """log(r) of a ratio r above 0, such as an odds ratio.

    >>> Log().back(Log().forward(np.array([0.5, 2.0]))).tolist()
    [0.5, 2.0]
    """

    title: ClassVar[str] = "as its logarithm"
    judged: ClassVar[str] = "logarithms"

    def forward(self, numbers: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the logarithms of ratios."""
        return np.log(numbers)

    def back(self, judged: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Return the ratios of logarithms."""
        return np.exp(judged)


def odds_ratio(share: Float[np.ndarray, "*shape"], other: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Return the odds of `share`, p / (1 - p), divided by those of `other`; both are kept off 0 and 1 as in `Logit`.

    >>> odds_ratio(np.array([0.75]), np.array([0.5])).round(3).tolist()
    [3.0]
    """
    return np.exp(Logit().forward(share) - Logit().forward(other))


Scale = AsItIs | Logit | Angle | Log
"""An increasing map of a number to the scale it is judged on (`forward`), and back (`back`); NaN stays NaN."""
