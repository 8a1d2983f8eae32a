"""The plan of a reproduction, as tables in the terminal."""

import itertools
from collections.abc import Sequence

import jax
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from byheart.report.words import data_in_words, duration, memory
from byheart.runs.plan import PlannedExperiment, PlannedPopulation, Totals
from byheart.runs.reproduction import Reproduction
from byheart.runs.run import PreparedRun


def print_plan(whole: Reproduction, console: Console) -> None:
    """Prints, for each run, its experiments and their populations."""
    for run, plan in zip(whole.runs, whole.plans, strict=True):
        facts = run.record.facts
        console.print(
            f"\n[bold]{escape(str(run.directory))}[/]: {escape(data_in_words(facts))}, scale {run.record.scale}",
            soft_wrap=True,
        )
        console.print(_table(run, plan))


def print_totals(whole: Reproduction, console: Console) -> None:
    """Prints what all runs take together."""
    totals = _totals(itertools.chain.from_iterable(whole.plans))
    n_experiments = sum(len(plan) for plan in whole.plans)
    on_gpu = f", {duration(totals.seconds_on_h100)} on one NVIDIA H100" if _wants_gpu(whole.runs) else ""
    console.print(
        f"In all {n_experiments} experiments on {_names(whole.runs)}: {totals.networks:,} networks in {totals.chunks:,} chunks, the largest of "
        f"{memory(totals.chunk_bytes)} by estimate; training takes about {duration(totals.seconds)} on {_devices()}{on_gpu}. "
        "Compiling and measuring come on top; where training may end early, the whole budget is counted.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _table(run: PreparedRun, plan: Sequence[PlannedExperiment]) -> Table:
    table, on_gpu = Table(box=None, pad_edge=False), _wants_gpu([run])
    table.add_column("experiment, population", overflow="fold")
    for column in ("networks", "chunks", "memory", f"on {_devices()}", *(["on an H100"] if on_gpu else [])):
        table.add_column(column, no_wrap=True, justify="right")
    for planned in plan:
        totals = _totals([planned])
        times = [totals.seconds, totals.seconds_on_h100][: 1 + on_gpu]
        table.add_row(
            f"[bold]{planned.experiment.name}[/] (Figure {planned.experiment.figure})",
            *(f"[bold]{totals.networks:,}[/]", f"[bold]{totals.chunks:,}[/]", f"[bold]{memory(totals.chunk_bytes)}[/]"),
            *(f"[bold]{duration(seconds)}[/]" for seconds in times),
        )
        for population in planned.populations:
            times = [population.seconds, population.seconds_on_h100][: 1 + on_gpu]
            table.add_row(
                f"  {escape(population.recipe)}",
                *(f"{population.networks:,}", _chunks(population), memory(population.chunk_bytes)),
                *(duration(seconds) for seconds in times),
            )
    return table


def _chunks(population: PlannedPopulation) -> str:
    """How many of which size, such as "3 x 16, 12"."""
    counted = [(size, len(list(alike))) for size, alike in itertools.groupby(population.chunks)]
    return ", ".join(f"{n} x {size}" if n > 1 else f"{size}" for size, n in counted)


def _totals(plan: "itertools.chain[PlannedExperiment] | Sequence[PlannedExperiment]") -> Totals:
    return Totals.of(population for planned in plan for population in planned.populations)


def _wants_gpu(runs: Sequence[PreparedRun]) -> bool:
    return any(run.record.scale == "paper" for run in runs)


def _names(runs: Sequence[PreparedRun]) -> str:
    return " and ".join(run.record.facts.name for run in runs)


def _devices() -> str:
    """What this machine trains on."""
    n, kind = jax.local_device_count(), jax.local_devices()[0].device_kind
    if jax.default_backend() == "cpu":
        return f"{n} CPU core" + ("s" if n > 1 else "")
    return f"{n} x {kind}"
