"""First steps: one update and every measure of each population that `byheart reproduce --scale paper` trains, on a machine that is too small for the whole.

    BYHEART_DATA=folder python -m benchmarks.first_steps [--resume]

Each population's program is made as a run on one device makes it, from the official data at full size. What it would run is compiled: an epoch of a whole chunk, and each
measure. Then one network of it, the last, takes one step; the column *run* says which:

- *one update*: the first of the run, of all training examples. Where a population asks after each epoch whether training has ended, update and question see
  `EXAMPLES` examples, since the question alone takes minutes for the widest networks.
- The network is then measured on `EXAMPLES` training and as many validation examples.
- *one block* of a training run that is differentiated through: the run itself, whole, and the block of adjoints that has the fewest updates to go back through,
  with the program of all blocks.

A population that fails, or whose loss or parameters are not finite, makes the exit status 1. `--resume` keeps the rows of an earlier, interrupted call.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

import byheart as bh
from benchmarks import common
from byheart.data.dataset import Split
from byheart.data.member_view import noisy_split
from byheart.data.stratified import stratified_subset
from byheart.populations.grid import Sweeps
from byheart.runs.plan import PlannedPopulation
from byheart.runs.reproduction import reproduction
from byheart.sweeps.layout import layout_for
from byheart.sweeps.results import NEVER
from byheart.training.memory import bytes_for
from byheart.unrolling.random_inputs import TracedUnrolledMember
from byheart.unrolling.sweep import UnrolledSweep

NAME = "first_steps"
EXAMPLES = 32
"""That measures see; of the paper's minibatches the smaller one."""

Row = dict[str, object]


@dataclasses.dataclass(frozen=True)
class Case:
    """A population of the plan.

    Attributes:
        data: its name.
        experiment: its name.
        planned: the population, as the plan has it.
        sweep: its members, and what is measured of them.
        split: the experiment's data.
    """

    data: str
    experiment: str
    planned: PlannedPopulation
    sweep: bh.Sweep | UnrolledSweep
    split: Split

    @property
    def names(self) -> Row:
        """What tells it from others."""
        return {"data": self.data, "experiment": self.experiment, "population": ", ".join(self.planned.recipe)}

    def stepped(self) -> Row:
        """What its step showed."""
        found: Row = {}

        def step() -> None:
            how = of_training if isinstance(self.sweep, bh.Sweep) else of_unrolling
            found.update(how(self))

        megabytes = common.extra_memory(step)
        return {
            "networks in a chunk": max(self.planned.chunks),
            "memory of a chunk, estimated, MB": self.planned.chunk_bytes / 1e6,
            "of one network": found.pop("bytes") / 1e6,
            "process grew by, MB": megabytes,
            **found,
        }


def cases() -> Iterator[Case]:
    """All populations, as the whole paper has them."""
    whole = reproduction(Path("runs") / NAME, "paper", will_run=False)
    for run, plan in zip(whole.runs, whole.plans, strict=True):
        for split, experiment in zip(run.splits, plan, strict=True):
            sweep = experiment.experiment.sweep()
            parts = sweep.parts if isinstance(sweep, Sweeps) else by_classes(sweep)
            for part, planned in zip(parts, experiment.populations, strict=True):
                yield Case(run.record.data, experiment.experiment.name, planned, part, split)


def by_classes(sweep: bh.Sweep | UnrolledSweep) -> list[bh.Sweep | UnrolledSweep]:
    """One sweep for each program: unrolled runs have one for true classes and one for unique ones."""
    if isinstance(sweep, bh.Sweep):
        return [sweep]
    kinds = sorted({member.unique_classes for member in sweep.members})
    return [
        dataclasses.replace(sweep, members=tuple(one for one in sweep.members if one.unique_classes == kind))
        for kind in kinds
    ]


class Stopwatch:
    """Compiles and calls programs, and adds up what either takes.

    Attributes:
        compiling: seconds so far.
    """

    def __init__(self) -> None:
        self.compiling = 0.0

    def compiled(self, program: Any, *arguments: Any) -> Any:
        """The program for arguments, or shapes, like these."""
        start = time.perf_counter()
        made = program.lower(*arguments).compile()
        self.compiling += time.perf_counter() - start
        return made

    def called(self, program: Any, *arguments: Any) -> tuple[Any, float]:
        """What it gives, and the seconds that this took once it was compiled."""
        made = self.compiled(program, *arguments)
        start = time.perf_counter()
        return jax.block_until_ready(made(*arguments)), time.perf_counter() - start


def of_training(case: Case) -> Row:
    """Compiles what a chunk needs, then trains one network for one update and measures it."""
    sweep, recipe, watch = case.sweep, case.sweep.recipe, Stopwatch()
    n_training = len(case.split.training) if sweep.subset is None else sweep.subset.size
    n_updates = recipe.epochs * (n_training // recipe.batch_size)
    ends_after_one = (recipe.epochs - 1) * (n_training // recipe.batch_size) + 1
    sweep = dataclasses.replace(sweep, recipe=dataclasses.replace(recipe, steps=ends_after_one))
    size = max(case.planned.chunks)
    population = sweep.program(case.split, layout_for(size))

    def start_of(n_networks: int) -> tuple[Any, ...]:
        return population._traced([sweep.members[-1]] * n_networks), np.zeros(n_networks, bool), None

    chunk = jax.eval_shape(population._start, *start_of(size))
    for program in (population._advance, population._measure, population._measure_at_end):
        watch.compiled(program, chunk, population._data)

    few = population.layout.replicated(noisy_split(cut(population.split), sweep.noise_seed))
    carry, _ = watch.called(population._start, *start_of(1))
    trained_on = population._data if sweep.ends_when is None else few
    (carry, info), seconds = watch.called(population._advance_last, carry, trained_on)
    measuring = [watch.called(program, carry, few)[1] for program in (population._measure, population._measure_at_end)]
    n_seen = n_training if sweep.ends_when is None else EXAMPLES
    one = bytes_for(recipe, case.split.image_shape, case.split.n_classes, layout_for(1), 1)
    return {
        "bytes": one,
        "compiling, s": watch.compiling,
        "run": f"one update of {n_updates:,}, of {n_seen:,} examples",
        "s": seconds,
        "measuring, s": sum(measuring),
        "loss": float(info.batch_loss[0]),
        "finite": "yes" if bool(info.is_finite.all()) else "no",
    }


def cut(split: Split) -> Split:
    """A few examples of both parts."""
    return Split(stratified_subset(split.training, EXAMPLES, 0), stratified_subset(split.validation, EXAMPLES, 0))


def of_unrolling(case: Case) -> Row:
    """Trains one network for all updates, and differentiates its run at one block of steps; twice, since the first time compiles."""
    sweep, member = case.sweep, case.sweep.members[-1]
    program = sweep.program(case.split, layout_for(max(case.planned.chunks)))
    compiled = program._compiled(member.unique_classes)
    (measured,), (blocks,) = compiled.measured, compiled.blocks
    steps = min(blocks.steps, key=max)

    def differentiated() -> tuple[Any, float]:
        start = time.perf_counter()
        arrays = compiled.build(TracedUnrolledMember.of([member], len(case.split.training)), program._family)
        found = measured.sweep_back(arrays, measured.checkpoints(arrays), steps[None])
        return found, time.perf_counter() - start

    _, first = differentiated()
    (kept, not_finite_at), seconds = differentiated()
    is_finite = bool(np.isfinite(kept).all() and (not_finite_at == NEVER).all())
    return {
        "bytes": program.bytes_for(member.unique_classes),
        "compiling, s": first - seconds,
        "run": f"{sweep.horizon:,} updates, one block of {len(blocks.steps)}, back from update {steps.max():,}",
        "s": seconds,
        "measuring, s": float("nan"),
        "loss": float("nan"),
        "finite": "yes" if is_finite else "no",
    }


def stored() -> list[Row]:
    """The rows of an earlier call."""
    return json.loads((common.RESULTS / f"{NAME}.json").read_text())["tables"]["Populations"]


def main() -> int:
    """Steps, prints and stores; the result is the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", action="store_true", help="keep what is stored, but for failures")
    arguments = parser.parse_args()
    rows = [row for row in stored() if row["finite"] == "yes"] if arguments.resume else []
    done = [{name: row[name] for name in ("data", "experiment", "population")} for row in rows]
    listed = list(cases())
    try:
        for number, case in enumerate(listed, 1):
            if case.names in done:
                continue
            start = time.perf_counter()
            try:
                rows.append(case.names | case.stepped())
            except Exception as failure:  # Reported, and the others go on.
                rows.append(case.names | {"finite": f"failed: {failure!r}"})
            jax.clear_caches()
            common.say(f"{number}/{len(listed)}  {time.perf_counter() - start:.1f} s  {rows[-1]}")
    finally:
        if rows:
            common.report(NAME, {"examples that are measured": EXAMPLES}, {"Populations": rows})
    return int(any(row["finite"] != "yes" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
