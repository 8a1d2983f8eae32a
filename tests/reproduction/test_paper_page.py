"""The page of several runs with made-up results: all claims, a chapter for each figure, valid links, no other files."""

import dataclasses
import html.parser
import json
from pathlib import Path

import pytest
from made_results import FACTS, critical_samples, made, memorizing, patterns_first, patterns_then_noise

from byheart.drawing.drawn_panel import DrawnPanel
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.reproduction.paper_page import DrawnRun, write_whole_paper
from byheart.reproduction.reproduction import StoredRun
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter

COLOR = DataSummary("cifar10", (32, 32, 3), 1437, 360)
OWN = dataclasses.replace(FACTS, name="my <data> 100%")


def run(
    directory: Path, facts: DataSummary, finished: tuple[str, ...] = ("patterns-first", "critical-samples")
) -> StoredRun:
    """Return a run of both experiments, of which some are finished."""
    first, second = patterns_first(3), critical_samples(3)
    chapters = [
        Chapter(
            Part(first, "fingerprint", (4,)), made(first, patterns_then_noise).assign_attrs(peak_bytes=210_000_000)
        ),
        Chapter(Part(second, "fingerprint", (4,)), made(second, memorizing), missing_chunks=2),
    ]
    record = Record(facts.name, facts, "tiny", tuple(chapter.part for chapter in chapters), {})
    directory.mkdir()
    return StoredRun(directory, record, [one for one in chapters if one.part.experiment.name in finished])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the page of three runs; figures are not drawn."""
    directory = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as undrawn:
        undrawn.setattr(
            "byheart.drawing.canvas.drawn_panels", lambda figure: [DrawnPanel("<svg></svg>")] * len(figure.panels)
        )
        runs = [
            run(directory / "digits", FACTS),
            run(directory / "cifar10", COLOR, ("patterns-first",)),
            run(directory / "my <data> 100%", OWN),
        ]
        write_whole_paper(directory, [DrawnRun.of(one) for one in runs])
    return directory


class Seen(html.parser.HTMLParser):
    """Collects ids and links, and checks that every open tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.identifiers: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.identifiers += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])] if "href" in found else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def experiments() -> tuple[Experiment, Experiment]:
    return patterns_first(3), critical_samples(3)


def test_claims_json_holds_the_claims_of_all_runs(written: Path) -> None:
    found = json.loads((written / "claims.json").read_text())
    first, second = ([claim.name for claim in one.claims()] for one in experiments())
    assert [(one["data"], one["claim"]) for one in found] == [
        *(("digits", name) for name in (*first, *second)),
        *(("cifar10", name) for name in first),
        *((OWN.name, name) for name in (*first, *second)),
    ]


def test_every_claim_stands_in_the_first_table_and_leads_to_its_chapter(written: Path) -> None:
    page = (written / "report.html").read_text()
    table = page.split('<table class="claims sorts">')[1].split("</table>")[0]
    rows = table.split("<tr>")[2:]
    assert len(rows) == len(json.loads((written / "claims.json").read_text()))
    for experiment in experiments():
        for claim in experiment.claims():
            assert f'<a href="#{experiment.name}-digits"><b>{claim.name}</b></a>' in table
            assert f"<td>{claim.statement}</td>" in table


def test_all_links_lead_somewhere_and_identifiers_are_unique(written: Path) -> None:
    for page in (written / "report.html", written / "digits" / "report.html"):
        seen = Seen(page.read_text())
        assert not seen.open
        assert len(set(seen.identifiers)) == len(seen.identifiers)
        assert {link.removeprefix("#") for link in seen.links} <= set(seen.identifiers)
        assert all(link.startswith("#") for link in seen.links)


def test_a_story_is_told_once_for_all_data_and_departures_for_each(written: Path) -> None:
    page = (written / "report.html").read_text()
    for experiment in experiments():
        start = experiment.description.split("'")[0][:60]
        assert page.count(start) == 1
    assert page.count("Departures from the paper") == 5
    assert page.index('id="patterns-first-cifar10"') < page.index('id="critical-samples-digits"')


def test_the_page_says_what_words_mean_what_is_missing_and_what_it_cost(written: Path) -> None:
    page = (written / "report.html").read_text()
    for word in ("randX", "randY", "holds", "fails", "undecided", "seed"):
        assert f">{word}</dt>" in page
    assert "No results yet (run the same command again to resume): critical-samples on cifar10." in page
    assert page.count("2 chunks are missing") == 2
    assert page.count("The peak memory of the process was 210 MB") == 3
    assert "my &lt;data&gt; 100%" in page
    assert "<data>" not in page


def test_the_page_needs_nothing_but_itself(written: Path) -> None:
    page = (written / "report.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "<link" not in page
    assert "src=" not in page.replace('src="data:image/svg+xml;base64,', "")
