"""experiment.json: everything from which a run can be repeated exactly, and its report redrawn."""

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
from byheart.results.atomic_write import write_text

FILE = "experiment.json"
FORMAT = 2
"""Raised by one whenever records of before cannot be read: when experiments or settings get other names."""
MAY_GROW = "seeds"
"""The one setting that a later run in the same directory may raise: results of the first seeds stay valid."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One experiment of a run.

    Attributes:
        experiment: with its settings.
        fingerprint: of the subset of the data it uses.
        chunk_sizes: how its sweep is cut, by recipe; fixed when the run first starts, so that a resumed one finds its chunks.
    """

    experiment: Experiment
    fingerprint: str
    chunk_sizes: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Record:
    """What experiment.json holds.

    Attributes:
        data: a known name or the path of an NPZ file.
        facts: what the data is like.
        scale: from which settings that were not given were taken; None where the experiments have no scales.
        parts: the experiments.
        made_with: versions and machine, for the reader; not compared.
    """

    data: str
    facts: DataSummary
    scale: str | None
    parts: tuple[Part, ...]
    made_with: dict[str, str]

    def write(self, directory: Path) -> None:
        """Writes experiment.json."""
        write_text(directory / FILE, json.dumps(self.as_json(), indent=2) + "\n")

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file, settings as text that can be pasted back."""
        return {
            "format": FORMAT,
            "data": self.data,
            "facts": dataclasses.asdict(self.facts),
            "scale": self.scale,
            "experiments": [
                {
                    "name": part.experiment.name,
                    "class": part.experiment.reference(),
                    "settings": {name: literals.text(value) for name, value in part.experiment.settings().items()},
                    "fingerprint": part.fingerprint,
                    "chunk_sizes": part.chunk_sizes,
                }
                for part in self.parts
            ],
            "made_with": self.made_with,
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the record in a file. The modules of its experiments are imported.

        Raises:
            BadInput: the file is missing, is no such record, is of another format, or names an experiment that cannot
                be imported.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise checks.BadInput(f"There is no {path}; `byheart run` writes it.") from None
        except (OSError, ValueError) as problem:
            raise checks.BadInput(f"{path} is not a record of a run that this version can read: {problem}.") from None
        _check_format(path, content)
        try:
            facts = _facts(_taken(content, "facts", dict))
            parts = tuple(_part(part) for part in _taken(content, "experiments", list))
            scale = None if content.get("scale") is None else _taken(content, "scale", str)
            for part in parts:
                part.experiment.check_scale(scale)
            return cls(_taken(content, "data", str), facts, scale, parts, _taken(content, "made_with", dict))
        except checks.BadInput as problem:
            raise checks.BadInput(f"{path} is not a record of a run that this version can read: {problem}") from None

    def names(self) -> list[str]:
        """Return the names of the experiments."""
        return [part.experiment.name for part in self.parts]

    def left_out(self) -> list[str]:
        """What of the data experiments do not use, one sentence each, with the names of those that say the same."""
        said: dict[str, list[str]] = {}
        for part in self.parts:
            for sentence in part.experiment.left_out(self.facts):
                said.setdefault(sentence, []).append(part.experiment.name)
        return [f"{', '.join(names)}: {sentence}" for sentence, names in said.items()]

    def continued(self, earlier: "Record", directory: Path) -> "Record":
        """This record, cut into chunks as the `earlier` one in the same directory was.

        Raises:
            BadInput: the earlier run was another: other experiments, data or settings, except for fewer seeds.
        """
        differences = _differences(earlier, self)
        if differences:
            raise checks.BadInput(
                f"{directory} holds another experiment: {'; '.join(differences)}. Choose another --out, or the same settings."
            )
        parts = [
            dataclasses.replace(part, chunk_sizes=before.chunk_sizes)
            for part, before in zip(self.parts, earlier.parts, strict=True)
        ]
        return dataclasses.replace(self, parts=tuple(parts))


def environment() -> dict[str, str]:
    """Versions and machine."""
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
    """Lists of JSON are tuples; records of versions that knew no cautions have none."""
    sizes = {name: _taken(content, name, int) for name in ("n_training", "n_validation")}
    said = tuple(_taken(content, "cautions", list)) if "cautions" in content else ()
    shape = checks.image_shape(_taken(content, "image_shape", list))
    return DataSummary(name=_taken(content, "name", str), image_shape=shape, **sizes, cautions=said)


def _check_format(path: Path, content: Any) -> None:
    """Check that this version reads a record's format."""
    if not isinstance(content, dict) or "experiments" not in content or content.get("format", 1) == FORMAT:
        return  # What is no record at all is told by whoever reads it.
    made_with = content.get("made_with")
    writer = made_with.get("byheart", "an unknown version") if isinstance(made_with, dict) else "an unknown version"
    written_in = content.get("format", 1)
    raise checks.BadInput(
        f"{path} was written by byheart {writer} in format {written_in} of such files, in which settings have other "
        f"names; this is byheart {byheart.__version__}, which reads format {FORMAT}. Repeat the run with another --out, or "
        "read it with the version that wrote it."
    )


def _experiment_of_record(reference: str) -> type[Experiment]:
    """The same, with what to do about a module that is not there."""
    try:
        return experiment_of(reference)
    except checks.BadInput as problem:
        module = reference.partition(":")[0]
        raise checks.BadInput(
            f"its experiment {reference} cannot be found. {problem} Start byheart in the folder that holds "
            f"{module}.py, or put that folder on PYTHONPATH."
        ) from None


def _part(content: dict[str, Any]) -> Part:
    kind = _experiment_of_record(_taken(content, "class", str))
    if kind.name != _taken(content, "name", str):
        raise checks.BadInput(f"{kind.reference()} is now named {kind.name!r}; it holds {content['name']!r}.")
    written = _taken(content, "settings", dict)
    names = {field.name for field in dataclasses.fields(kind)}
    if names != set(written):
        raise checks.BadInput(
            f"{kind.name} has the settings {', '.join(sorted(names))}; it holds {', '.join(written) or 'none'}."
        )
    settings = {name: literals.parse(_taken(written, name, str)) for name in written}
    sizes = checks.each(checks.count)("chunk_sizes", _taken(content, "chunk_sizes", list))
    return Part(kind(**settings), _taken(content, "fingerprint", str), sizes)


def _taken(content: Any, name: str, kind: type) -> Any:
    """What an object of the file holds under a name.

    Raises:
        BadInput: it is no object, or holds nothing of the kind.
    """
    if not isinstance(content, dict) or not isinstance(content.get(name), kind):
        raise checks.BadInput(f"it holds no {name!r} of type {kind.__name__}.")
    return content[name]


def _differences(earlier: Record, now: Record) -> list[str]:
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
            if value != settings[name] and was != would_be and not (name == MAY_GROW and value < settings[name]):
                found.append(f"{name} {was}, not {would_be}")
        if before.fingerprint != after.fingerprint:
            found.append(f"the data of {before.experiment.name} are not the same")
    return list(dict.fromkeys(found))
