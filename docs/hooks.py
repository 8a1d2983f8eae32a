"""Add pages that stand elsewhere to the site, and adapt the links to them.

On a code host these pages are where they are; in the site they stand beside the others.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "benchmarks.md": "benchmarks/README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
}
"""Page of the site, and the file that it is."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for page, file in ELSEWHERE.items():
        text = (
            (ROOT / file)
            .read_text(encoding="utf-8")
            .replace("](../docs/", "](")
            .replace("](docs/", "](")
        )
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Adapt the links to these pages."""
    del page, config, files
    for page_of_site, file in ELSEWHERE.items():
        markdown = markdown.replace(f"](../{file}", f"]({page_of_site}")
    return markdown
