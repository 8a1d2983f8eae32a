"""byheart measures what a neural network learns by heart.

This module exports the names for use from Python. The command line and the stored experiments are in `byheart.cli`,
`byheart.runs` and `byheart.experiments`.
"""

__version__ = "0.1.0"

from byheart.checks import BadInput, Caution
from byheart.cores import use_all_cores
from byheart.critical.critical_samples import CriticalSamples, critical_sample_ratio, critical_samples
from byheart.critical.lass import LASS, EachSample, GlobalStop
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.data.batches import Shuffled, WithReplacement
from byheart.data.class_flips import ClassFlips
from byheart.data.dataset import Dataset
from byheart.data.inclusion import AllButFold, AllExamples, Inclusion, RandomShare
from byheart.data.loading.load import load
from byheart.data.loading.npz import load_npz, save_npz
from byheart.data.member_view import MemberData
from byheart.data.noise import Noise
from byheart.data.noisy_dataset import NoiseFamily, NoisyDataset, add_noise, noise_family
from byheart.data.rand_x import GaussianInputs, RandX, UniformInputs
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.data.stratified import stratified_split, stratified_subset
from byheart.data.subsets import Subset
from byheart.inputs import Standardizer
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.measures.filters import FirstLayer, first_layer_filters, low_frequency_share
from byheart.measures.fitted import Fitted
from byheart.measures.misclassified import Misclassified
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy, Loss
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture, HiddenLayer, Network, RunningStatistics, n_parameters
from byheart.populations.epochs_to_fit import epochs_to_fit
from byheart.populations.grid import GridPoint, GridSweep, grid_points
from byheart.populations.misclassification_rate import misclassification_rate
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.populations.train import measure_sweep, train
from byheart.populations.trained_population import TrainedPopulation
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.gaussian_noise import HiddenNoise, InputNoise
from byheart.regularizers.label_smoothing import LabelSmoothing
from byheart.regularizers.weight_decay import WeightDecay
from byheart.statistics.binomial_control import binomial_control, binomial_quantiles
from byheart.statistics.censored_regression import log_time_effects
from byheart.statistics.censored_times import median_time, watched_epochs
from byheart.statistics.dispersion import Dispersion, dispersion
from byheart.statistics.early_stopping import early_stopping
from byheart.statistics.gini import gini_coefficient
from byheart.statistics.held_out import HeldOutAccumulator, HeldOutProbabilities, held_out_probabilities
from byheart.statistics.intervals import Interval
from byheart.statistics.label_noise import LabelNoise, fit_label_noise, wrong_label_share
from byheart.statistics.memorization import Memorization, influence, memorization
from byheart.statistics.rate_interval import rate_interval
from byheart.statistics.split_half import split_half_correlation
from byheart.statistics.training_dynamics import (
    area_under_margin,
    confidence,
    cross_entropies,
    epochs_to_learn,
    forgetting_events,
    margins,
    mean_loss,
    variability,
)
from byheart.sweeps.layout import Layout
from byheart.sweeps.variable import Variable
from byheart.training.cost import CPU_CORE, H100, Cost, Machine, training_cost
from byheart.training.member import Member, grid
from byheart.training.optimizers import SGD, Adam, AdamW, Optax, Optimizer
from byheart.training.probes import Probe
from byheart.training.recipe import Recipe
from byheart.training.regularizer import Regularizer
from byheart.unrolling.checkpoints import KeepEverything, MemoryBudget, SquareRoot
from byheart.unrolling.gradients import Unroll, UnrolledGradients, unrolled_gradients
from byheart.unrolling.loss_sensitivity import (
    AllSteps,
    LastSteps,
    LossSensitivity,
    NotFinite,
    class_loss_sensitivity,
    loss_sensitivity,
    loss_sensitivity_at_step,
)
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, RunLosses, WholeSetLoss
from byheart.unrolling.training_run import Examples, TrainingRun, network_run, training_run

__all__ = [
    "CNN",
    "CPU_CORE",
    "H100",
    "LASS",
    "MLP",
    "SGD",
    "Accuracy",
    "Adam",
    "AdamW",
    "AdversarialTraining",
    "AllButFold",
    "AllExamples",
    "AllSteps",
    "Architecture",
    "BadInput",
    "Caution",
    "ClassFlips",
    "ClassLosses",
    "Cost",
    "CriticalSampleRatio",
    "CriticalSamples",
    "CrossEntropy",
    "Dataset",
    "Dispersion",
    "Dropout",
    "EachSample",
    "Examples",
    "FirstLayer",
    "Fitted",
    "FlooredCrossEntropy",
    "GaussianInputs",
    "GlobalStop",
    "GridPoint",
    "GridSweep",
    "HeldOutAccumulator",
    "HeldOutProbabilities",
    "HiddenLayer",
    "HiddenNoise",
    "Inclusion",
    "InputDropout",
    "InputNoise",
    "Interval",
    "KeepEverything",
    "LabelNoise",
    "LabelSmoothing",
    "LastSteps",
    "Layout",
    "Loss",
    "LossSensitivity",
    "Machine",
    "Member",
    "MemberData",
    "Memorization",
    "MemoryBudget",
    "MinibatchLoss",
    "MinibatchLosses",
    "Misclassified",
    "Network",
    "Noise",
    "NoiseFamily",
    "NoisyDataset",
    "NotFinite",
    "Optax",
    "Optimizer",
    "Pixels",
    "Population",
    "PopulationSweep",
    "Probe",
    "RadiusSweep",
    "RandX",
    "RandY",
    "RandomShare",
    "Recipe",
    "Regularizer",
    "RunLosses",
    "RunningStatistics",
    "Shuffled",
    "Split",
    "SquareRoot",
    "StandardDeviations",
    "Standardizer",
    "Subset",
    "TrainedPopulation",
    "TrainingRun",
    "UniformInputs",
    "Unroll",
    "UnrolledGradients",
    "Variable",
    "WeightDecay",
    "WholeSetLoss",
    "WithReplacement",
    "__version__",
    "add_noise",
    "area_under_margin",
    "binomial_control",
    "binomial_quantiles",
    "class_loss_sensitivity",
    "confidence",
    "critical_sample_ratio",
    "critical_samples",
    "cross_entropies",
    "dispersion",
    "early_stopping",
    "epochs_to_fit",
    "epochs_to_learn",
    "first_layer_filters",
    "fit_label_noise",
    "forgetting_events",
    "gini_coefficient",
    "grid",
    "grid_points",
    "held_out_probabilities",
    "influence",
    "load",
    "load_npz",
    "log_time_effects",
    "loss_sensitivity",
    "loss_sensitivity_at_step",
    "low_frequency_share",
    "margins",
    "mean_loss",
    "measure_sweep",
    "median_time",
    "memorization",
    "misclassification_rate",
    "n_parameters",
    "network_run",
    "noise_family",
    "rate_interval",
    "save_npz",
    "split_half_correlation",
    "stratified_split",
    "stratified_subset",
    "train",
    "training_cost",
    "training_run",
    "unrolled_gradients",
    "use_all_cores",
    "variability",
    "watched_epochs",
    "wrong_label_share",
]
