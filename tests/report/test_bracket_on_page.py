"""Brackets on the page, in the terminal and in claims.json: which claims hold whatever undecided samples are."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from made_results import FACTS, bracketed, critical_samples, made, memorizing

from byheart.cli.claims_table import print_claims
from byheart.report.run_page import write_report
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter


def marked_in_the_picture(page: str) -> dict[str, str]:
    """Return what the picture of all claims says below verdicts, for each claim that it says something about."""
    forest = page[page.index('<table class="forest">') :]
    rows = re.split(r'<th scope="row">', forest[: forest.index("</table>")])[1:]
    marked = [row for row in rows if "certified</a></span>" in row]
    names = [re.findall(">([^<]+)</a>", row)[0] for row in marked]
    return {
        name: re.sub("<[^>]+>", "", row[row.index('<td class="verdict') :]).strip()
        for name, row in zip(names, marked, strict=True)
    }


@pytest.mark.parametrize(("gap", "is_certified"), [(0.01, True), (0.9, False)])
def test_it_is_said_beside_each_verdict_that_brackets_are_about(
    gap: float, is_certified: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = dataclasses.replace(critical_samples(), bracket=True)
    chapter = Chapter(Part(experiment, "fingerprint", (4,)), bracketed(made(experiment, memorizing), gap))
    written = write_report(tmp_path, Record("digits", FACTS, "tiny", (chapter.part,), {}), [chapter])
    print_claims(written.chapters)
    page, said = written.page.read_text(encoding="utf-8"), "certified" if is_certified else "not certified"
    found = {one["claim"]: one["certified"] for one in json.loads((tmp_path / "claims.json").read_text())}
    about = {name for name in found if name.startswith("F9a")}
    assert {name: one for name, one in found.items() if one is not None} == dict.fromkeys(about, is_certified)
    assert page.count(" within brackets</span>") == len(about) == 3
    assert page.count('<span class="soft">not <a') == (0 if is_certified else 2 * 3)
    assert marked_in_the_picture(page) == dict.fromkeys(about, f"holds {said}")
    assert capsys.readouterr().out.count(f"holds, {said}") == 3
