"""Arguments of the command line, as typed dataclasses."""

import dataclasses
import typing
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import tyro

from byheart import checks, literals, protocols
from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.ray_executor import RayCluster
from byheart.experiments.experiment import Experiment
from byheart.experiments.used_parts import ALL
from byheart.paper.experiment import Scale


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExecutorArguments:
    """Arguments of all commands that train networks."""

    executor: Literal["local", "ray"] = "local"
    """Where networks are trained: on the devices of this machine, or as tasks of a Ray cluster. Both give the same
    numbers (docs/cluster.md)."""
    address: Annotated[str | None, tyro.conf.arg(metavar="HOST:PORT|auto")] = None
    """Address of the Ray cluster's head. If not given, Ray is started on this machine."""
    cpus_per_task: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """CPU cores of each Ray task; default 1."""
    gpus_per_task: Annotated[float | None, tyro.conf.arg(metavar="X")] = None
    """GPUs of each Ray task, or a fraction of one; default 1 if the cluster has any, otherwise 0."""


@dataclasses.dataclass(frozen=True)
class RunArguments(ExecutorArguments):
    """Run experiments and write their report. Finished work is kept: run the same command again to resume.

    You can override any setting of an experiment; `byheart run NAME --help` lists them.
    """

    names: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="NAME [NAME ...]")]
    """Names of experiments (`byheart list`), experiments of your own as my_module:MyClass, or the experiment.json of a
    run to repeat."""
    data: Annotated[str, tyro.conf.arg(metavar="digits|mnist|cifar10|fashion_mnist|FILE.npz")] = "digits"
    """Data set to train on."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    scale: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None
    """A group of default settings, for experiments that declare several. Those of `byheart list` have tiny (seconds;
    the default), laptop (minutes on 2 cores) and paper (the paper's settings; needs a GPU)."""
    preset: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None
    """A named group of settings that an experiment declares, such as author_code of sensitivity-inequality."""
    seeds: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Number of seeds. The intervals of all claims are computed over the seeds."""
    seed_base: Annotated[int | None, tyro.conf.arg(metavar="K")] = None
    """The first seed."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the run; default runs/NAMES-DATA-SCALE."""


@dataclasses.dataclass(frozen=True)
class ReproduceArguments(ExecutorArguments):
    """Run the whole paper: every experiment, each on the data of its figure, and write one report of all claims.

    Finished work is kept: run the same command again to resume.
    """

    data: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME [NAME ...]")] = ()
    """Data sets to train on: digits, mnist, cifar10, fashion_mnist, or a FILE.npz. A single data set is used for all
    experiments. With several, mnist and cifar10 are used for the paper's experiments on them, and any other for all
    experiments. Default: digits at scale tiny, mnist and cifar10 at the other scales."""
    data_dir: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder with the official files of data sets; default: the environment variable BYHEART_DATA. Missing files are
    downloaded."""
    scale: Scale = "tiny"
    """Group of default settings: tiny (minutes), laptop (an hour or two on 2 cores), paper (the paper's settings; needs
    GPUs)."""
    seeds: Annotated[int | None, tyro.conf.arg(metavar="N")] = None
    """Number of seeds of every experiment. If not given, each experiment uses its own default."""
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Directory of the runs, with one folder for each data set; default runs/reproduce-SCALE."""
    dry_run: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Read and check the data, and print the plan: what would be trained, with estimated memory and time. Train and
    write nothing."""


@dataclasses.dataclass(frozen=True)
class ReportArguments:
    """Redraw figures and page from stored results. Trains nothing."""

    directory: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="DIR")]
    """Directory of a run, or one that holds several runs, such as that of `byheart reproduce`."""


def executor_of(arguments: ExecutorArguments) -> Executor:
    """Return the executor that the arguments choose.

    Raises:
        BadInput: settings of Ray are given without `--executor ray`.
    """
    names = ("address", "cpus_per_task", "gpus_per_task")
    given = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    if arguments.executor == "ray":
        return RayCluster(**given)
    if given:
        option = f"--{next(iter(given)).replace('_', '-')}"
        raise checks.BadInput(f"{option} needs `--executor ray`.")
    return ThisMachine()


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
    arguments = _with_numbers_for_all(arguments, experiment.limiting)
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
    return protocols.is_protocol(kind) or (
        isinstance(kind, type) and any(issubclass(known, kind) for known in literals.registered().values())
    )


def _value(text: str, kind: Any) -> Any:
    try:
        value = literals.parse(text)
    except checks.BadInput as problem:
        raise ValueError(str(problem)) from None
    if not protocols.is_a(value, kind):
        raise ValueError(f"It must be {literals.examples(kind)}; got {text}.")
    return value
