"""The numbers behind a conclusion, and the results of a page, in sentences."""

from collections.abc import Sequence

from byheart.experiments.claims import Judgment
from byheart.experiments.finding import Finding
from byheart.pages.formatting import number
from byheart.report.formatting import interval_in_words, seeds_in_words
from byheart.statistics.rules_in_words import where_in_words

NAMED = 4
"""Most claims of one verdict that a sentence names."""


def reading_in_words(judgments: Sequence[Judgment], finding: Finding | None) -> str:
    """Return two sentences: the number of the main claim, and the verdicts on the others.

    The main claim is that of the finding, or the first one. The result is empty without claims.
    """
    if not judgments:
        return ""
    main = next((one for one in judgments if finding is not None and one.claim.name == finding.claim), judgments[0])
    others = [one for one in judgments if one is not main]
    return " ".join(filter(None, [_main_number(main), _others_in_words(others)]))


def _main_number(judgment: Judgment) -> str:
    needed = where_in_words(judgment.claim.rule).replace("-", "−")
    part = f" ({judgment.weakest.name})" if judgment.weakest.name else ""
    if judgment.interval.n == 0:
        return f"{judgment.claim.name} has no value in any seed, so that nothing is decided."
    n = "1 seed" if judgment.interval.n == 1 else f"{seeds_in_words(judgment)} seeds"
    interval = interval_in_words(judgment.interval)
    bounds = f"95 % interval {interval}" if interval.startswith("[") else interval
    return (
        f"The number of {judgment.claim.name}{part} is {number(judgment.interval.estimate)} over {n} ({bounds}); "
        f"to hold, the whole interval must lie {needed}."
    )


def _others_in_words(others: Sequence[Judgment]) -> str:
    """Return a sentence about the verdicts on other claims; empty if there are none."""
    found = []
    for verdict, one, many in (
        ("holds", "holds", "hold"),
        ("fails", "fails", "fail"),
        ("undecided", "is undecided", "are undecided"),
    ):
        names = [judgment.claim.name for judgment in others if judgment.verdict == verdict]
        if names:
            which = listed(names) if len(names) <= NAMED else f"{len(names)} other claims"
            found.append(f"{which} {one if len(names) == 1 else many}")
    return f"{'; '.join(found)}." if found else ""


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
