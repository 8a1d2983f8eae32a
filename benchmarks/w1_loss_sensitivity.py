"""W1: loss sensitivity g_x^t = ||dL_t/dx||_1 through all updates before t, of 1,000 inputs at 250 steps, against torch.

    python -m benchmarks.w1_loss_sensitivity [--horizons 500 2000] [--rounds 1] [--long]

An MLP 196-32-32-10 learns the first 1,000 images of MNIST, pooled to 14 x 14, by SGD, with minibatches drawn with
replacement. L_t is the loss of the minibatch of update t, at every second t in [T - 500, T), without the direct path.
All methods start from the same weights and see the same minibatches, and their values are compared. Each method has its
own process, and its memory is what a call adds to that process. For byheart the peak of the whole process is reported,
too, including JAX and compilation: that of the first call.

byheart computes all values in every round. For torch, the whole graph is timed and **5 of the 250 values**, evenly
spread, whose time is multiplied by 50 ("5 of 250" in the table). "Batched" is `is_grads_batched`, torch's own way to
share a reverse pass: of 10 passes for 25 neighboring values each, the middle one is timed. `higher` and `torchopt` run
with one thread: on layers this small a second thread does not help plain torch. "Times torch.autograd" compares with
the faster of its two thread settings, one value at a time; "times the best torch" with the fastest row of torch.

Errors are relative errors of g_x^t over all examples that an update has seen, at the 5 evenly spread t, against byheart
in double precision; at T = 500 also against torch in double precision. The run itself differs between precisions: if
training is chaotic, that is most of the error.

The floor counts 2 operations for each multiplication by a weight. W are all weights, W_1 those of the first layer, b
the minibatch. Forward passes: b (6 W - 2 W_1) for each update, once for the kept states and once in each block of
adjoints. Adjoints: for each update of a block b (4 W - 2 W_1) for the part that all adjoints share, and for each
adjoint b (12 W - 8 W_1): forward tangents 4 W - 2 W_1, gradients of weights along both paths 4 W - 2 W_1, of
activations 4 W - 4 W_1. Inputs: b 4 W_1, and the rows they are added to: three times their bytes, at the speed of a
copy. Adjoints that wait for their own step are not counted.
"""

import argparse
import dataclasses
import importlib.metadata
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

import byheart as bh
from benchmarks import common
from benchmarks.unroll_twins import (
    LOOPS,
    Measured,
    Problem,
    Sensitivities,
    errors,
    measured,
    reference_in_torch,
    sampled_steps,
    torch_methods,
    torch_sampled,
)
from byheart.data.batches import WithReplacement
from byheart.sweeps.layout import Layout
from byheart.unrolling.adjoint_blocks import Blocks, block_size, blocks_of
from byheart.unrolling.checkpoints import Segments, SquareRoot, at
from byheart.unrolling.gradients import unrolled_gradients
from byheart.unrolling.loss_sensitivity import LastSteps, loss_sensitivity_at_step
from byheart.unrolling.losses import MinibatchLoss
from byheart.unrolling.training_run import State, TrainingRun, network_run

HORIZONS = {500: 3, 2_000: 3, 10_000: 2}
"""Rounds for each T."""
PARTS_AT = 2_000
"""T for which the parts of the sweep are timed."""
WINDOW = LastSteps(500, every=2)
LONG, LONG_WINDOW = 100_000, LastSteps(500, every=50)
WIDTHS, N_EXAMPLES, BATCH, LEARNING_RATE = (32, 32), 1_000, 32, 0.05
LARGEST_MB = 16_000
"""Methods that would need more memory, in megabytes, are not run."""


def problem_for(horizon: int, window: LastSteps, images: np.ndarray, labels: np.ndarray) -> Problem:
    """Return the run of `horizon` updates; runs of different length have the same initial weights."""
    network = bh.MLP(WIDTHS).build(images.shape[1:], 10, jax.random.key(0))
    layers = tuple((np.asarray(layer.weight), np.asarray(layer.bias)) for layer in network.layers)
    batches = np.asarray(WithReplacement()(len(images), BATCH, horizon, jax.random.key(1)))
    return Problem(images, labels, layers, batches, LEARNING_RATE, tuple(window.steps(horizon)))


def pooled_images() -> tuple[np.ndarray, np.ndarray, str]:
    """Return images of 14 x 14, labels, and the name of the data."""
    if os.environ.get(common.FOLDER_VARIABLE):
        data = bh.load("mnist", download=False).training
    else:
        data = common.images("mnist", training=N_EXAMPLES, validation=10).training
    images = np.asarray(data.inputs[:N_EXAMPLES]).reshape(N_EXAMPLES, 14, 2, 14, 2, 1).mean(axis=(2, 4))
    return images, np.asarray(data.labels[:N_EXAMPLES], np.int64), data.name


def byheart_run(problem: Problem) -> TrainingRun:
    """Return the run in JAX's default precision."""
    like = bh.MLP(WIDTHS).build(problem.images.shape[1:], 10, jax.random.key(0))
    values = [jnp.asarray(value, float) for layer in problem.layers for value in layer]
    network = jax.tree.unflatten(jax.tree.structure(like), values)
    images = jnp.asarray(problem.images, float)
    return network_run(network, optax.sgd(problem.learning_rate), images, problem.labels, problem.batches)


def byheart_values(run: TrainingRun, steps: tuple[int, ...]) -> Sensitivities:
    """Return all values."""
    return dict(zip(steps, loss_sensitivity_at_step(run, steps, MinibatchLoss()).at_step, strict=True))


def byheart_whole(problem: Problem) -> Callable[[int], Measured]:
    """Make byheart's method in its own process; the first call compiles, and later calls reuse the program."""
    bh.use_all_cores()
    run = byheart_run(problem)

    def method() -> tuple[float, Sensitivities]:
        start = time.perf_counter()
        values = byheart_values(run, problem.steps)
        return time.perf_counter() - start, values

    return lambda number: measured(method)


def reference(problem: Problem) -> Callable[[int], Sensitivities]:
    """Compute byheart's values in double precision, in a separate process."""
    bh.use_all_cores()
    jax.config.update("jax_enable_x64", True)
    return lambda number: byheart_values(byheart_run(problem), problem.steps)


def compared(problem: Problem, rounds: int, last: Mapping[str, float]) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return rows of the table for one T, and megabytes; `last` are megabytes per update for the T before."""
    makers = {"byheart": (byheart_whole, problem)} | {
        name: (torch_sampled, method, problem) for name, method in torch_methods(problem).items()
    }
    expected = {name: last.get(name, 0.0) * len(problem.batches) for name in makers if name != "byheart"}
    too_large = {name: megabytes for name, megabytes in expected.items() if megabytes > LARGEST_MB}
    workers = {name: common.Worker(*maker) for name, maker in makers.items() if name not in too_large}
    first = {"byheart": workers["byheart"](0)}
    calls: dict[str, list[Measured]] = {name: [] for name in workers}
    for number in range(rounds):
        for name, worker in workers.items():
            calls[name].append(worker(number))
            common.say(f"  round {number + 1}/{rounds}  {name}: {calls[name][-1].seconds:.3f} s for all values")
    for worker in workers.values():
        worker.close()
    exact, twin = references(problem)
    seconds = {name: statistics.median(call.seconds for call in made) for name, made in calls.items()}
    megabytes = {name: max(call.megabytes for call in made) for name, made in calls.items()}
    resident = {name: max(call.resident for call in made) for name, made in calls.items()}
    resident["byheart"] = first["byheart"].resident
    values = {name: made[-1].values for name, made in calls.items()}
    loop = min(seconds.get(name, float("inf")) for name in LOOPS)
    best = min(took for name, took in seconds.items() if name != "byheart")
    rows = [
        {
            "method": name,
            "values timed": f"{len(values[name])} of {len(problem.steps)}",
            "s for all": took,
            "least": min(call.seconds for call in calls[name]),
            "times torch.autograd": f"{loop / took:.2f}",
            "times the best torch": f"{best / took:.2f}",
            "memory, MB": megabytes[name],
            "process at its peak, MB": resident[name],
            "first call, s": first[name].seconds if name in first else float("nan"),
            **errors(values[name], exact),
            "largest difference from byheart": errors(values[name], values["byheart"])["largest error"],
        }
        for name, took in seconds.items()
    ]
    rows += [{"method": "torch, double precision", **errors(twin, exact)}] if twin else []
    rows += [{"method": f"{name}: not run, needs {size / 1000:.0f} GB"} for name, size in too_large.items()]
    return rows, megabytes


def references(problem: Problem) -> tuple[Sensitivities, Sensitivities]:
    """Return values in double precision: byheart's at the sampled steps, torch's at 3 of them for the shortest T."""
    few = dataclasses.replace(problem, steps=sampled_steps(problem))
    found = []
    for make in (reference, reference_in_torch)[: 2 if len(problem.batches) == min(HORIZONS) else 1]:
        worker = common.Worker(make, few)
        found.append(worker(0))
        worker.close()
    return found[0], found[1] if len(found) > 1 else {}


def forward_passes(run: TrainingRun, blocks: Blocks, layout: Layout) -> Callable[[int], object]:
    """Compute the kept states, and all others up to each block's last step, as the sweep does."""
    segments = Segments.of(run, SquareRoot())
    arrays, static = eqx.partition(run, eqx.is_array)

    def block(steps: jax.Array, shared: tuple[TrainingRun, State]) -> State:
        here = eqx.combine(shared[0], static)
        batches = segments.batches(here)

        def segment(index: jax.Array, last: State) -> State:
            return at(segments.states(here, at(shared[1], index), batches[index]), jnp.asarray(segments.length - 1))

        return jax.lax.fori_loop(0, steps.max() // segments.length + 1, segment, here.start)

    kept = jax.jit(lambda arrays: segments.checkpoints(eqx.combine(arrays, static)))
    program = layout.over_members(block)

    def method(number: int) -> None:
        jax.block_until_ready(program(blocks.steps, layout.replicated((arrays, kept(arrays)))))

    return method


def parts(problem: Problem, rounds: int, peak: float, bandwidth: float) -> list[dict[str, object]]:
    """Return seconds and floors of the parts of a sweep; each part is the difference of two timed programs."""
    run, steps = byheart_run(problem), problem.steps
    layout = Layout(min(len(Layout().devices), len(steps)))
    n_devices = len(layout.devices)
    blocks = blocks_of(steps, block_size(steps, 1, run.examples.inputs.nbytes, n_devices), n_devices)
    methods = {
        "forward": forward_passes(run, blocks, layout),
        "scalars": lambda number: unrolled_gradients(run, steps, MinibatchLoss(), with_respect_to=("weights",)),
        "whole": lambda number: loss_sensitivity_at_step(run, steps, MinibatchLoss()),
    }
    for method in methods.values():
        method(0)
    times = {name: seconds.median for name, seconds in common.interleaved(methods, rounds).items()}
    sizes = [weight.size for weight, _ in problem.layers]
    total, outer, b = sum(sizes), sizes[0], problem.batches.shape[1]
    in_blocks = int(blocks.steps.max(axis=1).sum())
    shared, own, rows_of_bytes = 4 * total - 2 * outer, 12 * total - 8 * outer, 12 * b * problem.layers[0][0].shape[0]
    again, summed = len(problem.batches) + in_blocks, sum(steps)
    work = {
        f"forward passes, {len(blocks.steps)} blocks": (times["forward"], b * (6 * total - 2 * outer) * again, 0),
        "adjoints": (times["scalars"] - times["forward"], b * (shared * in_blocks + own * summed), 0),
        "gradients of inputs": (times["whole"] - times["scalars"], 4 * b * outer * summed, rows_of_bytes * summed),
    }
    work["whole"] = (times["whole"], *(sum(part[i] for part in work.values()) for i in (1, 2)))
    rows = []
    for name, (seconds, operations, n_bytes) in work.items():
        floor = operations / peak + n_bytes / bandwidth
        counted = {"s": seconds, "GFLOP": operations / 1e9, "GB": n_bytes / 1e9, "floor, s": floor}
        rows.append({"part": name, **counted, "times the floor": seconds / floor})
    return rows


def copy_bandwidth(megabytes: int = 256, rounds: int = 4) -> float:
    """Return the bytes per second that a copy of a large array reads and writes: the best of a few rounds."""
    source = torch.ones(megabytes * 2**18)
    target = torch.empty_like(source)
    best = common.interleaved({"copy": lambda number: target.copy_(source)}, rounds)["copy"].least
    return 2 * source.nbytes / best


def long_run(images: np.ndarray, labels: np.ndarray) -> list[dict[str, object]]:
    """Time T = 100,000, including compilation."""
    problem = problem_for(LONG, LONG_WINDOW, images, labels)
    worker = common.Worker(byheart_whole, problem)
    call = worker(0)
    worker.close()
    finite = sum(bool(np.isfinite(values).all()) for values in call.values.values())
    sizes = {
        "memory, MB": call.megabytes,
        "process at its peak, MB": call.resident,
        "below 4 GB": str(call.resident < 4000),
    }
    return [{"T": LONG, "values": len(problem.steps), "of these finite": finite, "s": call.seconds, **sizes}]


def growth(of: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, object]:
    """Return a row: megabytes of byheart for each T, and the ratio of the largest T to the smallest."""
    rows = {name: row for name, made in tables.items() for row in made if row.get("method") == "byheart"}
    sizes = [row[of] for row in rows.values()]
    times = sizes[-1] / sizes[0] if len(sizes) > 1 else float("nan")
    return {
        "": of,
        **{name: row[of] for name, row in rows.items()},
        "growth": times,
        "at most 1.5": str(times <= 1.5) if len(sizes) > 1 else "-",
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--horizons", type=int, nargs="+", default=list(HORIZONS), help="T, ascending")
    parser.add_argument("--rounds", type=int, help="interleaved rounds, for every T")
    parser.add_argument("--long", action="store_true", help="T = 100,000 with 10 values as well")
    arguments = parser.parse_args()
    bh.use_all_cores()
    images, labels, name = pooled_images()
    peaks, bandwidth = common.matrix_peak(), copy_bandwidth()
    tables: dict[str, list[dict[str, Any]]] = {}
    memory: dict[int, dict[str, float]] = {}
    last: dict[str, float] = {}
    for horizon in arguments.horizons:
        problem = problem_for(horizon, WINDOW, images, labels)
        rounds = arguments.rounds or HORIZONS.get(horizon, 2)
        tables[f"T = {horizon:,}"], memory[horizon] = compared(problem, rounds, last)
        last |= {method: megabytes / horizon for method, megabytes in memory[horizon].items()}
        if horizon == PARTS_AT:
            peak = 1e9 * max(peaks.values())
            tables[f"Parts of the sweep, T = {horizon:,}"] = parts(problem, rounds, peak, bandwidth)
    tables["Memory of byheart"] = [growth("process at its peak, MB", tables), growth("memory, MB", tables)]
    if arguments.long:
        tables["A long run"] = long_run(images, labels)
    versions = {package: importlib.metadata.version(package) for package in ("higher", "torchopt", "optree")}
    settings = {common.PEAK: peaks, "copy, GB/s": bandwidth / 1e9, "data": name, "peers": versions}
    common.report("w1_loss_sensitivity", settings, tables)


if __name__ == "__main__":
    main()
