"""The experiments by name."""

from byheart.critical.lass import LASS, EachSample, GlobalStop
from byheart.data.batches import Shuffled, WithReplacement
from byheart.experiments.experiment import Experiment
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.convergence.experiment import Convergence
from byheart.paper.critical_samples.experiment import CriticalSampleExperiment
from byheart.paper.easy_examples.experiment import EasyExamples
from byheart.paper.filters.experiment import FilterExperiment
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.regularization.curves import Curve
from byheart.paper.regularization.experiment import Regularization
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.gaussian_noise import HiddenNoise, InputNoise
from byheart.regularizers.label_smoothing import LabelSmoothing
from byheart.regularizers.weight_decay import WeightDecay
from byheart.training.optimizers import SGD
from byheart.unrolling.loss_sensitivity import AllSteps, LastSteps
from byheart.unrolling.losses import MinibatchLoss, WholeSetLoss
from byheart.unrolling.random_inputs import GaussianInputs, UniformInputs

EXPERIMENTS: dict[str, type[Experiment]] = {
    experiment.name: experiment
    for experiment in (
        EasyExamples,
        FilterExperiment,
        SensitivityInequality,
        ClassSensitivity,
        Capacity,
        Convergence,
        PatternsFirst,
        CriticalSampleExperiment,
        Regularization,
    )
}
"""In the order of the figures."""

DATA_OF_THE_PAPER: dict[str, tuple[str, ...]] = {
    "mnist": (
        *("easy-examples", "sensitivity-inequality", "class-sensitivity"),
        *("capacity", "convergence", "patterns-first"),
    ),
    "cifar10": ("easy-examples", "filters", "capacity", "patterns-first", "critical-samples", "regularization"),
}
"""Which experiments the paper makes on which data; docs/choices.md says why where it does not say so itself."""


SETTING_TYPES = (
    *(MLP, CNN, SGD, LASS, EachSample, GlobalStop),
    *(CrossEntropy, FlooredCrossEntropy, WholeSetLoss, MinibatchLoss, LastSteps, AllSteps),
    *(Shuffled, WithReplacement, GaussianInputs, UniformInputs),
    *(Curve, Dropout, InputDropout, InputNoise, HiddenNoise, WeightDecay, LabelSmoothing, AdversarialTraining),
)
"""Values that may stand in settings, besides Python literals."""
