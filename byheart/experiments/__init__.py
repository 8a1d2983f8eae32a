"""The parts of an experiment: settings, a sweep, claims with rules, figures.

The names below are for writing your own experiment (docs/own_experiment.md). Each is imported when it is first used;
`__init__.pyi` shows them to editors and type checkers.

>>> from byheart.experiments import Above, Claim, Experiment, Figure, Panel, ThroughTrainingExperiment
"""

import importlib
from typing import Any

_PLACES = {
    "ALL": "byheart.experiments.used_parts",
    "Above": "byheart.statistics.rules",
    "Below": "byheart.statistics.rules",
    "Between": "byheart.statistics.rules",
    "Claim": "byheart.experiments.claims",
    "DataSummary": "byheart.experiments.data_summary",
    "Experiment": "byheart.experiments.experiment",
    "Figure": "byheart.drawing.figure",
    "Panel": "byheart.drawing.figure",
    "Remarks": "byheart.experiments.experiment",
    "SearchExperiment": "byheart.experiments.search_experiment",
    "SensitivityExperiment": "byheart.experiments.sensitivity_experiment",
    "Table": "byheart.results.table",
    "ThroughTrainingExperiment": "byheart.experiments.training_experiment",
    "TrainingExperiment": "byheart.experiments.training_experiment",
    "UsedPart": "byheart.experiments.used_parts",
    "curve_with_band": "byheart.drawing.curves",
    "epoch_axis": "byheart.drawing.axes",
    "share_axis": "byheart.drawing.axes",
}
"""The module of each name."""

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_PLACES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
