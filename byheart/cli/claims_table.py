"""Claims with their verdicts, as a table in the terminal."""

from collections.abc import Sequence

import rich
from rich.table import Table
from rich.text import Text

from byheart.experiments.claims import Judgment
from byheart.report.words import interval_in_words, number, seeds_in_words, together_in_words

COLORS = {"holds": "green", "fails": "red", "undecided": "yellow"}


def print_claims(judgments: Sequence[Judgment]) -> None:
    """Prints a row for each, and which verdicts stay when all are asked together."""
    table = Table(box=None, pad_edge=False)
    for column in ("verdict", "claim", "seen", "95 % interval", "seeds"):
        table.add_column(column, no_wrap=column != "claim")
    for judgment in judgments:
        table.add_row(
            Text(judgment.verdict, COLORS[judgment.verdict]),
            Text.assemble((judgment.claim.name, "bold"), " ", judgment.claim.statement),
            *map(Text, (number(judgment.interval.estimate), interval_in_words(judgment), seeds_in_words(judgment))),
        )
    rich.print(table)
    if together := together_in_words(judgments):
        print(f"\n{together}")
