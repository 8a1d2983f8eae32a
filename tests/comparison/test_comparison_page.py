"""The page of a comparison: settings, claims and curves of all runs, and its tables as files."""

import csv
import dataclasses
import html.parser
import json
from pathlib import Path

import numpy as np
import pytest
from made_results import FACTS, made, memorizing
from made_runs import BASE, memorizing_and_not, run

from byheart import checks
from byheart.comparison.compared_runs import compared_runs
from byheart.comparison.page import WrittenComparison, verdicts_that_differ, write_comparison
from byheart.drawing import canvas
from byheart.drawing.overlay import overlaid


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenComparison:
    return write_comparison(tmp_path_factory.mktemp("compared"), memorizing_and_not())


class Seen(html.parser.HTMLParser):
    """Collects ids and checks that every open tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_has_settings_claims_and_curves_and_needs_nothing_else(written: WrittenComparison) -> None:
    page = written.page.read_text(encoding="utf-8")
    seen = Seen(page)
    assert not seen.open
    assert len(set(seen.ids)) == len(seen.ids)
    assert "http" not in page
    for claim in BASE.claims():
        assert f"<b>{claim.name}</b>" in page
    assert "<th>minus before</th>" in page
    assert "Adam(" in page
    assert '<span data-series="real · after">' in page


def test_each_panel_has_the_curves_of_all_runs_with_their_own_values(written: WrittenComparison) -> None:
    (chapter,) = written.chapters
    (figure,) = chapter.figures
    assert [panel.title for panel in figure.figure.panels] == [
        "validation inputs",
        "training inputs",
        "training accuracy",
    ]
    drawn = figure.panels[1][0]
    assert {curve.series for curve in drawn.curves} == {
        f"{kind} · {name}" for kind in ("real", "randX", "randY") for name in ("before", "after")
    }
    before, after = (one.experiments[BASE.name].chapter.results for one in memorizing_and_not())
    for name, results in (("before", before), ("after", after)):
        (numbers,) = (one for one in drawn.numbers if one.series == f"real · {name}")
        clean = results.isel(member=np.flatnonzero((results.rand_x == 0) & (results.rand_y == 0)))
        assert [row[1] for row in numbers.rows] == pytest.approx(clean.csr_training.mean("member").values.tolist())
    dashes = {entry.name: entry.dashes for entry in drawn.legend.entries}
    assert dashes["real · before"] != dashes["real · after"]
    colors = {entry.name: entry.color for entry in drawn.legend.entries}
    assert colors["real · before"] == colors["real · after"] != colors["randX · before"]


def test_many_curves_get_a_panel_for_each_series_in_which_runs_have_colors() -> None:
    figures = BASE.figures(made(BASE, memorizing), "made up")
    several = overlaid([(name, figures[0]) for name in ("a", "b", "c")])
    assert "training inputs, real" in [panel.title for panel in several.panels]
    panel = canvas.drawn_panels(dataclasses.replace(several, panels=several.panels[-1:]))[0]
    assert [entry.name for entry in panel.legend.entries] == ["a", "b", "c"]
    assert len({entry.color for entry in panel.legend.entries}) == 3


def test_tables_hold_a_row_for_each_claim_part_and_run(written: WrittenComparison) -> None:
    directory = written.page.parent
    with (directory / "claims.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(row.cells) for chapter in written.chapters for row in chapter.rows)
    first, second = [row for row in rows if row["claim"] == "F9a-randX"]
    assert (first["run"], first["verdict"], first["difference_estimate"]) == ("before", "holds", "")
    assert (second["run"], second["verdict"], second["difference_from"]) == ("after", "fails", "before")
    assert float(second["difference_low"]) <= float(second["difference_estimate"]) <= float(second["difference_high"])
    assert second["difference_seeds"] == "3"
    with (directory / "settings.csv").open(encoding="utf-8") as file:
        assert [row["setting"] for row in csv.DictReader(file)] == ["seeds", "optimizer"]
    assert (directory / "curves" / "critical-samples.csv").exists()


def test_verdicts_that_differ_are_counted(written: WrittenComparison) -> None:
    differing, shared = verdicts_that_differ(written.chapters)
    assert 0 < len(differing) <= shared
    assert {row.claim.name for row in differing} >= {"F9a-randX", "F9a-randY"}


def test_experiments_of_one_run_and_runs_without_common_seeds_are_named(tmp_path: Path) -> None:
    later = dataclasses.replace(BASE, seed_base=10)
    one, other = run("a", BASE), run("b", later)
    lonely = dataclasses.replace(run("c", BASE), experiments={"own": run("c", BASE).experiments[BASE.name]})
    written = write_comparison(tmp_path, [one, other, lonely])
    assert written.alone == ("own is only in c.",)
    page = written.page.read_text(encoding="utf-8")
    assert "b has no seed in common with a: differences have no interval." in page
    assert "own is only in c. It is not compared." in page


def test_names_with_markup_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    facts = dataclasses.replace(FACTS, name="<b>&")
    written = write_comparison(tmp_path, [run("<i>", BASE, facts=facts), run("$x_1$", BASE)])
    page = written.page.read_text(encoding="utf-8")
    assert not Seen(page).open
    assert "<i>" not in page.replace("&lt;i&gt;", "")


def test_directories_without_runs_or_results_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "experiment.json").write_text(json.dumps({"experiments": [], "format": 1}))
    with pytest.raises(checks.BadInput) as told:
        compared_runs([tmp_path / "empty", tmp_path / "broken"])
    assert "experiment.json" in str(told.value)
    assert "format 1" in str(told.value)
