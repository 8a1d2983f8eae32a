"""The description of programs that compute with JAX."""

import jax

from byheart.data.split import Split
from byheart.sweeps.layout import Layout
from byheart.sweeps.protocol import ProgramDescription


def described_program(split: Split, layout: Layout) -> ProgramDescription:
    """Return devices and memory of `layout`, and the classes of `split`."""
    devices = layout.devices
    statistics = [device.memory_stats() or {} for device in devices]
    has_memory = all("peak_bytes_in_use" in one for one in statistics)
    return ProgramDescription(
        devices=f"{len(devices)} x {devices[0].device_kind}",
        versions={"jax": jax.__version__},
        n_classes=split.n_classes,
        class_names=tuple(split.training.class_names),
        class_counts=tuple(split.training.class_counts.tolist()),
        device_peak_bytes=sum(int(one["peak_bytes_in_use"]) for one in statistics) if has_memory else None,
    )
