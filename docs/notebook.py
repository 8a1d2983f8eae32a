"""Execute the tutorial, a notebook in Markdown, and put its outputs into its page.

An error in one of its cells ends the build. The executed notebook lies beside the page.
"""

import tempfile

import jupytext
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

PAGE, NOTEBOOK = "tutorial.md", "tutorial.ipynb"
SECONDS = 600
"""A cell that takes longer ends the build."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the page with outputs in its place; add its pictures and the notebook."""
    source = files.get_file_from_path(PAGE)
    notebook = executed(source.content_string)
    text, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"output_files_dir": "tutorial"}
    )
    text = text.replace("![png](", "![Output of the cell above](")
    files.remove(source)
    files.append(File.generated(config, PAGE, content=text))
    files.append(File.generated(config, NOTEBOOK, content=nbformat.writes(notebook)))
    for name, picture in resources["outputs"].items():
        files.append(File.generated(config, name, content=picture))
    return files


def executed(text: str) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of its cells, run in an empty folder."""
    notebook = jupytext.reads(text, fmt="md")
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        return client.execute()
