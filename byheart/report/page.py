"""Writes what a run has to say: claims.json, the figures, and report.html, one self-contained page. Nothing is trained here."""

import base64
import dataclasses
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

import byheart
from byheart.experiments.claims import Judgment, judged_together
from byheart.experiments.experiment import DataFacts
from byheart.results.atomic import write_text
from byheart.results.rules import rule_in_words
from byheart.runs.record import Record
from byheart.runs.run import Chapter

PAGE = "report.html"
CLAIMS = "claims.json"
FIGURES = "figures"
TABLES = "tables"


@dataclasses.dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        page: the path of report.html.
        judgments: all claims with their verdicts, experiment after experiment, asked together.
    """

    page: Path
    judgments: tuple[Judgment, ...]


def write_report(directory: Path, record: Record, chapters: list[Chapter]) -> Written:
    """Writes claims.json, figures/*.svg and *.png, tables/*.csv, and report.html into `directory`."""
    (directory / FIGURES).mkdir(exist_ok=True)
    by_chapter = [_judgments(chapter, record.facts.name) for chapter in chapters]
    flat = judged_together([judgment for judgments in by_chapter for judgment in judgments])
    remaining = iter(flat)
    judged = [list(itertools.islice(remaining, len(judgments))) for judgments in by_chapter]
    listed = [judgment.as_json(record.facts.name, record.scale) for judgment in flat]
    write_text(directory / CLAIMS, json.dumps(listed, indent=2, allow_nan=False) + "\n")
    views = [
        _chapter_view(chapter, judgments, record, directory)
        for chapter, judgments in zip(chapters, judged, strict=True)
    ]
    html = (
        _environment()
        .get_template("report.html")
        .render(
            chapters=views,
            n_claims=len(flat),
            record=record,
            data=data_in_words(record.facts),
            version=byheart.__version__,
        )
    )
    write_text(directory / PAGE, html)
    return Written(directory / PAGE, flat)


def number(value: float) -> str:
    """Two or three figures, as a reader needs them.

    >>> number(0.12345), number(-0.5), number(float("nan"))
    ('0.123', '−0.500', '–')
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:.3f}".replace("-", "−")


def interval_in_words(judgment: Judgment) -> str:
    """[low, high], or what stands in its way."""
    low, high = judgment.interval.low, judgment.interval.high
    if not np.isfinite(low):
        return "needs two seeds"
    return f"[{number(low)}, {number(high)}]" if judgment.interval.has_width else "seeds do not differ"


def seeds_in_words(judgment: Judgment) -> str:
    """How many seeds gave a number, and of how many where not all did."""
    n, n_all = judgment.interval.n, len(judgment.values)
    return str(n) if n == n_all else f"{n} of {n_all}"


def together_in_words(judgments: Sequence[Judgment]) -> str:
    """Which verdicts stay when all claims are asked together."""
    decided = [one for one in judgments if one.verdict != "undecided"]
    kept = [one.claim.name for one in decided if one.verdict_together == one.verdict]
    if not decided:
        return ""
    which = "all" if len(kept) == len(decided) else ", ".join(kept) or "none"
    return f"asked together (docs/verdicts.md), {len(kept)} of {len(decided)} verdicts stay: {which}"


def duration(seconds: float) -> str:
    """A length of time.

    >>> duration(12.3), duration(130)
    ('12 s', '2 min 10 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def data_in_words(facts: DataFacts) -> str:
    """Name and size of images.

    >>> data_in_words(DataFacts("mnist", (28, 28, 1), 60000, 10000))
    'mnist (28 x 28)'
    """
    height, width, channels = facts.image_shape
    return f"{facts.name} ({height} x {width}{f' x {channels}' if channels > 1 else ''})"


def _judgments(chapter: Chapter, data: str) -> list[Judgment]:
    """The claims said of such data, held against the results."""
    return [claim.judged(chapter.results) for claim in chapter.part.experiment.claims() if claim.said_of(data)]


def _chapter_view(chapter: Chapter, judgments: list[Judgment], record: Record, directory: Path) -> dict[str, Any]:
    """What the template shows of one experiment; its figures and tables are written on the way."""
    experiment, results = chapter.part.experiment, chapter.results
    drawn = experiment.figures(results, f"{record.facts.name}, scale {record.scale}")
    for figure in drawn:
        figure.save(directory / FIGURES)
    tables = experiment.tables(results)
    for table in tables:
        (directory / TABLES).mkdir(exist_ok=True)
        table.save(directory / TABLES)
    return {
        "experiment": experiment,
        "judgments": judgments,
        "figures": [{"figure": figure, "panels": _panels(figure)} for figure in drawn],
        "tables": tables,
        "settings": {name: repr(value) for name, value in experiment.settings().items()},
        "departures": experiment.departures(record.facts),
        "networks": results.sizes["member"] - chapter.missing_networks,
        "seconds": results.attrs["seconds"],
        "devices": results.attrs["devices"],
        "versions": f"byheart {results.attrs['byheart']}, JAX {results.attrs['jax']}",
        "missing_chunks": chapter.missing_chunks,
        "mishaps": experiment.mishaps(results),
    }


def _panels(figure: Any) -> list[dict[str, str]]:
    return [
        {"source": _data_uri(svg), "description": panel.description}
        for svg, panel in zip(figure.panel_svgs(), figure.panels, strict=True)
    ]


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("byheart.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # columns stay in their order
    environment.filters |= {
        "number": number,
        "interval": interval_in_words,
        "seeds": seeds_in_words,
        "rule": rule_in_words,
        "duration": duration,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
    }
    return environment
