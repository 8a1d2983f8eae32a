"""Finding official files: in the user's folder, in any usual layout, each checked by the MD5 of its unpacked bytes."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from byheart.checks import BadInput
from byheart.data.loading.npz import archived, contents
from byheart.data.loading.official import SOURCES, Source

FOLDER_VARIABLE = "BYHEART_DATA"
"""The environment variable that names the folder of data where `data_dir` does not."""


def chosen_folder(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """The folder the user named, which must exist, or None where none was named."""
    chosen = data_dir or os.environ.get(FOLDER_VARIABLE)
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        said = "data_dir" if data_dir else FOLDER_VARIABLE
        raise BadInput(f"`{said}` must be a folder; there is none at {str(folder)!r}. Check the path.")
    return folder


def found(source: Source, root: Path) -> Mapping[str, bytes] | None:
    """The official files of `source`, unpacked, from the first of its usual folders below `root` that holds them all.

    Returns:
        The bytes of each file by its official name, or None where no folder holds them.

    Raises:
        BadInput: a file is damaged, or only a pickled version is there.
    """
    for folder in source.folders:
        held = _held(source, root / folder)
        if held and _is_official(source, held, root / folder):
            return held
    if any((root / folder / name).exists() for folder in source.folders for name in source.pickled):
        addresses = " or ".join(mirror + name for name in source.downloads for mirror in source.mirrors)
        raise BadInput(
            f"{source.title} must be in its binary version; got, in {root}, the Python version, "
            f"which is a pickle and never loaded. Fetch {addresses} into that folder."
        )
    return None


def _held(source: Source, folder: Path) -> dict[str, bytes]:
    """The unpacked bytes of all files of `source`, where `folder` holds them plain, gzipped or in an archive."""
    paths = [next((folder / kept for kept in _kept_as(name) if (folder / kept).is_file()), None) for name in source.md5]
    if None not in paths:
        return {name: contents(path) for name, path in zip(source.md5, paths, strict=True) if path}
    archives = [folder / name for name in source.downloads if name.endswith(".tar.gz") and (folder / name).is_file()]
    return archived(archives[0], source.md5) if archives else {}


def _kept_as(name: str) -> list[str]:
    """Under which names people keep an official file: IDX files also with a dot for the last dash, and all gzipped."""
    return [variant + suffix for variant in (name, name.replace("-idx", ".idx")) for suffix in ("", ".gz")]


def _is_official(source: Source, held: Mapping[str, bytes], folder: Path) -> bool:
    """Whether the bytes are those of `source`; False where they are another data set's, an error otherwise."""
    others = {md5 for other in SOURCES.values() for md5 in other.md5.values()} - set(source.md5.values())
    for name, data in held.items():
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if md5 in others:
            return False
        if md5 != source.md5[name]:
            raise BadInput(
                f"{name} in {folder} must be {source.title}'s official file, whose unpacked bytes have the MD5 "
                f"{source.md5[name]}; got {md5}. Delete it, and fetch it again."
            )
    return True
