"""Tables in the terminal of the plan of a reproduction."""

import itertools
from collections.abc import Iterable, Sequence

import jax
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from byheart.cli.streams import visible
from byheart.pages.formatting import duration, memory
from byheart.report.formatting import data_in_words
from byheart.reproduction.reproduction import Reproduction
from byheart.runs.plan import PlannedExperiment
from byheart.runs.run import PreparedRun
from byheart.sweeps.plan import PlannedPopulation, Totals


def print_plan(whole: Reproduction, console: Console) -> None:
    """Print the experiments and populations of each run."""
    for run, plan in zip(whole.runs, whole.plans, strict=True):
        facts = run.record.facts
        directory, data = (escape(visible(text)) for text in (str(run.directory), data_in_words(facts)))
        console.print(f"\n[bold]{directory}[/]: {data}, scale {run.record.scale}", soft_wrap=True)
        console.print(_table(run, plan))
        for sentence in run.record.left_out():
            console.print(sentence, soft_wrap=True, highlight=False, markup=False)


def print_totals(whole: Reproduction, console: Console) -> None:
    """Print the networks, memory and time of all runs together."""
    totals = _totals(itertools.chain.from_iterable(whole.plans))
    n_experiments = sum(len(plan) for plan in whole.plans)
    on_gpu = f", {duration(totals.seconds_on_h100)} on one NVIDIA H100" if _wants_gpu(whole.runs) else ""
    console.print(
        f"Total: {n_experiments} experiments on {_names(whole.runs)}, {totals.networks:,} networks in "
        f"{totals.chunks:,} chunks of at most {memory(totals.chunk_bytes)} (estimate). Training and measuring take "
        f"about {duration(totals.seconds)} on {_devices()}{on_gpu}, and compiling {duration(totals.compiling)} more "
        "the first time. Where training may end early, the whole budget is counted.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def print_expected(stages: Sequence[tuple[str, str, float]], console: Console) -> None:
    """Print the time that a run is expected to take here, now."""
    seconds = sum(seconds for _, _, seconds in stages)
    console.print(
        f"On this machine, as busy as it is now, expect about {duration(seconds)}.", highlight=False, markup=False
    )


def _table(run: PreparedRun, plan: Sequence[PlannedExperiment]) -> Table:
    table, on_gpu = Table(box=None, pad_edge=False), _wants_gpu([run])
    table.add_column("experiment, population", overflow="fold")
    for column in ("networks", "chunks", "memory", f"on {_devices()}", *(["on an H100"] if on_gpu else [])):
        table.add_column(column, no_wrap=True, justify="right")
    for planned in plan:
        recipes = [population.recipe for population in planned.populations]
        shared = [part for part in recipes[0] if all(part in recipe for recipe in recipes)]
        name = f"[bold]{planned.experiment.title()}[/]: {escape(', '.join(shared))}"
        table.add_row(name, *_numbers(_totals([planned]), _chunks(planned.populations), on_gpu))
        for population in planned.populations if len(recipes) > 1 else ():
            own = ", ".join(part for part in population.recipe if part not in shared)
            table.add_row(f"  {escape(own)}", *_numbers(Totals.of([population]), _chunks([population]), on_gpu))
    return table


def _numbers(totals: Totals, chunks: str, on_gpu: bool) -> list[str]:
    times = ["< 1 s" if seconds < 1 else duration(seconds) for seconds in (totals.seconds, totals.seconds_on_h100)]
    return [f"{totals.networks:,}", chunks, memory(totals.chunk_bytes), *times[: 1 + on_gpu]]


def _chunks(populations: Sequence[PlannedPopulation]) -> str:
    """Return the sizes of one population's chunks, such as "3 x 16, 12"; for several, the number of chunks."""
    if len(populations) > 1:
        return f"{sum(len(population.chunks) for population in populations):,} chunks"
    counted = [(size, len(list(alike))) for size, alike in itertools.groupby(populations[0].chunks)]
    return ", ".join(f"{n} x {size}" if n > 1 else f"{size}" for size, n in counted)


def _totals(plan: Iterable[PlannedExperiment]) -> Totals:
    return Totals.of(population for planned in plan for population in planned.populations)


def _wants_gpu(runs: Sequence[PreparedRun]) -> bool:
    return any(run.record.scale == "paper" for run in runs)


def _names(runs: Sequence[PreparedRun]) -> str:
    return visible(" and ".join(run.record.facts.name for run in runs))


def _devices() -> str:
    """Return the number and kind of this machine's devices."""
    n, kind = jax.local_device_count(), jax.local_devices()[0].device_kind
    if jax.default_backend() == "cpu":
        return f"{n} CPU core" + ("s" if n > 1 else "")
    return f"{n} x {kind}"
