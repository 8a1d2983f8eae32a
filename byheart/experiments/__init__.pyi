"""The names of `byheart.experiments`, for editors and type checkers."""

from byheart.drawing.axes import epoch_axis, share_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment, Remarks
from byheart.experiments.finding import Finding
from byheart.experiments.search_experiment import SearchExperiment
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.experiments.training_experiment import ThroughTrainingExperiment, TrainingExperiment
from byheart.experiments.used_parts import ALL, UsedPart
from byheart.results.table import Table
from byheart.statistics.rules import Above, Below, Between

__all__ = [
    "ALL",
    "Above",
    "Below",
    "Between",
    "Claim",
    "DataSummary",
    "Experiment",
    "Figure",
    "Finding",
    "Panel",
    "Remarks",
    "SearchExperiment",
    "SensitivityExperiment",
    "Table",
    "ThroughTrainingExperiment",
    "TrainingExperiment",
    "UsedPart",
    "curve_with_band",
    "epoch_axis",
    "share_axis",
]
