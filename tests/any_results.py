"""Results of every experiment, made without training, in which all numbers are equal."""

import dataclasses
import json
from typing import Any

import numpy as np
import xarray as xr

from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.paper.catalog import EXPERIMENTS
from byheart.paper.regularization.curves import Curve
from byheart.regularizers.dropout import Dropout
from byheart.sweeps.results import NEVER
from byheart.unrolling.loss_sensitivity import NORMS

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)
N_EXAMPLES, N_CLASSES = 20, 2

THROUGH_TRAINING = ("epoch",)
VARIABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "easy-examples": {},
    "filters": {
        "low_frequency_share": THROUGH_TRAINING,
        "training_accuracy": THROUGH_TRAINING,
        "filter_weight": ("epoch", "filter", "row", "column", "channel"),
    },
    "sensitivity-inequality": {"loss_sensitivity": ("horizon", "norm", "example")},
    "class-sensitivity": dict.fromkeys(
        ("class_sensitivity", "class_sensitivity_with_direct_path"), ("loss_class", "input_class")
    ),
    "capacity": dict.fromkeys(("training_accuracy", "validation_accuracy"), THROUGH_TRAINING),
    "convergence": {"ended_epoch": (), "batch_loss": THROUGH_TRAINING},
    "patterns-first": {
        **dict.fromkeys(("training_accuracy", "training_accuracy_noisy", "validation_accuracy"), THROUGH_TRAINING),
        "csr_validation": THROUGH_TRAINING,
        "csr_by_radius": ("radius",),
    },
    "critical-samples": dict.fromkeys(
        ("training_accuracy", "csr_validation", "csr_validation_alike", "csr_training"), THROUGH_TRAINING
    ),
    "regularization": dict.fromkeys(("training_accuracy", "validation_accuracy", "batch_loss"), THROUGH_TRAINING),
}
"""Variables of each experiment, and their axes besides `member`."""

SMALLEST: dict[str, dict[str, Any]] = {
    "filters": {"measured_epochs": (0,)},
    "sensitivity-inequality": {"horizons": (200,)},
    "capacity": {"widths": (8,), "enough": 8, "noise_levels": (0.0, 1.0), "removed_levels": ()},
    "convergence": {"widths": (8,), "sizes": (100,), "width_of_sizes": 8, "noise_levels": (0.0, 1.0)},
    "patterns-first": {"noise_levels": (0.0, 1.0), "radii": (0.3,)},
    "regularization": {"curves": (Curve((Dropout(),), ((0.5,),)),), "selected": (1,)},
}
"""Settings with one value of each varied setting, and the fewest noise levels."""


def experiment(name: str, seeds: int, smallest: bool) -> Experiment:
    """Return an experiment as declared, or with one measured epoch and as few members as possible."""
    declared = dataclasses.replace(EXPERIMENTS[name].for_scale("tiny", FACTS), seeds=seeds)
    one_epoch = {setting: () if setting == "measured_epochs" else 1 for setting in ("epochs", "measured_epochs")}
    own = (one_epoch | SMALLEST.get(name, {})) if smallest else {}
    changed = dataclasses.replace(
        declared, **{setting: value for setting, value in own.items() if setting in declared.settings()}
    )
    changed.check(FACTS)
    return changed


def filled(of: Experiment, value: float) -> xr.Dataset:
    """Return results whose numbers are all `value`; times are 0 for the value 0, and never for 1."""
    value = {0.0: 0.01, 1.0: np.inf}.get(value, value) if of.name == "convergence" else value
    sweep, settings = of.sweep(), of.settings()
    n = len(sweep.members)
    axes: dict[str, Any] = {
        "epoch": getattr(of, "schedule", (settings.get("epochs", 1),)),
        "horizon": np.array(settings.get("horizons", ()), float),
        "norm": NORMS,
        "radius": np.array(settings.get("radii", ())) / 255,
        "filter": range(4),
        "row": range(8),
        "column": range(8),
        "channel": range(1),
        "example": range(N_EXAMPLES),
        "loss_class": range(N_CLASSES),
        "input_class": range(N_CLASSES),
    }
    results = xr.Dataset(coords=sweep.coordinates())
    used = {axis for own in VARIABLES[of.name].values() for axis in own} | {"epoch"}
    results = results.assign_coords({axis: list(axes[axis]) for axis in used})
    for name, own in VARIABLES[of.name].items():
        results[name] = (("member", *own), np.full([n, *(len(axes[axis]) for axis in own)], value))
    if of.name == "easy-examples":
        results = _with_errors(results, value)
    if "sensitivity" in of.name:
        lost_at = "sensitivity_lost_at" if of.name == "sensitivity-inequality" else "class_sensitivity_lost_at"
        over = ("member", "horizon") if of.name == "sensitivity-inequality" else ("member",)
        results[lost_at] = (over, np.full([results.sizes[axis] for axis in over], _known(value)))
    else:
        results["diverged_epoch"] = ("member", np.full(n, _known(value)))
    names = json.dumps([f"class {number}" for number in range(N_CLASSES)])
    return results.assign_attrs(
        byheart="0.0", jax="0.0", devices="1 x made up", n_classes=N_CLASSES, class_names=names, seconds=0.0
    )


def _known(value: float) -> int:
    """Return the update at which numbers were lost: 1 if `value` is NaN, otherwise `NEVER`."""
    return 1 if np.isnan(value) else NEVER


def _with_errors(results: xr.Dataset, value: float) -> xr.Dataset:
    """Add examples misclassified by no network, by all, or by a share, and images of some of them."""
    n, places = results.sizes["member"], np.arange(N_EXAMPLES)
    flags = np.random.default_rng(0).random((n, N_EXAMPLES)) < value
    errors = np.full((n, N_EXAMPLES), NEVER, np.int8) if np.isnan(value) else flags.astype(np.int8)
    facts = {"index": places, "label": places % N_CLASSES, "rand_y_label": places[::-1] % N_CLASSES}
    facts |= {"rand_x_rank": places, "rand_y_rank": places}
    results = results.drop_vars("epoch").assign_coords({name: ("example", fact) for name, fact in facts.items()})
    results["is_misclassified"] = (("member", "example"), errors)
    if np.isnan(value):
        return results
    pictures = np.zeros((4, 8, 8, 1), np.uint8)
    results["picture"] = (("pictured", "row", "column", "color"), pictures)
    results["pictured_example"] = ("pictured", np.arange(4))
    return results
