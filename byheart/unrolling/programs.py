"""The compiled programs that differentiate runs: many runs at once, a stretch of updates at a time."""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Int, PyTree

from byheart.sweeps.layout import Layout
from byheart.unrolling import adjoints
from byheart.unrolling.adjoints import ReverseSweep
from byheart.unrolling.checkpoints import Segments
from byheart.unrolling.losses import RunLosses
from byheart.unrolling.training_run import Examples, State, TrainingRun

Keep = Callable[[TrainingRun, Examples, Examples | None], PyTree]
"""(run, gradient through training, direct gradient) of one loss -> the value that is kept."""


@dataclasses.dataclass(frozen=True)
class Unrolling:
    """The common settings of runs that are differentiated together.

    Attributes:
        static: the parts of the runs that are not arrays.
        segments: how the runs are cut.
        scalars: the losses that are differentiated.
        fields: the fields of `Examples` with respect to which they are differentiated.
        with_direct: whether direct gradients are computed, too.
        keep: function from the gradients of a loss to the value that is kept.
    """

    static: TrainingRun
    segments: Segments
    scalars: RunLosses
    fields: tuple[str, ...]
    with_direct: bool
    keep: Keep


class UnrolledRuns:
    """Differentiates runs that share an `Unrolling`, distributed over devices; compiles once.

    All stacked arguments have a first axis over runs, whose length is a multiple of the layout's number of devices.
    """

    def __init__(self, shared: Unrolling, layout: Layout) -> None:
        self._shared, self._layout = shared, layout
        self._checkpoints = layout.over_members(self._checkpoints_of)
        self._begin = layout.over_members(self._begin_one)
        self._go_on = layout.over_members(self._go_on_one, donate=(0,))
        self._finish = layout.over_members(self._finish_one)

    def checkpoints(self, arrays: TrainingRun) -> State:
        """Return the checkpoints of stacked runs, given by their arrays."""
        return self._checkpoints(arrays, None)

    def lowered(self, arrays: TrainingRun, steps: Int[np.ndarray, "run block"]) -> list[jax.stages.Lowered]:
        """Return the programs that `checkpoints` and `sweep_back` call, lowered.

        Args:
            arrays: shapes of the arrays of stacked runs.
            steps: as for `sweep_back`.
        """
        checkpoints = self._checkpoints.lower(arrays, None)
        kept = self._layout.shapes(checkpoints.out_info)
        begin = self._begin.lower(arrays, kept, steps, None)
        sweep, direct = self._layout.shapes(begin.out_info)
        stretch = np.array(next(iter(self._shared.segments.stretches(max(int(steps.max()), 0)))))
        go_on = self._go_on.lower(sweep, arrays, kept, stretch)
        return [checkpoints, begin, go_on, self._finish.lower(arrays, sweep, direct, None)]

    def sweep_back(
        self,
        arrays: TrainingRun,
        checkpoints: State,
        steps: Int[np.ndarray, "run block"],
        on_stretch: Callable[[], None] = lambda: None,
    ) -> tuple[Any, Int[np.ndarray, "run step scalar"]]:
        """Sweep back from the last of `steps` to the first update.

        Args:
            arrays: the arrays of stacked runs.
            checkpoints: their checkpoints.
            steps: (run, step), the steps at which losses are differentiated; the same for all runs.
            on_stretch: called after each stretch of updates.

        Returns:
            The value kept of the gradient of each loss, (run, step, scalar, ...), and the update at which its adjoint,
            pulled back, stopped being finite; -1 if it did not.
        """
        sweep, direct = self._begin(arrays, checkpoints, steps, None)
        for stretch in self._shared.segments.stretches(max(int(steps.max()), 0)):
            sweep = jax.block_until_ready(self._go_on(sweep, arrays, checkpoints, np.array(stretch)))
            on_stretch()
        found = jax.device_get(self._finish(arrays, sweep, direct, None))
        return jax.tree.map(lambda leaf: leaf.reshape(*steps.shape, -1, *leaf.shape[2:]), found)

    def _run(self, arrays: TrainingRun) -> TrainingRun:
        return eqx.combine(arrays, self._shared.static)

    def _checkpoints_of(self, arrays: TrainingRun, shared: None) -> State:
        del shared
        return self._shared.segments.checkpoints(self._run(arrays))

    def _begin_one(
        self, arrays: TrainingRun, checkpoints: State, steps: Int[Array, " block"], shared: None
    ) -> tuple[ReverseSweep, Examples | None]:
        del shared
        run, how = self._run(arrays), self._shared
        return adjoints.init(run, how.segments, checkpoints, steps, how.scalars, how.fields, how.with_direct)

    def _go_on_one(
        self, sweep: ReverseSweep, arrays: TrainingRun, checkpoints: State, stretch: Int[Array, "2"]
    ) -> ReverseSweep:
        run, how = self._run(arrays), self._shared
        return adjoints.step(run, how.segments, checkpoints, sweep, how.fields, stretch)

    def _finish_one(
        self, arrays: TrainingRun, sweep: ReverseSweep, direct: Examples | None, shared: None
    ) -> tuple[PyTree, Int[Array, " adjoint"]]:
        del shared
        run, keep = self._run(arrays), self._shared.keep
        if direct is None:
            kept = jax.vmap(lambda gradient: keep(run, gradient, None), in_axes=1)(sweep.gradients)
        else:
            kept = jax.vmap(lambda *both: keep(run, *both), in_axes=(1, 0))(sweep.gradients, direct)
        return kept, adjoints.finish(sweep)
