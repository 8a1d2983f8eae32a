"""Settings of experiments, read from the command line."""

import typing
from collections.abc import Sequence
from typing import Any

import tyro

from byheart import checks, literals, protocols
from byheart.experiments.experiment import Experiment
from byheart.experiments.used_parts import ALL


def for_experiment(experiment: Experiment, experiments: Sequence[Experiment], words: Sequence[str]) -> list[str]:
    """Return the options in `words` for `experiment`: its own settings, and unknown ones, which are refused later.

    Settings that only others of the `experiments` have are left out.
    """
    groups: list[list[str]] = []
    for word in words:
        if (word.startswith("-") and not _is_number(word)) or not groups:
            groups.append([])
        groups[-1].append(word)
    others = set().union(*(one.settings() for one in experiments)) - set(experiment.settings())
    return [word for group in groups if _setting(group[0]) not in others for word in group]


def with_preset(experiments: Sequence[Experiment], name: str) -> list[Experiment]:
    """Return `experiments`, with the preset's settings in those that have the preset.

    Raises:
        BadInput: no experiment has the preset.
    """
    if not any(name in one.presets for one in experiments):
        next((one for one in experiments if one.presets), experiments[0]).with_preset(name)
    return [one.with_preset(name) if name in one.presets else one for one in experiments]


def _setting(word: str) -> str:
    """Return the name of the field that `--its-name` or `--its-name=VALUE` sets."""
    return word.split("=")[0].removeprefix("--").replace("-", "_")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def overridden(experiment: Experiment, arguments: list[str], prog: str) -> Experiment:
    """Return `experiment` with the settings that `arguments` override.

    Raises:
        SystemExit: after printing the help, or a message about a bad argument.
    """
    if not arguments:
        return experiment
    arguments = _with_numbers_for_all(_with_values_of_flags(arguments, experiment), experiment.limiting)
    return tyro.cli(
        type(experiment),
        default=experiment,
        args=arguments,
        prog=prog,
        description=f"Settings of {experiment.name}, with their values at this scale and for this data. "
        "Give them after the arguments of `byheart run --help`. "
        f"{' and '.join(_option(name) for name in experiment.limiting)} can also be: all.",
        registry=_registry(),
        config=(tyro.conf.AvoidSubcommands, tyro.conf.FlagConversionOff),
    )


def _with_values_of_flags(words: Sequence[str], experiment: Experiment) -> list[str]:
    """Return `words`, with True after the options of yes-or-no settings that have no value."""
    flags = {_option(name) for name, value in experiment.settings().items() if isinstance(value, bool)}
    found = list[str]()
    for word, after in zip(words, [*words[1:], "--"], strict=True):
        found += [word, "True"] if word in flags and after.startswith("-") else [word]
    return found


def _with_numbers_for_all(words: Sequence[str], limiting: Sequence[str]) -> list[str]:
    """Return `words`, with `all` replaced by the number that means all, for settings that limit data.

    >>> _with_numbers_for_all(["--n-training", "all", "--seeds", "all"], ["n_training"])[2:]
    ['--seeds', 'all']
    """
    found, option = [], ""
    for word in words:
        if word.startswith("--"):
            option = _setting(word)
        is_limit = option in limiting
        found.append(
            f"{word[:-4]}={ALL}"
            if is_limit and word.endswith("=all")
            else str(ALL)
            if is_limit and word == "all"
            else word
        )
    return found


def _option(setting: str) -> str:
    return f"--{setting.replace('_', '-')}"


def _registry() -> Any:
    """Return a registry that reads values from their text, for example --architecture "MLP((128, 128))"."""
    registry = tyro.constructors.ConstructorRegistry()

    @registry.primitive_rule
    def value_rule(info: tyro.constructors.PrimitiveTypeInfo) -> tyro.constructors.PrimitiveConstructorSpec[Any] | None:
        kinds = typing.get_args(info.type) or (info.type,)
        if not any(map(_is_written, kinds)) or not all(kind is type(None) or _is_written(kind) for kind in kinds):
            return None
        return tyro.constructors.PrimitiveConstructorSpec(
            nargs=1,
            metavar="VALUE",
            instance_from_str=lambda words: _value(words[0], info.type),
            is_instance=lambda instance: protocols.is_a(instance, info.type),
            str_from_instance=lambda instance: [literals.text(instance)],
        )

    return registry


def _is_written(kind: Any) -> bool:
    """Return whether values of a kind are written as calls.

    These are registered classes, their bases, such as `Noise`, and protocols.
    """
    return protocols.is_protocol(kind) or (isinstance(kind, type) and literals.has_registered(kind))


def _value(text: str, kind: Any) -> Any:
    try:
        value = literals.parse(text)
    except checks.BadInput as problem:
        raise ValueError(str(problem)) from None
    if not protocols.is_a(value, kind):
        raise ValueError(f"It must be {literals.examples(kind)}; got {text}.")
    return value
