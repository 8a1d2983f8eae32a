"""The record of a run, experiment.json: all that is needed to repeat the run exactly and redraw its report."""

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any, Self

import jax
import numpy as np

import byheart
from byheart import checks, literals
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.experiments.importing import experiment_of
from byheart.inputs import checked_shape
from byheart.results.atomic_write import write_text
from byheart.runs.more_seeds import MoreSeeds
from byheart.statistics.looks import Looks

FILE = "experiment.json"
FORMAT = 3
"""Increased whenever older records cannot be read, for example because settings were renamed."""
MAY_GROW = "seeds"
"""The only setting that a later run in the same directory may increase: results of the first seeds stay valid."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One experiment of a run.

    Attributes:
        experiment: with its settings.
        fingerprint: of the subset of the data that it uses.
        chunk_sizes: members in a chunk, for each recipe of its sweep. Fixed when the run first starts, so that a
            resumed run finds its chunks.
        looks: at which claims are tested as seeds are added; None if they are tested once.
        added: seeds added to cells of undecided claims, in order.
    """

    experiment: Experiment
    fingerprint: str
    chunk_sizes: tuple[int, ...]
    looks: Looks | None = None
    added: tuple[MoreSeeds, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the entry in experiment.json. Settings are text that `literals.parse` reads."""
        found: dict[str, Any] = {
            "name": self.experiment.name,
            "class": self.experiment.reference(),
            "settings": {name: literals.text(value) for name, value in self._written().items()},
            "fingerprint": self.fingerprint,
            "chunk_sizes": self.chunk_sizes,
        }
        if self.looks is not None:
            found |= {"looks": dataclasses.asdict(self.looks), "added": [one.as_json() for one in self.added]}
        return found

    def _written(self) -> dict[str, Any]:
        """Return the settings, without later ones at their defaults: records stay as they were."""
        defaults = {one.name: one.default for one in dataclasses.fields(self.experiment)}
        later = self.experiment.later_settings
        settings = self.experiment.settings()
        return {name: value for name, value in settings.items() if name not in later or value != defaults[name]}


@dataclasses.dataclass(frozen=True)
class Record:
    """The content of experiment.json.

    Attributes:
        data: a known name or the path of a file or folder.
        facts: summary of the data.
        scale: group of default settings that was used; None if the experiments have no scales.
        parts: the experiments.
        made_with: versions and machine, for information only; they are not compared.
        reading: options with which the data were read, if they are not the defaults. They are not compared: what was
            read is.
    """

    data: str
    facts: DataSummary
    scale: str | None
    parts: tuple[Part, ...]
    made_with: dict[str, str]
    reading: dict[str, Any] = dataclasses.field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Write experiment.json into `directory`."""
        write_text(directory / FILE, json.dumps(self.as_json(), indent=2) + "\n")

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "format": FORMAT,
            "data": self.data,
            **({"reading": self.reading} if self.reading else {}),
            "facts": dataclasses.asdict(self.facts),
            "scale": self.scale,
            "experiments": [part.as_json() for part in self.parts],
            "made_with": self.made_with,
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the record in a file, and import the modules of its experiments.

        Raises:
            BadInput: the file is missing, is not a record, has another format, or names an experiment that cannot be
                imported.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise checks.BadInput(f"There is no {path}; `byheart run` writes it.") from None
        except (OSError, ValueError) as problem:
            raise checks.BadInput(f"{path} is not a record of a run that this version can read: {problem}.") from None
        _check_format(path, content)
        try:
            facts = _facts(_field(content, "facts", dict))
            parts = tuple(_part(part) for part in _field(content, "experiments", list))
            scale = None if content.get("scale") is None else _field(content, "scale", str)
            for part in parts:
                part.experiment.check_scale(scale)
            reading = _field(content, "reading", dict) if "reading" in content else {}
            return cls(_field(content, "data", str), facts, scale, parts, _field(content, "made_with", dict), reading)
        except checks.BadInput as problem:
            raise checks.BadInput(f"{path} is not a record of a run that this version can read: {problem}") from None

    def names(self) -> list[str]:
        """Return the names of the experiments."""
        return [part.experiment.name for part in self.parts]

    def left_out(self) -> list[str]:
        """Return sentences about data that experiments do not use, each with the names of the experiments."""
        names_of: dict[str, list[str]] = {}
        for part in self.parts:
            for sentence in part.experiment.left_out(self.facts):
                names_of.setdefault(sentence, []).append(part.experiment.name)
        return [f"{', '.join(names)}: {sentence}" for sentence, names in names_of.items()]

    def continued(self, earlier: "Record", directory: Path) -> "Record":
        """Return this record with the chunk sizes, looks and added seeds of the `earlier` one in the same directory.

        Raises:
            BadInput: the earlier run had other experiments, data or settings. It may have had fewer seeds, unless its
                claims are tested at several looks.
        """
        differences = _differences(earlier, self)
        if differences:
            raise checks.BadInput(
                f"{directory} holds another experiment: {'; '.join(differences)}. Choose another --out, or the same "
                "settings."
            )
        parts = [
            dataclasses.replace(
                part, chunk_sizes=before.chunk_sizes, looks=before.looks or part.looks, added=before.added
            )
            for part, before in zip(self.parts, earlier.parts, strict=True)
        ]
        return dataclasses.replace(self, parts=tuple(parts))


def environment() -> dict[str, str]:
    """Return the versions of packages, and the machine."""
    devices = jax.local_devices()
    return {
        "byheart": byheart.__version__,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "numpy": np.__version__,
        "devices": f"{len(devices)} x {devices[0].device_kind}",
        "platform": platform.platform(),
    }


def _facts(content: dict[str, Any]) -> DataSummary:
    """Return the data summary in a record."""
    sizes = {name: _field(content, name, int) for name in ("n_training", "n_validation")}
    cautions = tuple(_field(content, "cautions", list))
    notes = tuple(_field(content, "notes", list)) if "notes" in content else ()
    shape = checked_shape("input_shape", _field(content, "input_shape", list))
    name, folder = _field(content, "name", str), _field(content, "folder", str) if "folder" in content else ""
    return DataSummary(name=name, input_shape=shape, **sizes, cautions=cautions, notes=notes, folder=folder)


def _check_format(path: Path, content: Any) -> None:
    """Check that this version can read the format of a record."""
    if not isinstance(content, dict) or "experiments" not in content or content.get("format", 1) == FORMAT:
        return  # The caller reports content that is not a record at all.
    made_with = content.get("made_with")
    writer = made_with.get("byheart", "an unknown version") if isinstance(made_with, dict) else "an unknown version"
    written_in = content.get("format", 1)
    raise checks.BadInput(
        f"{path} was written by byheart {writer} in format {written_in}, in which settings have other names. This "
        f"version, byheart {byheart.__version__}, reads format {FORMAT}. Repeat the run with another --out, or read it "
        "with the version that wrote it."
    )


def _experiment_of_record(reference: str) -> type[Experiment]:
    """Return `experiment_of(reference)`; the error says what to do if its module cannot be imported."""
    try:
        return experiment_of(reference)
    except checks.BadInput as problem:
        module = reference.partition(":")[0]
        raise checks.BadInput(
            f"its experiment {reference} cannot be found. {problem} Start byheart in the folder that holds "
            f"{module}.py, or put that folder on PYTHONPATH."
        ) from None


def _part(content: dict[str, Any]) -> Part:
    """Return an experiment of a record."""
    kind = _experiment_of_record(_field(content, "class", str))
    if kind.name != _field(content, "name", str):
        raise checks.BadInput(f"{kind.reference()} is now named {kind.name!r}; it holds {content['name']!r}.")
    written = _field(content, "settings", dict)
    names = {field.name for field in dataclasses.fields(kind)}
    if not names - set(kind.later_settings) <= set(written) <= names:
        raise checks.BadInput(
            f"{kind.name} has the settings {', '.join(sorted(names))}; it holds {', '.join(written) or 'none'}."
        )
    settings = {name: literals.parse(_field(written, name, str)) for name in written}
    sizes = checks.each(checks.count)("chunk_sizes", _field(content, "chunk_sizes", list))
    looks = Looks(_field(content["looks"], "first", int)) if "looks" in content else None
    added = tuple(map(_more_seeds, _field(content, "added", list))) if "looks" in content else ()
    return Part(kind(**settings), _field(content, "fingerprint", str), sizes, looks, added)


def _more_seeds(content: Any) -> MoreSeeds:
    """Return added seeds of a record."""
    first, seeds = (_field(content, name, int) for name in ("first", "seeds"))
    cells = checks.each(checks.count_from_0)("cells", _field(content, "cells", list))
    sizes = checks.each(checks.count)("chunk_sizes", _field(content, "chunk_sizes", list))
    return MoreSeeds(first, seeds, cells, sizes)


def _field(content: Any, name: str, kind: type) -> Any:
    """Return `content[name]`.

    Raises:
        BadInput: `content` is not an object, or holds no value of type `kind` under that name.
    """
    if not isinstance(content, dict) or not isinstance(content.get(name), kind):
        raise checks.BadInput(f"it holds no {name!r} of type {kind.__name__}.")
    return content[name]


def _differences(earlier: Record, now: Record) -> list[str]:
    """Return descriptions of all differences that prevent resuming, without duplicates."""
    names = [record.names() for record in (earlier, now)]
    if names[0] != names[1]:
        return [f"it ran {' '.join(names[0])}, not {' '.join(names[1])}"]
    found = []
    if earlier.scale != now.scale:
        found.append(f"scale {earlier.scale or 'none'}, not {now.scale or 'none'}")
    for before, after in zip(earlier.parts, now.parts, strict=True):
        settings = after.experiment.settings()
        for name, value in before.experiment.settings().items():
            was, would_be = literals.text(value), literals.text(settings[name])
            may_grow = name == MAY_GROW and before.looks is None and value < settings[name]
            if value != settings[name] and was != would_be and not may_grow:
                found.append(f"{name} {was}, not {would_be}")
        if before.fingerprint != after.fingerprint:
            found.append(f"the data of {before.experiment.name} are not the same")
    return list(dict.fromkeys(found))
