"""The short summary of an audit, as plain text."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

SHOWN = ("rank", "part", "id", "label", "suggested_label", "verdict", "wrong_probability", "held_out_probability")


def summary_in_words(summary: Mapping[str, Any], power: pd.DataFrame, suspects: pd.DataFrame) -> str:
    """Return the summary: weak networks first, then the numbers that matter, then the most suspect examples.

    Args:
        summary: as in audit.json.
        power: one row for each length of a list.
        suspects: rows of the most suspect examples.
    """
    wrong, counts, k = summary["wrong_labels"], summary["verdicts"], summary["power"]["list_length"]
    (of_list,) = power[power.k == k].to_dict("records")
    lines = [
        *summary["cautions"],
        f"{summary['data']}: {summary['examples']:,} examples, {len(summary['class_names'])} classes; "
        f"{summary['networks']} networks, {summary['recipe']['architecture']}, "
        f"{summary['recipe']['epochs']} epochs.",
        f"Accuracy on examples that a network did not see: {summary['held_out_accuracy']:.1%} "
        f"(linear networks {summary['linear_accuracy']:.1%}, always the most frequent class "
        f"{summary['guessing_accuracy']:.1%}).",
        "Verdicts: " + ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items() if count) + ".",
        f"Wrong labels: about {wrong['number']:,}, {wrong['share']:.1%} of all, 95 % interval "
        f"[{wrong['low']:.1%}, {wrong['high']:.1%}] (docs/audit.md says what it covers).",
        f"Power: the {k:,} most suspect should hold {of_list['uniform']:.0%} of labels that are wrong at random, and "
        f"{of_list['likeliest']:.0%} of those that are confused with the likeliest other class.",
    ]
    if planted := summary.get("planted"):
        lines.append(
            f"Check: of {planted['number']:,} planted wrong labels, the {planted['number']:,} most suspect held "
            f"{planted['found']:.0%}; {planted['stated']:.0%} was stated."
        )
    table = suspects[list(SHOWN)].to_string(index=False, float_format=lambda value: f"{value:.3f}")
    return "\n".join([*lines, "", "Most suspect:", table])
