"""Brings two pages that stand elsewhere into the site, and bends links to them: on a code host they are where they are, in the site beside the others."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
ELSEWHERE = {"benchmarks.md": "benchmarks/README.md", "changelog.md": "CHANGELOG.md"}
"""Page of the site, and the file that it is."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages."""
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
    """Bends links."""
    del page, config, files
    for page_of_site, file in ELSEWHERE.items():
        markdown = markdown.replace(f"](../{file}", f"]({page_of_site}")
    return markdown
