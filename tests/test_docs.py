"""The pages of the documentation know all public names, and each other."""

import json
import re
from pathlib import Path

import pytest

import byheart

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"]
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="there are no pages")


def test_the_reference_has_every_public_name_once_and_lists_it() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md"))}
    index = pages.pop("index.md")
    shown = [name for text in pages.values() for name in re.findall(r"^::: byheart\.(\w+)$", text, re.MULTILINE)]
    assert sorted(shown) == sorted(set(byheart.__all__) - {"__version__"})
    for page, text in pages.items():
        (listed,) = re.findall(rf"^\| \[.*\]\({page}\) \| (.*) \|$", index, re.MULTILINE)
        assert re.findall(r"`(\w+)`", listed) == re.findall(r"^::: byheart\.(\w+)$", text, re.MULTILINE)


def test_every_page_stands_in_the_site() -> None:
    named = set(re.findall(r": ([\w/]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} <= named


def test_the_tables_of_the_reproduction_are_its_numbers() -> None:
    judged = json.loads((DOCS / "reproduction.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| (F\w.*?) \|$", (DOCS / "reproduction.md").read_text(encoding="utf-8"), re.MULTILINE)
    shown = [row.replace("−", "-").split(" | ") for row in rows]

    def seeds(one: dict[str, int]) -> str:
        without = one["seeds_without_value"]
        return f"{one['seeds']} of {one['seeds'] + without}" if without else str(one["seeds"])

    expected = [
        [
            one["claim"],
            f"{one['estimate']:.3f}",
            "[{:.3f}, {:.3f}]".format(*one["interval"]),
            seeds(one),
            f"**{one['verdict']}**",
            one["verdict_together"],
        ]
        for one in judged
    ]
    assert sorted([row[0], *row[2:]] for row in shown) == sorted(expected)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_of_the_repository(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    lost = [link for link in links if not link.startswith("https://") and not (page.parent / link).exists()]
    assert not lost
