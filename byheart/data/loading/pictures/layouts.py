"""The layout of a folder of pictures: class folders, those below train/ and validation/, or a metadata file."""

from collections.abc import Mapping, Sequence

from byheart.checks import BadInput
from byheart.data.loading.numbering import order
from byheart.data.loading.part_names import part_named
from byheart.data.loading.pictures.listed import Columns, Listed
from byheart.data.loading.pictures.metadata import listed_in, metadata_in
from byheart.data.loading.pictures.walking import (
    BESIDE,
    Skipped,
    entries_of,
    id_of,
    kind_of_entry,
    pictures_below,
    text_of,
)

LAYOUTS = (
    "Put the pictures of each class into a folder of its own (cats/, dogs/), these folders into train/ and "
    "validation/ if you like, or add metadata.csv with the columns file_name and label"
)


def listed(root: str, columns: Columns = Columns()) -> Listed:
    """Return the pictures in a folder with their labels, in order of part, class and name, or as a file lists them.

    Raises:
        BadInput: the folder has none of the layouts, or cannot be read; or columns are named and no file has them.
    """
    if (metadata := metadata_in(root)) is not None:
        return listed_in(metadata, columns, root)
    skipped = Skipped()
    folders = _folders(root, skipped)
    parts = _parts(folders)
    if not parts:
        _refuse_columns(root, columns)
        if len(folders) > 1 and all(map(part_named, folders)):
            raise BadInput(
                f"{text_of(root)} holds only {' and '.join(f'{text_of(name)}/' for name in folders)}, which name parts "
                f"and must hold class folders; they hold pictures without a class. {LAYOUTS}."
            )
        return _of_classes(root, root, folders, skipped)
    if columns.part is not None and len(parts) > 1:
        raise BadInput(
            f"`validation` names the column {columns.part!r}, but {text_of(root)} has folders for both parts. "
            "Leave the option out."
        )
    notes = [f"{text_of(name)}/ is left out." for name in folders if folders[name] not in parts.values()]
    found = [_of_part(root, path, columns, skipped) for path in parts.values()]
    if len(parts) == 1:
        (one,) = found
        return Listed(one.paths, one.labels, one.ids, one.parts, one.groups, (*notes, *one.notes, *_note(skipped)))
    groups = [one.groups for one in found]
    return Listed(
        [path for one in found for path in one.paths],
        [label for one in found for label in one.labels],
        [name for one in found for name in one.ids],
        [part for part, one in zip(parts, found, strict=True) for _ in one.paths],
        None if None in groups else [name for group in groups for name in group or ()],
        tuple(dict.fromkeys([*notes, *(note for one in found for note in one.notes), *_note(skipped)])),
    )


def _folders(root: str, skipped: Skipped) -> dict[str, str]:
    """Return the paths of folders in `root` by name; count the rest in `skipped`."""
    folders = {}
    for entry in entries_of(root):
        kind = kind_of_entry(entry)
        if kind == "folder":
            folders[entry.name] = entry.path
        else:
            skipped.add(BESIDE if kind == "picture" else kind, entry.name)
    return folders


def _parts(folders: Mapping[str, str]) -> dict[str, str]:
    """Return the folders of the parts, if the names say that there are parts.

    They do if there is a training folder and one for validation or testing, or a training folder alone.
    """
    named: dict[str, str] = {}
    for name, path in folders.items():
        if part := part_named(name):
            named.setdefault(part, path)
    if "training" not in named or not (len(named) > 1 or len(folders) == 1):
        return {}
    if not all(_holds_folders_or_metadata(path) for path in named.values()):
        return {}
    validation = named.get("validation") or named.get("test")
    return {"training": named["training"]} | ({"validation": validation} if validation else {})


def _holds_folders_or_metadata(path: str) -> bool:
    return metadata_in(path) is not None or any(kind_of_entry(entry) == "folder" for entry in entries_of(path))


def _of_part(root: str, path: str, columns: Columns, skipped: Skipped) -> Listed:
    """Return the pictures of one part."""
    if (metadata := metadata_in(path)) is not None:
        return listed_in(metadata, columns, root)
    _refuse_columns(root, columns)
    return _of_classes(root, path, _folders(path, skipped), skipped, is_part=True)


def _of_classes(root: str, place: str, folders: Mapping[str, str], skipped: Skipped, is_part: bool = False) -> Listed:
    """Return the pictures below class folders."""
    paths: list[str] = []
    labels: list[str] = []
    empty: list[str] = []
    for name in _in_order(list(folders)):
        own = list(pictures_below(folders[name], skipped))
        paths += own
        labels += [text_of(name)] * len(own)
        if not own:
            empty.append(text_of(name))
    if not paths:
        raise BadInput(f"{text_of(place)} must hold class folders with pictures; {_what_is_there(place)}. {LAYOUTS}.")
    if len(set(labels)) < 2 and not is_part:
        raise BadInput(
            f"{text_of(root)} must hold at least 2 class folders with pictures; got one, {labels[0]!r}."
            f"{_deeper(folders)}"
        )
    notes = [] if is_part else _note(skipped)
    return Listed(paths, labels, [id_of(path, root) for path in paths], notes=tuple(notes))


def _in_order(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: order(text_of(name)))


def _note(skipped: Skipped) -> list[str]:
    return [note] if (note := skipped.note()) else []


def _what_is_there(folder: str) -> str:
    """Return, for a message, what a folder holds instead of class folders with pictures."""
    kinds = [kind_of_entry(entry) for entry in entries_of(folder)]
    if not kinds:
        return "it is empty"
    pictures = kinds.count("picture")
    if pictures:
        return f"it holds {pictures:,} pictures without a class"
    return f"it holds {kinds.count('folder')} folders and {len(kinds) - kinds.count('folder')} files, but no picture"


def _deeper(folders: Mapping[str, str]) -> str:
    """Return a hint if the only folder itself holds class folders."""
    path = next(iter(folders.values()))
    inside = [entry.name for entry in entries_of(path) if kind_of_entry(entry) == "folder"]
    return f" Pass {text_of(path)} if its folders are the classes." if len(folders) == 1 and len(inside) > 1 else ""


def _refuse_columns(root: str, columns: Columns) -> None:
    """Check that no column is named, since class folders have none."""
    for option, column in columns.named().items():
        raise BadInput(
            f"`{option}` names the column {column!r}, but {text_of(root)} has no metadata.csv, .jsonl or .parquet. "
            "Add one, or leave the option out."
        )
