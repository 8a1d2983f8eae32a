"""The first screen of a page: what was run and what came out in a paragraph, and the picture of the main effect."""

import dataclasses
from collections.abc import Sequence

from byheart.drawing.drawn_panel import DrawnPanel
from byheart.experiments.finding import tally_of
from byheart.pages.formatting import duration
from byheart.report.chapters import ShownChapter, judgments_of


@dataclasses.dataclass(frozen=True)
class Opening:
    """A panel of a chapter that stands on the first screen.

    Attributes:
        chapter: the chapter.
        panel: as drawn.
        description: of the panel.
    """

    chapter: ShownChapter
    panel: DrawnPanel
    description: str


def opening_of(chapters: Sequence[ShownChapter]) -> Opening | None:
    """Return the panel that an experiment names as its opening, or the first one; None if there is no figure."""
    for chapter in _main_ones_first(chapters):
        if chapter.figures and chapter.figures[0].panels:
            panels = chapter.figures[0].panels
            panel, description = panels[min(chapter.experiment.opening_panel or 0, len(panels) - 1)]
            return Opening(chapter, panel, description)
    return None


def run_in_words(chapters: Sequence[ShownChapter], data: str) -> str:
    """Return a paragraph: how much was trained on which data, the main conclusion, and how many claims hold.

    Args:
        chapters: of the page.
        data: name of the data, as the sentence shows it.
    """
    experiments = len({one.experiment.name for one in chapters})
    networks, seconds = sum(one.networks for one in chapters), sum(one.seconds for one in chapters)
    trained = f"{_counted(experiments, 'experiment')} trained {_counted(networks, 'network')}"
    sentences = [f"{trained} on {data} in {duration(seconds)}"]
    judged = [chapter for chapter in _main_ones_first(chapters) if chapter.judgments]
    if judged:
        sentences += dict.fromkeys([judged[0].conclusion, tally_of(judgments_of(chapters))])
    return " ".join(f"{sentence}." for sentence in sentences)


def _main_ones_first(chapters: Sequence[ShownChapter]) -> list[ShownChapter]:
    return sorted(chapters, key=lambda chapter: chapter.experiment.opening_panel is None)


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
