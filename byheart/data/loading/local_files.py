"""Finds official files in the user's folder, in any common layout, and checks the MD5 of their unpacked bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from byheart.checks import BadInput
from byheart.data.loading.official import SOURCES, Source
from byheart.data.loading.readable import read_archive, read_file


def find_official_files(source: Source, root: Path) -> Mapping[str, bytes] | None:
    """Return the unpacked files of `source` from the first of its common folders below `root` that has all of them.

    Returns:
        the bytes of each file by its official name; None if no folder has all files.

    Raises:
        BadInput: a file is damaged, or only a pickled version exists.
    """
    for folder in source.folders:
        files = _read_files(source, root / folder)
        if files and _is_official(source, files, root / folder):
            return files
    if any((root / folder / name).exists() for folder in source.folders for name in source.pickled):
        addresses = " or ".join(mirror + name for name in source.downloads for mirror in source.mirrors)
        raise BadInput(
            f"{source.title} must be in its binary version; {root} has the Python version, "
            f"which is a pickle and is never loaded. Download {addresses} into that folder."
        )
    return None


def _read_files(source: Source, folder: Path) -> dict[str, bytes]:
    """Return the unpacked bytes of all files, which may be gzipped or in an archive; {} if one is missing."""
    paths = [
        next((folder / variant for variant in _file_name_variants(name) if (folder / variant).is_file()), None)
        for name in source.md5
    ]
    if None not in paths:
        return {name: read_file(path) for name, path in zip(source.md5, paths, strict=True) if path}
    archives = [folder / name for name in source.downloads if name.endswith(".tar.gz") and (folder / name).is_file()]
    return read_archive(archives[0], source.md5) if archives else {}


def _file_name_variants(name: str) -> list[str]:
    """Return common names of an official file: with "-idx" or ".idx", plain or gzipped."""
    return [variant + suffix for variant in (name, name.replace("-idx", ".idx")) for suffix in ("", ".gz")]


def _is_official(source: Source, files: Mapping[str, bytes], folder: Path) -> bool:
    """Return True if the MD5s are those of `source`, and False if they are those of another known data set.

    Raises:
        BadInput: other bytes.
    """
    others = {md5 for other in SOURCES.values() for md5 in other.md5.values()} - set(source.md5.values())
    for name, data in files.items():
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if md5 in others:
            return False
        if md5 != source.md5[name]:
            raise BadInput(
                f"{name} in {folder} must be {source.title}'s official file, whose unpacked bytes have the MD5 "
                f"{source.md5[name]}; got {md5}. Delete it and download it again."
            )
    return True
