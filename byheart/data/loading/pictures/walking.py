"""Files below a folder: which are pictures, and what is skipped."""

import collections
import os
from collections.abc import Iterator
from pathlib import Path

from byheart.checks import BadInput

ENDINGS = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
)  # fmt: skip
_HIDDEN = ("thumbs.db", "desktop.ini", "__macosx", "@eadir")
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)

HIDDEN, NO_PICTURE, EMPTY, NOWHERE, LOOP, BESIDE = (
    "hidden file",
    "file that is no picture",
    "folder without a picture",
    "link that leads nowhere",
    "link to a folder that holds it",
    "picture beside the class folders",
)
_PLURALS = {
    HIDDEN: "hidden files",
    NO_PICTURE: "files that are no pictures",
    EMPTY: "folders without a picture",
    NOWHERE: "links that lead nowhere",
    LOOP: "links to folders that hold them",
    BESIDE: "pictures beside the class folders",
}


class Skipped:
    """Counts of what was skipped, in the order in which it was first seen."""

    def __init__(self) -> None:
        self._counts: collections.Counter[str] = collections.Counter()
        self._endings: collections.Counter[str] = collections.Counter()

    def add(self, what: str, name: str = "") -> None:
        """Count one file or folder; the ending of its name is counted too if it is a file that is no picture."""
        self._counts[what] += 1
        if what == NO_PICTURE:
            self._endings[os.path.splitext(name)[1].lower() or "no ending"] += 1

    def note(self) -> str:
        """Return a sentence about all that was skipped; "" if nothing was."""
        if not self._counts:
            return ""
        endings = ", ".join(f"{ending}: {count:,}" for ending, count in self._endings.most_common(5))
        said = [_counted(count, what) for what, count in self._counts.items() if what != NO_PICTURE]
        if self._endings:
            said.append(f"{_counted(self._counts[NO_PICTURE], NO_PICTURE)} ({endings})")
        return f"Skipped: {', '.join(said)}."


def entries_of(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    """Return what a folder holds, by name.

    Raises:
        BadInput: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise BadInput(
            f"The folder {text_of(os.fspath(folder))} cannot be read ({error.strerror or error}). "
            "Allow reading it, or take it out."
        ) from None


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is one that systems make and hide."""
    return name.startswith(".") or name.lower() in _HIDDEN


def pictures_below(folder: str, skipped: Skipped) -> Iterator[str]:
    """Yield the paths of pictures below `folder`, in order of their names; count in `skipped` what is no picture.

    A file is a picture if its name ends like one, or its content begins like one. Links are followed, but not to a
    folder that holds them.

    Raises:
        BadInput: a folder cannot be read.
    """
    yield from _below(folder, skipped, ())


def _below(folder: str, skipped: Skipped, above: tuple[tuple[int, int], ...]) -> Iterator[str]:
    here = os.stat(folder)
    place = (here.st_dev, here.st_ino)
    if place in above:
        skipped.add(LOOP)
        return
    n_found = 0
    for entry in entries_of(folder):
        kind = kind_of_entry(entry)
        if kind == "folder":
            for path in _below(entry.path, skipped, (*above, place)):
                n_found += 1
                yield path
        elif kind == "picture":
            n_found += 1
            yield entry.path
        else:
            skipped.add(kind, entry.name)
    if n_found == 0:
        skipped.add(EMPTY)


def kind_of_entry(entry: os.DirEntry[str]) -> str:
    """Return "folder", "picture", or the reason why an entry of a folder is skipped."""
    if is_hidden(entry.name):
        return HIDDEN
    try:
        if entry.is_dir():
            return "folder"
        if entry.is_file():
            return "picture" if _is_picture(entry) else NO_PICTURE
        return NOWHERE if entry.is_symlink() else NO_PICTURE
    except OSError:  # A link that leads to itself.
        return NOWHERE


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Return whether a file is named like a picture, or begins like one."""
    if entry.name.lower().endswith(ENDINGS):
        return True
    try:
        with open(entry.path, "rb") as file:
            return begins_as_picture(file.read(18))
    except OSError:
        return False


def begins_as_picture(start: bytes) -> bool:
    """Return whether bytes begin as those of a picture do; 18 of them are enough."""
    is_bmp = start[:2] == b"BM" and int.from_bytes(start[14:18], "little") in _BMP_HEADERS
    return start.startswith(_STARTS) or is_bmp or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")


def text_of(path: str) -> str:
    r"""Return a path as text that can be printed and stored; bytes that are not UTF-8 become \xNN.

    >>> text_of(os.fsdecode(b"caf\xe9.png"))
    'caf\\xe9.png'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def id_of(path: str, root: str) -> str:
    """Return the name of a picture: its path below `root`, with /."""
    return text_of(Path(path).relative_to(root).as_posix())


def _counted(count: int, what: str) -> str:
    """Return a count with its noun.

    >>> _counted(2, "file that is no picture"), _counted(1, "hidden file")
    ('2 files that are no pictures', '1 hidden file')
    """
    return f"1 {what}" if count == 1 else f"{count:,} {_PLURALS[what]}"
