"""The short summary of an audit, as plain text."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

SHOWN = ("rank", "part", "id", "label", "suggested_label", "verdict", "wrong_probability", "held_out_probability")

SMALL = 0.001
"""Share below which one decimal of a percentage says too little."""


def summary_in_words(summary: Mapping[str, Any], power: pd.DataFrame, suspects: pd.DataFrame) -> str:
    """Return the summary: weak networks first, then the numbers that matter, then the most suspect examples.

    Args:
        summary: as in audit.json.
        power: one row for each length of a list.
        suspects: rows of the most suspect examples.
    """
    lines = [*summary["cautions"], *sentences(summary, power)]
    table = suspects[list(SHOWN)].to_string(index=False, float_format=lambda value: f"{value:.3f}")
    return "\n".join([*lines, "", "Most suspect:", table])


def sentences(summary: Mapping[str, Any], power: pd.DataFrame) -> list[str]:
    """Return the numbers that matter, a line each, without cautions.

    Args:
        summary: as in audit.json.
        power: one row for each length of a list.
    """
    wrong, counts, k = summary["wrong_labels"], summary["verdicts"], summary["power"]["list_length"]
    (of_list,) = power[power.k == k].to_dict("records")
    lines = [
        f"{summary['data']}: {summary['examples']:,} examples, {len(summary['class_names'])} classes; "
        f"{_trained(summary)}.",
        f"Accuracy on examples that a network did not see: {summary['held_out_accuracy']:.1%} "
        f"(linear classifiers {summary['linear_accuracy']:.1%}, always the most frequent class "
        f"{summary['guessing_accuracy']:.1%}).",
        "Verdicts: " + ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items() if count) + ".",
        f"Wrong labels: about {wrong['number']:,}, {percent(wrong['share'])} of all, 95 % interval "
        f"[{percent(wrong['low'])}, {percent(wrong['high'])}] (docs/audit.md says what it covers).",
        f"Power: the {k:,} most suspect should hold {of_list['uniform']:.0%} of labels that are wrong at random, and "
        f"{of_list['likeliest']:.0%} of those that are confused with the likeliest other class.",
    ]
    if planted := summary.get("planted"):
        lines.append(
            f"Check: of {planted['number']:,} planted wrong labels, the {planted['number']:,} most suspect held "
            f"{planted['found']:.0%}; {planted['stated']:.0%} was stated."
        )
    if reviewed := summary.get("reviewed"):
        lines += review_in_words(reviewed, summary["examples"])
    return lines


def _trained(summary: Mapping[str, Any]) -> str:
    recipe, n = summary["recipe"], summary["networks"]
    if "learner" in recipe:
        return f"{n} classifiers, {recipe['learner']}"
    return f"{n} networks, {recipe['architecture']}, {recipe['epochs']} epochs"


def review_in_words(reviewed: Mapping[str, Any], n_examples: int) -> list[str]:
    """Return what a review says, a line each: what was marked, and the two estimates.

    Args:
        reviewed: the numbers of the review, as in audit.json.
        n_examples: number of examples.
    """
    marks = ", ".join(f"{reviewed[one]:,} {one}" for one in ("right", "wrong", "unclear"))
    first = (
        f"Review: {reviewed['marked']:,} labels, {marks}. For the estimates, the {reviewed['without_gap']:,} most "
        f"suspect count as they are, and {reviewed['sampled']:,} behind them as a sample"
    )
    unused = reviewed["not_counted"]
    lines = [f"{first}; {unused:,} others do not count." if unused else f"{first}."]
    precision, wrong = reviewed["precision"], reviewed["wrong_labels"]
    k = precision["list_length"]
    lines.append(
        _estimate(f"Of the {k:,} most suspect, by this review", "are wrong", precision, reviewed["sample_left"])
    )
    about = f", about {round(wrong['share'] * n_examples):,}" if "share" in wrong else ""
    return [*lines, _estimate("Of all labels, by this review", f"are wrong{about}", wrong, reviewed["sample_left"])]


def _estimate(of_which: str, what: str, found: Mapping[str, Any], sample_left: int) -> str:
    """Return a sentence about an estimated share, or about the marks that it lacks.

    Args:
        of_which: the labels that the share is of.
        what: what the share is.
        found: the numbers of the share.
        sample_left: number of sampled examples without a mark.
    """
    if missing := found.get("ranks_without_sampled_marks"):
        return f"{of_which}, no share is known yet: no sampled example is marked at the ranks {', '.join(missing)}."
    if found["low"] == found["high"]:
        return f"{of_which}, {percent(found['share'])} {what}; all of them were reviewed."
    more = found["more_reviews_to_halve"]
    left = "" if more <= sample_left else f", more than the {sample_left:,} that the sample still has"
    then = f"; about {more:,} more reviews halve the interval{left}" if more else ""
    interval = f"[{percent(found['low'])}, {percent(found['high'])}]"
    return f"{of_which}, {percent(found['share'])} {what}, 95 % interval {interval}{then}."


def percent(share: float) -> str:
    """Return a share in percent: with one decimal, or two digits if it is small.

    >>> percent(0.0512), percent(0.00021), percent(0.0)
    ('5.1%', '0.021%', '0.0%')
    """
    return f"{share:.1%}" if share >= SMALL or share == 0 else f"{100 * share:.2g}%"
