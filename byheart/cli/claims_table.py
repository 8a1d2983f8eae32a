"""Table of claims and verdicts in the terminal."""

from collections.abc import Sequence

import rich
from rich.table import Table
from rich.text import Text

from byheart.cli.streams import visible
from byheart.experiments.claims import Judgment
from byheart.pages.formatting import number
from byheart.report.chapters import ShownChapter, judgments_of
from byheart.report.formatting import interval_in_words, seeds_in_words, together_in_words
from byheart.report.run_page import Written

COLORS = {"holds": "green", "fails": "red", "undecided": "yellow"}


def print_claims(chapters: Sequence[ShownChapter]) -> None:
    """Print a row for each claim, the verdicts of all claims tested together, cautions, and the data left out."""
    judgments = judgments_of(chapters)
    table = Table(box=None, pad_edge=False)
    for column in ("verdict", "claim", "seen", "95 % interval", "seeds"):
        table.add_column(column, no_wrap=column != "claim")
    for judgment in judgments:
        interval = judgment.interval
        table.add_row(
            Text.assemble((judgment.verdict, COLORS[judgment.verdict]), certified_in_words(judgment)),
            Text.assemble((judgment.claim.name, "bold"), " ", judgment.claim.statement),
            *map(Text, (number(interval.estimate), interval_in_words(interval), seeds_in_words(judgment))),
        )
    if judgments:
        rich.print(table)
    if together := together_in_words(judgments):
        print(f"\n{together}")
    for heading, sentences in (
        ("caution", _of_each(chapters, "cautions")),
        ("left out", _of_each(chapters, "left_out")),
    ):
        for sentence, names in sentences.items():
            print(f"\n{heading}: {', '.join(names)}: {sentence}")


def certified_in_words(judgment: Judgment) -> str:
    """Return what a bracket adds to a verdict; empty without one."""
    return {None: "", True: ", certified", False: ", not certified"}[judgment.certified]


def print_written(written: Written) -> None:
    """Print the claims of a written report, and the path of its page."""
    print_claims(written.chapters)
    print(f"\nreport: {visible(str(written.page))}")


def _of_each(chapters: Sequence[ShownChapter], name: str) -> dict[str, list[str]]:
    """Return each distinct sentence, with the names of the experiments that it is about."""
    found: dict[str, list[str]] = {}
    for chapter in chapters:
        for sentence in getattr(chapter, name):
            found.setdefault(sentence, []).append(chapter.experiment.name)
    return found
