"""Settings in which runs differ: data, scale, versions, and the settings of each experiment."""

import dataclasses
from collections.abc import Sequence

from byheart import literals
from byheart.comparison.compared_runs import ComparedRun

MISSING = "–"


@dataclasses.dataclass(frozen=True)
class Setting:
    """A setting that differs.

    Attributes:
        name: of the setting.
        experiment: whose setting it is; empty for one of the whole run.
        values: as text, one for each run; `MISSING` for runs without it.
    """

    name: str
    experiment: str
    values: tuple[str, ...]


def differing(runs: Sequence[ComparedRun]) -> tuple[Setting, ...]:
    """Return the settings whose values differ among the runs that have them."""
    by_run = [_settings(run) for run in runs]
    names = dict.fromkeys(name for settings in by_run for name in settings)
    found = [
        Setting(name, experiment, tuple(settings.get((experiment, name), MISSING) for settings in by_run))
        for experiment, name in names
    ]
    return tuple(one for one in found if len({*one.values} - {MISSING}) > 1)


def _settings(run: ComparedRun) -> dict[tuple[str, str], str]:
    """Return all settings of a run as text, by experiment and name."""
    record = run.record
    facts = record.facts
    found = {
        ("", "data"): facts.name,
        ("", "shape of inputs"): str(facts.input_shape),
        ("", "available examples"): f"{facts.n_training:,} + {facts.n_validation:,}",
        ("", "scale"): record.scale or "none",
    }
    found |= {("", name): value for name, value in record.made_with.items()}
    for name, one in run.experiments.items():
        part = one.chapter.part
        found |= {(name, setting): literals.text(value) for setting, value in part.experiment.settings().items()}
        found[name, "fingerprint of the examples used"] = part.fingerprint[:12]
        found[name, "computed with"] = ", ".join(
            f"{key} {value}" for key in ("byheart", "jax") if (value := one.chapter.results.attrs.get(key))
        )
    return found
