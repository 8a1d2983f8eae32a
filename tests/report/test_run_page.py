"""The report of made-up results: claims.json with the documented keys, figures, and a self-contained page."""

import csv
import dataclasses
import html.parser
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from made_examples import easy_examples, made_errors, patterns
from made_results import (
    EPOCHS,
    FACTS,
    critical_samples,
    diverged,
    made,
    memorizing,
    patterns_first,
    patterns_then_noise,
)
from markupsafe import escape

from byheart import checks
from byheart.drawing.drawn_panel import DrawnPanel
from byheart.experiments.claims import Claim, Judgment, judged_together
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.search_experiment import SearchExperiment
from byheart.report.formatting import together_in_words
from byheart.report.run_page import write_report
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter
from byheart.statistics.intervals import interval_over_seeds
from byheart.statistics.rules import Above

CONTRACT = {
    "claim": str,
    "figure": str,
    "statement": str,
    "statistic": str,
    "estimate": float | None,
    "interval": list,
    "rule": str,
    "verdict": str,
    "p_value": float | None,
    "adjusted_p_value": float | None,
    "verdict_together": str,
    "seeds": int,
    "data": str,
    "scale": str,
}


def chapter(experiment: SearchExperiment, results: xr.Dataset, **more: int) -> Chapter:
    return Chapter(Part(experiment, "fingerprint", (4,)), results, **more)


def report(directory: Path, *chapters: Chapter, facts: DataSummary = FACTS) -> str:
    """Write a report; return the text of its page."""
    record = Record(facts.name, facts, "tiny", tuple(one.part for one in chapters), {})
    return write_report(directory, record, list(chapters)).page.read_text(encoding="utf-8")


def both(seeds: int = 3) -> tuple[Chapter, Chapter]:
    first, second = patterns_first(seeds), critical_samples(seeds)
    return chapter(first, made(first, patterns_then_noise)), chapter(second, made(second, memorizing))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("report")
    report(directory, *both())
    return directory


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip drawing, for tests that read only the text."""
    monkeypatch.setattr(
        "byheart.drawing.canvas.drawn_panels", lambda figure: [DrawnPanel("<svg></svg>")] * len(figure.panels)
    )


class Seen(html.parser.HTMLParser):
    """Collects tags, ids, links and text, as a browser would."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]


def claims(directory: Path) -> list[dict[str, Any]]:
    """Return the claims in claims.json; fail on NaN and Infinity, which are not valid JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads((directory / "claims.json").read_text(encoding="utf-8"), parse_constant=refuse)


def test_claims_json_holds_every_claim_with_all_keys_of_the_contract(written: Path) -> None:
    found = claims(written)
    assert [one["claim"] for one in found] == [claim.name for one in both() for claim in one.part.experiment.claims()]
    for one in found:
        assert set(CONTRACT) <= set(one)
        for key, kind in CONTRACT.items():
            assert isinstance(one[key], kind), key
        assert one["verdict"] in ("holds", "fails", "undecided")
        without = one["seeds_without_value"]
        assert (one["data"], one["scale"], one["seeds"] + without, len(one["per_seed"])) == ("digits", "tiny", 3, 3)
        low, high = one["interval"]
        assert low <= one["estimate"] <= high if low is not None else one["seeds"] < 2
        assert one["verdict_together"] in (one["verdict"], "undecided")
        if one["p_value"] is not None:
            assert one["p_value"] <= one["adjusted_p_value"] <= 1


def test_with_a_single_seed_claims_json_has_null_for_infinite_bounds(tmp_path: Path, undrawn: None) -> None:
    page = report(tmp_path, *both(seeds=1)[1:])
    assert {tuple(one["interval"]) for one in claims(tmp_path)} == {(None, None)}
    assert {one["verdict"] for one in claims(tmp_path)} == {"undecided"}
    assert "needs two seeds" in page


def test_the_numbers_of_all_curves_are_written_with_their_intervals(written: Path) -> None:
    assert {path.name for path in (written / "curves").iterdir()} == {
        f"{name}.csv" for name in ("patterns-first", "patterns-first-radii", "critical-samples")
    }
    with (written / "curves" / "patterns-first.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["panel"] == "randX: accuracy" and row["series"] == "0"]
    assert [(row["x_label"], row["y_label"]) for row in rows[:1]] == [("epoch", "accuracy (dotted: validation)")]
    solid, dotted = ([row for row in rows if row["note"] == note] for note in ("", "dotted"))
    assert len(solid) == len(dotted) == len(EPOCHS)
    results = both()[0].results
    clean = results.isel(member=np.flatnonzero((results.rand_x == 0) & (results.rand_y == 0)))
    for row, values in zip(solid, clean.training_accuracy.transpose("epoch", "member").values, strict=True):
        interval = interval_over_seeds(values)
        seen = [float(row[name]) for name in ("y", "low", "high")]
        assert seen == pytest.approx([interval.estimate, interval.low, interval.high])
        assert (row["x_low"], row["x_high"]) == ("", "")
    assert [int(float(row["x"])) for row in solid] == list(EPOCHS)


def test_claims_csv_has_the_numbers_of_claims_json(written: Path) -> None:
    with (written / "claims.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, one in zip(rows, claims(written), strict=True):
        assert (row["claim"], row["data"], row["verdict"]) == (one["claim"], "digits", one["verdict"])
        for name, value in (("estimate", one["estimate"]), ("low", one["interval"][0]), ("seeds", one["seeds"])):
            assert row[name] == ("" if value is None else repr(value))
        assert [float(value) for value in row["per_seed"].split()] == [
            pytest.approx(np.nan if value is None else value, nan_ok=True) for value in one["per_seed"]
        ]


def test_methods_state_data_networks_seeds_statistics_and_versions(written: Path) -> None:
    text = (written / "methods.txt").read_text(encoding="utf-8")
    for said in (
        "Data: digits, with 1,437 training and 360 validation examples. Images are 8 x 8.",
        "Experiment patterns-first: 27 networks. Each is MLP(widths=(128, 128)), trained by SGD(",
        "on 600 training examples (validated on 300), in minibatches of 32, for 30 epochs.",
        "3 seeds (0 to 2)",
        "radius = Pixels(value=10.0)",
        "after Arpit et al.",
        "95 % interval of its mean over seeds (Student's t)",
        "shares, judged as the arcsine of their square root: F78c-early.",
        "byheart 0.0, JAX 0.0 on 1 x made up",
    ):
        assert said in text, said
    page = (written / "report.html").read_text(encoding="utf-8")
    assert all(str(escape(paragraph)) in page for paragraph in text.strip().split("\n\n"))


def test_the_page_needs_nothing_but_itself(written: Path) -> None:
    """It loads no script, style sheet, image or font, also inside its drawings."""
    seen = Seen((written / "report.html").read_text(encoding="utf-8"))
    assert not seen.open
    assert not {tag for tag, _ in seen.tags} & {"img", "link", "iframe", "object", "embed", "base"}
    assert not [attributes for tag, attributes in seen.tags if tag == "script" and "src" in attributes]
    identifiers = set(seen.values("id"))
    assert {href.removeprefix("#") for href in seen.values("href")} <= identifiers
    text = (written / "report.html").read_text(encoding="utf-8")
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= identifiers
    assert not [part for part in text.split("url(")[1:] if part[0] != "#"]
    assert text.count("<style") == 1
    assert "@import" not in text
    assert "http" not in text


def test_a_page_of_curves_holds_each_name_and_each_outline_of_a_letter_once(written: Path) -> None:
    seen = Seen((written / "report.html").read_text(encoding="utf-8"))
    identifiers = seen.values("id")
    assert len(set(identifiers)) == len(identifiers)
    assert len([name for name in identifiers if name.startswith("DejaVu")]) > 30


def test_a_panel_is_drawn_with_its_legend_in_words_and_the_numbers_of_its_curves(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    opening, chapters = page.split("</header>")
    assert opening.count('<div class="panel">') == 1
    panels = chapters.split('<div class="panel">')[1:]
    assert len(panels) == 4 + 2 + 3
    accuracy, told = panels[0], json.loads(panels[0].split('<script type="application/json">')[1].split("</script>")[0])
    levels = ["0", "0.2", "0.4", "0.8", "1"]
    assert re.findall(r'<span data-series="([^"]*)">', accuracy) == levels
    assert '<span class="soft">noise level</span>' in accuracy
    assert told["labels"] == ["epoch", "accuracy (dotted: validation)"]
    assert [curve["name"] for curve in told["curves"]] == [name for x in levels for name in (x, f"{x} (dotted)")]
    for place, curve in enumerate(told["curves"]):
        assert accuracy.count(f' data-curve="{place}"') == 2  # the curve and its band
        assert {point[2] for point in curve["points"]} <= {str(epoch) for epoch in EPOCHS}
    results = both()[0].results
    clean = results.isel(member=np.flatnonzero((results.rand_x == 0) & (results.rand_y == 0)))
    means = clean.training_accuracy.mean("member").values.tolist()
    assert [float(point[3].split(" ")[0]) for point in told["curves"][0]["points"]] == pytest.approx(means, abs=1e-3)


def test_every_drawing_is_described_for_those_who_cannot_see_it(written: Path) -> None:
    seen = Seen((written / "report.html").read_text(encoding="utf-8"))
    parts = ("aria-hidden", "x")  # Drawings of what is said beside them, and their marks.
    drawings = [one for tag, one in seen.tags if tag == "svg" and not any(name in one for name in parts)]
    descriptions = [str(attributes["aria-label"]) for attributes in drawings]
    assert {attributes["role"] for attributes in drawings} == {"img"}
    assert len(descriptions) == 1 + 4 + 2 + 3  # The first is that of the opening.
    assert descriptions[0] == f"Main effect. {descriptions[3]}"
    assert len(set(descriptions)) == len(descriptions)
    assert all(description.endswith(".") for description in descriptions)


def test_the_page_says_claims_captions_settings_and_departures(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    for one in both():
        experiment = one.part.experiment
        for claim in experiment.claims():
            assert f"<b>{claim.name}</b>" in page
        for name in experiment.settings():
            assert f'<th scope="row"><code>{name}</code></th>' in page
        assert len(experiment.departures(FACTS)) > 3
        for departure in experiment.departures(FACTS):
            assert departure.split(" = ")[0] in page
    assert page.count("mean and 95 % interval over n = 3 seeds") == 3
    assert "digits (8 x 8)" in page
    assert "not finished" not in page
    assert "diverged, and have no numbers" not in page


def test_two_reports_of_the_same_results_are_the_same_bytes(written: Path, tmp_path: Path) -> None:
    report(tmp_path, *both())
    files = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert len(files) == len(["report.html", "claims.json", "claims.csv", "methods.txt"]) + 3
    for file in files:
        assert (tmp_path / file).read_bytes() == (written / file).read_bytes(), file


def test_a_report_replaces_an_older_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for _ in range(2):
        report(tmp_path, both()[1])
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.html",
        "claims.json",
        "claims.csv",
        "methods.txt",
        "curves",
    }
    assert len(list((tmp_path / "curves").iterdir())) == 1


def test_a_name_with_markup_is_shown_and_not_obeyed(tmp_path: Path, undrawn: None) -> None:
    """The name of the file becomes the name of the data."""
    name = '<script>alert("1")</script>&[/red]'
    facts = DataSummary(name, FACTS.input_shape, FACTS.n_training, FACTS.n_validation)
    page = report(tmp_path, both()[1], facts=facts)
    assert [tag for tag, _ in Seen(page).tags].count("script") == 1  # that of the terms
    assert "&lt;script&gt;alert(" in page
    assert claims(tmp_path)[0]["data"] == name


def test_tables_know_the_folder_whose_files_ids_name(tmp_path: Path, undrawn: None) -> None:
    of = easy_examples(1)
    one = Chapter(Part(of, "fingerprint", (4,)), made_errors(of, patterns))
    assert "data-files=" not in report(tmp_path, one)
    inside = dataclasses.replace(FACTS, folder=str(tmp_path / "my pets"))
    assert 'data-files="my%20pets/"' in report(tmp_path, one, facts=inside)
    elsewhere = dataclasses.replace(FACTS, folder="/data/pets")
    assert 'data-files="file:///data/pets/"' in report(tmp_path, one, facts=elsewhere)


def test_a_run_that_is_not_finished_says_so(tmp_path: Path, undrawn: None) -> None:
    one = both()[1]
    page = report(tmp_path, chapter(one.part.experiment, one.results, missing_chunks=1, missing_networks=2))
    assert "This run is not finished: 1 chunk is missing." in page
    assert f"<p>{one.results.sizes['member'] - 2} networks;" in page
    page = report(tmp_path, chapter(one.part.experiment, one.results, missing_chunks=3))
    assert "3 chunks are missing." in page


def test_networks_that_diverged_are_named_and_their_seeds_counted(tmp_path: Path) -> None:
    experiment = critical_samples(3)
    results = diverged(diverged(made(experiment, memorizing), 1, 10), 5, 2)
    page = report(tmp_path, chapter(experiment, results))
    assert "2 networks diverged, and have no numbers" in page
    assert "(seed 0, randX 1, randY 0: epoch 10; seed 1, randX 0, randY 1: epoch 2)" in page
    found = {one["claim"]: one for one in claims(tmp_path)}
    assert (found["F9a-randX"]["seeds"], found["F9a-randX"]["seeds_without_value"]) == (2, 1)
    assert found["F9a-randX"]["per_seed"][0] is None
    rises = {name: part["per_seed"] for name, part in found["F9b-rises"]["parts"].items()}
    assert [values.index(None) for values in (rises["randX"], rises["randY"])] == [0, 1]
    assert None not in rises["real"]
    assert "2 of 3" in page


def test_cautions_and_what_is_left_out_stand_above_figures_in_tables_and_beside_claims(
    tmp_path: Path, undrawn: None
) -> None:
    doubted = dataclasses.replace(FACTS, cautions=("The images reach 16 of 255.",))
    page = report(tmp_path, *both(), facts=doubted)
    left_out = (
        "600 of 1,437 training examples are used, a subset with the same shares of classes, drawn by subset_seed 0"
    )
    for one in claims(tmp_path):
        assert one["cautions"] == ["The images reach 16 of 255."]
        assert one["left_out"][0] == f"{left_out}; `--n-training all` takes all."
    for name in ("patterns-first", "critical-samples"):
        section = page[page.index(f'<section id="{name}">') :]
        figures = section.index("<figure")
        assert section.index('<p class="note">The images reach 16 of 255.</p>') < figures
        assert section.index(left_out) < figures
    assert page.count(">caution</a>") == len(claims(tmp_path))


def test_where_nothing_is_to_be_said_nothing_is(tmp_path: Path, undrawn: None) -> None:
    first, _ = both()
    everything = {"n_training": FACTS.n_training, "n_validation": FACTS.n_validation, "n_samples": FACTS.n_validation}
    experiment = dataclasses.replace(first.part.experiment, **everything)
    page = report(tmp_path, chapter(experiment, first.results))
    assert 'class="note"' not in page
    assert "takes all" not in page
    assert all(one["cautions"] == one["left_out"] == [] for one in claims(tmp_path))


def test_bad_input_that_only_byheart_can_have_made_is_a_fault_of_byheart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(experiment: SearchExperiment, results: xr.Dataset) -> list[str]:
        checks.count("seeds", 0)
        return []

    monkeypatch.setattr(SearchExperiment, "cautions", broken)
    with pytest.raises(checks.Fault, match="which is a bug"):
        report(tmp_path, *both())


def test_where_every_network_diverged_there_is_still_a_report(tmp_path: Path) -> None:
    experiment = patterns_first(2)
    results = made(experiment, patterns_then_noise)
    for index in range(results.sizes["member"]):
        results = diverged(results, index, 0)
    report(tmp_path, chapter(experiment, results))
    for one in claims(tmp_path):
        assert (one["estimate"], one["verdict"], one["seeds"], one["seeds_without_value"]) == (None, "undecided", 0, 2)
    assert np.isnan(results.csr_validation).all()


def test_claims_of_a_family_are_asked_together_and_so_are_all_of_a_report(written: Path) -> None:
    found = claims(written)
    for family in {one["family"] for one in found}:
        own = [one for one in found if one["family"] == family]
        known = sorted((one["p_value"], one["adjusted_p_value"]) for one in own if one["p_value"] is not None)
        assert known[0][1] == pytest.approx(min(1, len(own) * known[0][0]))
    page = (written / "report.html").read_text(encoding="utf-8")
    assert f"All {len(found)} claims of this page tested together:" in page
    assert page.count('data-label="Within family"') == len(found)


def test_what_stays_together_is_told_in_a_line() -> None:
    certain = Claim("X", "It is so.", "its number", lambda results: np.array([0.9, 1.0, 1.1]) * 10, Above(0))
    doubtful = dataclasses.replace(certain, name="Y", per_seed=lambda results: np.array([0.4, 0.5, 0.68]))
    unknown = dataclasses.replace(certain, name="Z", family="another", per_seed=lambda results: np.array([0.3]))
    judged = [claim.judge(xr.Dataset()) for claim in (certain, doubtful, unknown)]
    assert [one.verdict for one in judged] == ["holds", "holds", "undecided"]

    def line(chosen: list[Judgment]) -> str:
        return together_in_words(judged_together([chosen])[0])

    assert line(judged).endswith("2 of 2 verdicts stay within their families, and 2 among all claims")
    assert line([*judged, *[judged[2]] * 3]).endswith("within their families, and 1 among all claims (not Y)")
    assert line(judged[2:]) == ""
    assert [one.among_all.verdict for one in judged] == [one.verdict for one in judged]
