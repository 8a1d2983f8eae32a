"""Links from a page to files of the user."""

from pathlib import Path
from urllib.parse import quote


def folder_link(folder: str, directory: Path) -> str:
    """Return the beginning of links to the files below a folder: relative if it lies in the page's directory.

    Args:
        folder: an absolute path; "" gives "", which stands for no links.
        directory: of the page.

    >>> folder_link("/data/my pets", Path("/audits")), folder_link("/audits/in/pets", Path("/audits/in"))
    ('file:///data/my%20pets/', 'pets/')
    """
    if not folder:
        return ""
    place, start = Path(folder).resolve(), directory.resolve()
    if place.is_relative_to(start):
        inside = place.relative_to(start).as_posix()
        return "./" if inside == "." else f"{quote(inside)}/"
    return f"{place.as_uri()}/"


def file_link(beginning: str, name: str) -> str:
    """Return the link to a file by its path below the folder of `folder_link`.

    >>> file_link("pets/", "cats/a #1?.png")
    'pets/cats/a%20%231%3F.png'
    """
    return f"{beginning}{quote(name)}"
