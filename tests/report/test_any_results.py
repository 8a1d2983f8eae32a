"""Figures, tables and pages of extreme results: all NaN, nothing learned, all equal, a single seed."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from any_results import FACTS, experiment, filled
from slow_cases import slow_after

from byheart.drawing import canvas
from byheart.drawing.figure import NOTHING
from byheart.experiments.experiment import Experiment
from byheart.paper.catalog import EXPERIMENTS
from byheart.report.run_page import write_report
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter
from byheart.sweeps.results import with_gaps

VALUES = {"lost": np.nan, "zero": 0.0, "one": 1.0, "alike": 0.5}
KNOWN_BEFOREHAND = ("rate of one example",)
"""Titles of panels that are the same for every run."""


def report(directory: Path, of: Experiment, results: xr.Dataset, missing: int = 0) -> list[str]:
    """Write a report; return the verdicts of its claims."""
    part = Part(of, "fingerprint", (4,))
    record = Record(FACTS.name, FACTS, "tiny", (part,), {})
    written = write_report(directory, record, [Chapter(part, results, missing_chunks=missing)])
    assert "</html>" in written.page.read_text(encoding="utf-8")
    json.loads((directory / "claims.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    return [judgment.verdict for judgment in written.judgments]


@pytest.mark.parametrize("smallest", [False, True], ids=["declared", "smallest"])
@pytest.mark.parametrize("value", slow_after(1, VALUES))
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_report_is_written_of_numbers_that_are_all_the_same(
    name: str, value: str, smallest: bool, tmp_path: Path
) -> None:
    of = experiment(name, seeds=1 if smallest else 3, smallest=smallest)
    verdicts = report(tmp_path, of, filled(of, VALUES[value]))
    assert "holds" not in verdicts
    if smallest or value == "lost":
        assert set(verdicts) == {"undecided"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_report_is_written_where_all_networks_but_one_diverged(name: str, tmp_path: Path) -> None:
    of = experiment(name, seeds=2, smallest=False)
    known, lost = filled(of, 0.5), filled(of, np.nan)
    results = xr.concat([known.isel(member=[0]), lost.isel(member=slice(1, None))], "member", data_vars="minimal")
    assert set(report(tmp_path, of, results.assign_attrs(known.attrs))) == {"undecided"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_report_is_written_of_the_first_networks_of_a_run(name: str, tmp_path: Path) -> None:
    of = experiment(name, seeds=2, smallest=False)
    stored = (
        filled(of, 0.5).isel(member=[0]).drop_vars(["picture", "pictured_example"], errors="ignore")
    )  # Pictures come with the last one.
    results, n_gaps = with_gaps(stored, of.sweep())
    assert n_gaps > 0
    assert set(report(tmp_path, of, results, missing=1)) == {"undecided"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_panel_of_which_nothing_is_known_says_so(name: str) -> None:
    of = experiment(name, seeds=2, smallest=False)
    for figure in of.figures(filled(of, np.nan), "made up"):
        for panel, drawn in zip(figure.panels, canvas.drawn_panels(figure), strict=True):
            assert f"<!-- {NOTHING} -->" in drawn.svg or panel.title in KNOWN_BEFOREHAND, panel.title
