"""Strata of suspicion, and a random sample of each, drawn once for each audit so that marks give unbiased estimates."""

import dataclasses
import math
import zlib
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from byheart import checks

EDGES = (0.5, 1, 3, 10)
"""Where strata end, in lengths of the list of suspects; the last stratum holds the rest."""
SAMPLE = 400
"""Number of sampled examples, if there are as many. Each beginning of the sample is a sample, too."""
SHARE_OF_LIST = 0.4
"""Share of the sample that is drawn from the list of suspects, for its precision; the rest is for the rest."""
FEWEST = 10
"""Smallest number of sampled examples of a stratum, if it has as many."""
SEED = zlib.crc32(b"sample for review")
"""Seed of the sample, the same for every audit."""
RULE = (
    "Examples are ordered by suspicion and cut into strata at 0.5, 1, 3 and 10 times the length of the list of "
    "suspects. 40 % of the sample is for the list, the rest for the others; among each it is divided in proportion to "
    "the size of a stratum times the standard deviation that the model of label noise expects there, at least 10 each. "
    "Each stratum is sampled at random without replacement, and strata alternate, so that every beginning of the "
    "sample is a sample, too."
)
"""The rule by which the sample is drawn, in words."""


@dataclasses.dataclass(frozen=True)
class ReviewPlan:
    """Strata of suspicion with their random samples.

    Attributes:
        list_length: number of the most suspect examples whose precision is estimated.
        ends: (stratum,), last rank of each stratum, from the most suspect one.
        sample: (sampled,), ranks from 1 of the sampled examples, in the order in which they are to be reviewed.
    """

    list_length: int
    ends: tuple[int, ...]
    sample: tuple[int, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """(stratum,), first rank of each stratum."""
        return (1, *(end + 1 for end in self.ends[:-1]))

    def stratum_of(self, ranks: Int[np.ndarray, " example"]) -> Int[np.ndarray, " example"]:
        """Return the stratum, from 1, of each rank."""
        return np.searchsorted(np.array(self.ends), ranks, side="left") + 1

    def as_json(self, rows: Int[np.ndarray, " example"]) -> dict[str, Any]:
        """Return the plan for audit.json.

        Args:
            rows: (example,), row of each example in the order of the source, most suspect first.
        """
        of_sample = self.stratum_of(np.array(self.sample))
        return {
            "rule": RULE,
            "seed": SEED,
            "list_length": self.list_length,
            "strata": [
                {"stratum": place, "first_rank": first, "last_rank": last, "sampled": int((of_sample == place).sum())}
                for place, (first, last) in enumerate(zip(self.starts, self.ends, strict=True), start=1)
            ],
            "sample": [int(rows[rank - 1]) for rank in self.sample],
        }


def review_plan(wrong: Float[np.ndarray, " example"], list_length: int, seed: int = SEED) -> ReviewPlan:
    """Draw the sample.

    Args:
        wrong: (example,), probability that the label is wrong, most suspect first.
        list_length: number of the most suspect examples whose precision is to be estimated.
        seed: of the sample; audits have one and the same.

    >>> plan = review_plan(np.linspace(1, 0, 50), list_length=4)
    >>> plan.ends, len(plan.sample)
    ((2, 4, 12, 40, 50), 50)
    """
    n = len(wrong)
    checks.count("list_length", list_length)
    ends = sorted({min(n, math.ceil(edge * list_length)) for edge in EDGES} | {n})
    starts = [0, *ends[:-1]]
    counts = _sizes_of_samples([wrong[a:b] for a, b in zip(starts, ends, strict=True)], ends, list_length)
    generator = np.random.default_rng(seed)
    drawn: list[tuple[float, int]] = []
    for start, end, count in zip(starts, ends, counts, strict=True):
        ranks = start + 1 + generator.permutation(end - start)[:count]
        drawn += [((place + 0.5) / count, int(rank)) for place, rank in enumerate(ranks)]
    return ReviewPlan(list_length, tuple(ends), tuple(rank for _, rank in sorted(drawn)))


def _sizes_of_samples(strata: list[np.ndarray], ends: list[int], list_length: int) -> list[int]:
    """Return the number of sampled examples of each stratum."""
    total = sum(map(len, strata))
    in_list = [end <= list_length for end in ends]
    budget, in_lists = min(SAMPLE, total), min(list_length, total)
    of_list = min(max(round(SHARE_OF_LIST * budget), budget - (total - in_lists)), in_lists)
    found = [0] * len(strata)
    for is_list, size in ((True, of_list), (False, budget - of_list)):
        places = [place for place, has in enumerate(in_list) if has == is_list]
        for place, count in zip(places, _divided([strata[place] for place in places], size), strict=True):
            found[place] = count
    return found


def _divided(strata: list[np.ndarray], size: int) -> list[int]:
    """Divide a sample among strata by Neyman's rule, with at least `FEWEST` and at most all of each."""
    counts = [min(FEWEST, len(one)) for one in strata]
    shares = [(float(one.sum()) + 1) / (len(one) + 2) for one in strata]
    wanted = [len(one) * math.sqrt(share * (1 - share)) for one, share in zip(strata, shares, strict=True)]
    while sum(counts) < size:
        open_ones = [place for place, one in enumerate(strata) if counts[place] < len(one)]
        if not open_ones:
            break
        counts[max(open_ones, key=lambda place: wanted[place] / (counts[place] + 0.5))] += 1
    return counts
