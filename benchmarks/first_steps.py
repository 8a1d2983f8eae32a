"""First steps of each population of `byheart reproduce --scale paper`, on a machine that is too small for all of it.

    BYHEART_DATA=folder python -m benchmarks.first_steps [--resume]

Each population's program is made as in a run on one device, from the official data at full size. Everything it would
run is compiled: an epoch of a whole chunk, and each measure. Then one network, the last, takes one step. The column
*run* names it:

- *one update*: the first update of the run, of all training examples. If a population checks after each epoch whether
  training has ended, update and check see `EXAMPLES` examples: the check alone takes minutes for the widest networks.
- The network is then measured on `EXAMPLES` training and as many validation examples.
- *one block* of a training run that is differentiated: the whole run, and the block of adjoints with the fewest updates
  to go back through, with the program of all blocks.

If a population fails, or its loss or parameters are not finite, the exit status is 1. `--resume` keeps the rows of an
earlier, interrupted call.
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
from byheart.data.member_view import noisy_split
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.populations.grid import GridSweep
from byheart.reproduction.reproduction import reproduction
from byheart.sweeps.layout import layout_for
from byheart.sweeps.plan import PlannedPopulation
from byheart.sweeps.results import NEVER
from byheart.training.memory import bytes_for
from byheart.unrolling.sweep import UnrolledSweep

NAME = "first_steps"
EXAMPLES = 32
"""Number of examples that measures see: the smaller of the paper's minibatch sizes."""

Row = dict[str, object]


@dataclasses.dataclass(frozen=True)
class Case:
    """A population of the plan.

    Attributes:
        data: name of the data set.
        experiment: name of the experiment.
        planned: the population in the plan.
        sweep: its members and measures.
        split: the experiment's data.
    """

    data: str
    experiment: str
    planned: PlannedPopulation
    sweep: bh.PopulationSweep | UnrolledSweep
    split: Split

    @property
    def names(self) -> Row:
        """The columns that identify it."""
        return {"data": self.data, "experiment": self.experiment, "population": ", ".join(self.planned.recipe)}

    def stepped(self) -> Row:
        """The results of its step."""
        found: Row = {}

        def step() -> None:
            how = of_training if isinstance(self.sweep, bh.PopulationSweep) else of_unrolling
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
    """Yield all populations of the whole paper."""
    whole = reproduction(Path("runs") / NAME, "paper", will_run=False)
    for run, plan in zip(whole.runs, whole.plans, strict=True):
        for split, experiment in zip(run.splits, plan, strict=True):
            sweep = experiment.experiment.sweep()
            parts = sweep.parts if isinstance(sweep, GridSweep) else by_classes(sweep)
            for part, planned in zip(parts, experiment.populations, strict=True):
                yield Case(run.record.data, experiment.experiment.name, planned, part, split)


def by_classes(sweep: bh.PopulationSweep | UnrolledSweep) -> list[bh.PopulationSweep | UnrolledSweep]:
    """Return one sweep for each program: unrolled runs have one for true classes and one for unique ones."""
    if isinstance(sweep, bh.PopulationSweep):
        return [sweep]
    kinds = sorted({member.unique_classes for member in sweep.members})
    return [
        dataclasses.replace(sweep, members=tuple(one for one in sweep.members if one.unique_classes == kind))
        for kind in kinds
    ]


class Stopwatch:
    """Compiles and calls programs, and sums the time of both.

    Attributes:
        compiling: seconds of compiling so far.
    """

    def __init__(self) -> None:
        self.compiling = 0.0

    def compiled(self, program: Any, *arguments: Any) -> Any:
        """Return the program compiled for arguments, or shapes, like these."""
        start = time.perf_counter()
        made = program.lower(*arguments).compile()
        self.compiling += time.perf_counter() - start
        return made

    def called(self, program: Any, *arguments: Any) -> tuple[Any, float]:
        """Return the result of a compiled call and its seconds."""
        made = self.compiled(program, *arguments)
        start = time.perf_counter()
        return jax.block_until_ready(made(*arguments)), time.perf_counter() - start


def of_training(case: Case) -> Row:
    """Compile what a chunk needs, then train one network for one update and measure it."""
    sweep, recipe, watch = case.sweep, case.sweep.recipe, Stopwatch()
    n_training = len(case.split.training) if sweep.subset is None else sweep.subset.size
    n_updates = recipe.epochs * (n_training // recipe.batch_size)
    ends_after_one = (recipe.epochs - 1) * (n_training // recipe.batch_size) + 1
    sweep = dataclasses.replace(sweep, recipe=dataclasses.replace(recipe, steps=ends_after_one))
    size = max(case.planned.chunks)
    population = sweep.program(case.split, size)
    chunk = population.shapes([sweep.members[-1]], size)
    for program in (population._advance, population._measure, population._measure_at_end):
        watch.compiled(program, chunk, population._data)

    few = population.layout.replicated(noisy_split(cut(population.split), sweep.noise_seed, population.kinds))
    carry = population._started([sweep.members[-1]], 1)
    trained_on = population._data if sweep.stop_when is None else few
    (carry, info), seconds = watch.called(population._advance_last, carry, trained_on)
    measuring = [watch.called(program, carry, few)[1] for program in (population._measure, population._measure_at_end)]
    n_seen = n_training if sweep.stop_when is None else EXAMPLES
    one = bytes_for(recipe, case.split.input_shape, case.split.n_classes, layout_for(1), 1)
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
    """Return a few examples of both parts."""
    return Split(stratified_subset(split.training, EXAMPLES, 0), stratified_subset(split.validation, EXAMPLES, 0))


def of_unrolling(case: Case) -> Row:
    """Train one network for all updates, and differentiate its run at one block of steps, twice: the first compiles."""
    sweep, member = case.sweep, case.sweep.members[-1]
    program = sweep.program(case.split, max(case.planned.chunks))
    compiled = program._compiled(member.unique_classes)
    (measured,), (blocks,) = compiled.measured, compiled.blocks
    steps = min(blocks.steps, key=max)

    def differentiated() -> tuple[Any, float]:
        start = time.perf_counter()
        arrays = compiled.build(*program._traced([member]), program._data)
        found = measured.sweep_back(arrays, measured.checkpoints(arrays), steps[None])
        return found, time.perf_counter() - start

    _, first = differentiated()
    (kept, not_finite_at), seconds = differentiated()
    is_finite = bool(np.isfinite(kept).all() and (not_finite_at == NEVER).all())
    return {
        "bytes": program.run_sizes(member.unique_classes).n_bytes,
        "compiling, s": first - seconds,
        "run": f"{sweep.horizon:,} updates, one block of {len(blocks.steps)}, back from update {steps.max():,}",
        "s": seconds,
        "measuring, s": float("nan"),
        "loss": float("nan"),
        "finite": "yes" if is_finite else "no",
    }


def stored() -> list[Row]:
    """Return the rows of an earlier call."""
    return json.loads((common.RESULTS / f"{NAME}.json").read_text())["tables"]["Populations"]


def main() -> int:
    """Run all steps, print and store them, and return the exit status."""
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
