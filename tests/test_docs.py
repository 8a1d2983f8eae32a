"""The documentation lists all public names, and its links work."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import byheart
from byheart.paper.catalog import CATALOG

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"]
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="there are no pages")


def test_the_reference_has_every_public_name_once_and_lists_it() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md"))}
    index = pages.pop("index.md")
    shown = [name for text in pages.values() for name in re.findall(r"^::: byheart\.(\w+)$", text, re.MULTILINE)]
    assert sorted(shown) == sorted(byheart.__all__)
    for page, text in pages.items():
        (listed,) = re.findall(rf"^\| \[.*\]\({page}\) \| (.*) \|$", index, re.MULTILINE)
        assert re.findall(r"`(\w+)`", listed) == re.findall(r"^::: byheart\.(\w+)$", text, re.MULTILINE)


def test_every_page_stands_in_the_site() -> None:
    named = set(re.findall(r": ([\w/]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} <= named


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_every_page_has_a_picture(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]{20,}\]\((figures/[\w-]+\.png)\)", text)
    assert pictures or "plt.show()" in text
    assert all((DOCS / picture).exists() for picture in pictures)


def test_every_picture_is_small_and_shown() -> None:
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (DOCS / "figures").iterdir():
        assert picture.name in shown
        assert picture.stat().st_size < 700_000


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of all rows of claims, without their statements."""
    rows = re.findall(r"^\| (F\d.*?) \|$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    grid_points = [row.replace("−", "-").split(" | ") for row in rows]
    return [[claim, *rest] for claim, _, *rest in grid_points]


def row_of(one: dict[str, Any]) -> list[str]:
    """Return the same cells for a claim in a `claims.json`."""
    seeds, without = one["seeds"], one["seeds_without_value"]
    return [
        one["claim"],
        f"{one['estimate']:.3f}",
        "[{:.3f}, {:.3f}]".format(*one["interval"]),
        f"{seeds} of {seeds + without}" if without else str(seeds),
        f"**{one['verdict']}**",
    ]


def test_the_tables_of_the_reproduction_are_its_numbers() -> None:
    judged = json.loads((DOCS / "reproduction.json").read_text(encoding="utf-8"))
    assert sorted(rows_of("reproduction.md")) == sorted([*row_of(one), one["verdict_in_family"]] for one in judged)


def test_experiments_open_with_the_numbers_of_the_reproduction() -> None:
    judged = json.loads((DOCS / "reproduction.json").read_text(encoding="utf-8"))
    files = (ROOT / "byheart" / "paper").glob("*/experiment.py")
    openings = {file.parent.name: file.read_text(encoding="utf-8") for file in files}
    claims = [
        line for text in openings.values() for line in re.findall(r"^        (F\d[\w-]*: .*)$", text, re.MULTILINE)
    ]
    assert sorted(claims) == sorted(
        "{}: {}, {} {}".format(one["claim"], one["verdict"], *row_of(one)[1:3]) for one in judged
    )
    runs = re.findall(
        r"^\| `([\w-]+)`, (\S+) \| (\d+) \| (.*?) \|", (DOCS / "reproduction.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(runs) == 12
    for name, data, n_networks, time in runs:
        assert f"\n    {data}, {n_networks} networks in {time}\n" in openings[name.replace("-", "_")]


def test_the_tables_of_what_was_measured_beside_it_are_its_numbers() -> None:
    judged = [json.loads(file.read_text(encoding="utf-8")) for file in (DOCS / "measured").glob("*.json")]
    assert sorted(rows_of("measured.md")) == sorted(row_of(one) for file in judged for one in file)


def test_the_table_of_false_verdicts_is_the_one_of_the_benchmark() -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / "false_holds.json").read_text(encoding="utf-8"))
    short = {(row["world"], row["statistic"], row["seeds"]): row for row in results["tables"]["In short"]}
    expected = []
    for world, statistic, seeds in short:
        if seeds == 3:
            pair = [short[world, statistic, n] for n in (3, 5)]
            holds = [f"{100 * row['hold on average']:.1f}, {100 * row['at most']:.1f} ({row['which']})" for row in pair]
            fails = " / ".join(f"{100 * row['fail at most']:.0f}" for row in pair) if "threshold" in statistic else "–"
            expected.append(f"| {world} | {statistic} | {pair[0]['claims']} | {holds[0]} | {holds[1]} | {fails} |")
    text = (DOCS / "verdicts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| (?:as it is|at its threshold) \| .* \|$", text, re.MULTILINE)
    assert rows == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_of_the_repository(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    lost = [link for link in links if not link.startswith("https://") and not (page.parent / link).exists()]
    assert not lost


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {byheart.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_page_of_measures_names_commands_and_calls_that_exist() -> None:
    text = (DOCS / "which_measure.md").read_text(encoding="utf-8")
    commands, calls = re.findall(r"byheart run ([\w-]+)", text), re.findall(r"\bbh\.(\w+)", text)
    assert set(commands) == set(CATALOG)
    assert len(calls) > 15
    assert set(calls) <= set(byheart.__all__)
