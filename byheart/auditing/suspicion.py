"""Suspicion of labels, from networks that did not see an example and from the training of those that did.

Suspicion is the mean of three ranks, each as a share of the examples, 1 for the most suspect:

    the probability that the label is wrong      by the model of label noise (statistics/label_noise.py), fitted to
                                                 geometric means of held-out probabilities over networks
    the held-out margin                          p_y - max(p_j, j != y), of arithmetic means; low values are suspect
    the area under the margin                    of networks that saw the example; low values are suspect

The first two look at held-out networks alone, the third at training alone, and their errors differ: on planted wrong
labels of several kinds the mean of ranks has a better average precision, on the mean, than each single score. On a
single kind another score can be ahead, by up to 0.03 (benchmarks/README.md). Ranks need no weights and no common scale.
"""

import dataclasses

import numpy as np
import scipy
from jaxtyping import Float, Int

from byheart.statistics.label_noise import LabelNoise, fit_label_noise


@dataclasses.dataclass(frozen=True)
class HeldOutEvidence:
    """Evidence of held-out networks against every label that each example might have.

    Attributes:
        noise: the fitted model of label noise.
        wrong: (example, label), probability that the label would be wrong.
        margin: (example, label), margin that the label would have.
    """

    noise: LabelNoise
    wrong: Float[np.ndarray, "example label"]
    margin: Float[np.ndarray, "example label"]

    @classmethod
    def of(
        cls,
        mean: Float[np.ndarray, "example class"],
        geometric_mean: Float[np.ndarray, "example class"],
        labels: Int[np.ndarray, " example"],
    ) -> "HeldOutEvidence":
        """Return the evidence of held-out probabilities.

        Args:
            mean: (example, class), arithmetic means over networks.
            geometric_mean: (example, class), geometric means, normalized.
            labels: (example,), the labels as they are, to which the model of label noise is fitted.
        """
        noise = fit_label_noise(geometric_mean, labels)
        return cls(noise, noise.wrong_under_every_label(geometric_mean), margins_under_every_label(mean))


def suspicion(
    evidence: HeldOutEvidence, area_under_margin: Float[np.ndarray, " example"], labels: Int[np.ndarray, " example"]
) -> Float[np.ndarray, " example"]:
    """Return (example,): the suspicion of each label, between 0 and 1; high values are suspect.

    Args:
        evidence: of held-out networks.
        area_under_margin: (example,), of networks that saw the example; all NaN: only held-out ranks count.
        labels: (example,), from 0.
    """
    rows = np.arange(len(labels))
    scores = [evidence.wrong[rows, labels], -evidence.margin[rows, labels]]
    if not np.isnan(area_under_margin).all():
        scores.append(-area_under_margin)
    ranks = [scipy.stats.rankdata(score) for score in scores]
    return np.asarray((np.mean(ranks, axis=0) - 0.5) / len(labels))


def held_out_suspicion(
    evidence: HeldOutEvidence, labels: Int[np.ndarray, " example"]
) -> Float[np.ndarray, "example label"]:
    """Return (example, label): the suspicion under every label, from the two held-out ranks alone.

    It does not depend on an example's own label, except for the model of label noise as a whole.

    Args:
        evidence: of held-out networks.
        labels: (example,), the labels as they are, among which ranks are counted.
    """
    rows = np.arange(len(labels))

    def rank(score: Float[np.ndarray, "example label"]) -> Float[np.ndarray, "example label"]:
        observed = np.sort(score[rows, labels])
        counts = np.searchsorted(observed, score, "left") + np.searchsorted(observed, score, "right")
        return np.asarray(counts / (2 * len(labels)))

    return (rank(evidence.wrong) + rank(-evidence.margin)) / 2


def margins_under_every_label(mean: Float[np.ndarray, "example class"]) -> Float[np.ndarray, "example label"]:
    """Return (example, label): p_y - max(p_j, j != y) for every label y.

    Args:
        mean: (example, class), probabilities of at least two classes.

    >>> margins_under_every_label(np.array([[0.75, 0.25]])).tolist()
    [[0.5, -0.5]]
    """
    second, largest = np.partition(mean, -2, axis=1)[:, -2:].T
    is_largest = np.arange(mean.shape[1]) == mean.argmax(axis=1)[:, None]
    return mean - np.where(is_largest, second[:, None], largest[:, None])
