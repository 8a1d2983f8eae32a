"""Compiling: seconds to compile and to run programs by the effort of the compiler, and whether numbers are the same.

    BYHEART_DATA=folder python -m benchmarks.compiling [--rounds 3]

Programs are an epoch of MLPs and of CNNs, and a search for critical samples. Levels are those of LLVM; "older emitters"
is XLA's way before its fusion emitters. Compiling is in processor seconds, running in seconds on the clock.
"""

import argparse
import time
from typing import Any

import jax
import numpy as np

import byheart as bh
from benchmarks import common
from byheart.jax_settings import usual_settings
from byheart.sweeps.layout import Layout

OPTIONS: dict[str, dict[str, Any]] = {
    "level 3": {"xla_backend_optimization_level": 3},
    "level 1": {"xla_backend_optimization_level": 1},
    "level 0": {"xla_backend_optimization_level": 0},
    "level 1, older emitters": {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False},
    "level 1, in one part": {"xla_backend_optimization_level": 1, "xla_cpu_parallel_codegen_split_count": 1},
    "level 1, no expensive passes": {"xla_backend_optimization_level": 1, "xla_llvm_disable_expensive_passes": True},
    "level 1, AVX2": {"xla_backend_optimization_level": 1, "xla_cpu_max_isa": "AVX2"},
}


def programs() -> dict[str, tuple[Any, Any, Any]]:
    """Return the programs, lowered, with their arguments."""
    found = {}
    for name, architecture, data in (("MLP", bh.MLP((128, 128)), "mnist"), ("CNN", bh.CNN((16, 16)), "cifar10")):
        split = common.images(data, 1000, 300)
        members = bh.grid(seed=range(4))
        search = bh.CriticalSampleRatio(bh.Pixels(3 if name == "MLP" else 0.3), bh.LASS(budget=20))
        sweep = bh.PopulationSweep(bh.Recipe(architecture, bh.SGD(0.05), 50, 2), tuple(members), (search,))
        population = bh.Population(sweep, split, Layout())
        carry = population._started(members, 4)
        found[f"an epoch, {name}"] = (population._advance.lower(carry, population._data), carry, population._data)
        found[f"a search, {name}"] = (population._measure.lower(carry, population._data), carry, population._data)
    return found


def row_of(name: str, program: Any, carry: Any, data: Any, rounds: int) -> list[dict[str, object]]:
    """Return a row for each of the options."""
    rows, usual = list[dict[str, object]](), b""
    for option, chosen in OPTIONS.items():
        begun = time.process_time()
        compiled = program.compile(compiler_options=chosen)
        compiling, seconds = time.process_time() - begun, common.Seconds()
        for number in range(rounds + 1):
            fresh = jax.tree.map(lambda leaf: jax.device_put(np.asarray(leaf), leaf.sharding), carry)
            start = time.perf_counter()
            found = jax.block_until_ready(compiled(fresh, data))
            if number:
                seconds.append(time.perf_counter() - start)
        numbers = b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(found))
        usual = usual or numbers
        rows.append(
            {
                "program": name,
                "compiler": option,
                "compiling, processor s": compiling,
                "running, s": seconds.median,
                "same numbers": "yes" if numbers == usual else "no",
            }
        )
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    bh.use_all_cores()
    with usual_settings():
        rows = [row for name, found in programs().items() for row in row_of(name, *found, arguments.rounds)]
    common.report("compiling", {"rounds": arguments.rounds}, {"Compiling": rows})


if __name__ == "__main__":
    main()
