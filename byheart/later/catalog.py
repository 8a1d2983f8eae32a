"""The experiments of later work by name. The list is here, so that nothing else is imported to show it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Entry:
    """An experiment of later work.

    Attributes:
        source: whose claim it tests, briefly.
        summary: what the experiment shows, in one line.
        reference: where its class is, as `module:Name`.
    """

    source: str
    summary: str
    reference: str


LATER: dict[str, Entry] = {
    "similar-labels": Entry(
        "Wei et al. 2022",
        "wrong labels of a similar class are memorized less than uniformly random ones",
        "byheart.later.similar_labels:SimilarLabels",
    ),
    "rare-examples": Entry(
        "Feldman and Zhang 2020",
        "memorized examples are rare, and leaving them out changes their own prediction most",
        "byheart.later.rare_examples:RareExamples",
    ),
    "learning-order": Entry(
        "Hacohen et al. 2020",
        "networks of other architectures learn real examples in a similar order",
        "byheart.later.learning_order:LearningOrder",
    ),
    "size-and-memorization": Entry(
        "Lukasik et al. 2023",
        "larger networks memorize most examples less, and some more",
        "byheart.later.size_and_memorization:SizeAndMemorization",
    ),
    "noise-nearby": Entry(
        "Paleka and Sanyal 2023",
        "fitted label noise makes clean examples of its surroundings critical",
        "byheart.later.noise_nearby:NoiseNearby",
    ),
}
"""Experiments by name, in the order of docs/later.md."""
