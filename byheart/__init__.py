"""byheart measures what a neural network learns by heart.

These are the names for use from Python. The command line and the stored experiments are in
`byheart.cli`, `byheart.runs` and `byheart.experiments`.
"""

__version__ = "0.1.0"

from byheart.checks import BadInput, Caution
from byheart.convergence import epochs_to_fit
from byheart.data.batches import Shuffled, WithReplacement
from byheart.data.dataset import Dataset, Split
from byheart.data.files import load_npz, save_npz
from byheart.data.noise import NoiseFamily, NoisyDataset, RandX, RandY, add_noise, noise_family
from byheart.data.sources import load
from byheart.data.subsets import Subset
from byheart.data.transforms import stratified_split, stratified_subset
from byheart.devices import use_all_cores
from byheart.difficulty import misclassification_rate
from byheart.intervals import Interval
from byheart.layout import Layout
from byheart.measures.accuracy import Accuracy
from byheart.measures.binomial_control import binomial_control, binomial_quantiles
from byheart.measures.checkpoints import KeepEverything, MemoryBudget, SquareRoot
from byheart.measures.convergence import Fitted, median_time, watched_epochs
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.measures.critical_samples import CriticalSamples, critical_sample_ratio, critical_samples
from byheart.measures.dispersion import Dispersion, dispersion
from byheart.measures.early_stopping import early_stopping
from byheart.measures.filters import FirstLayer, first_layer_filters, low_frequency_share
from byheart.measures.inequality import gini_coefficient
from byheart.measures.lass import LASS, EachSample, GlobalStop, Pixels
from byheart.measures.loss_sensitivity import (
    AllSteps,
    LastSteps,
    LossSensitivity,
    NotFinite,
    class_loss_sensitivity,
    loss_sensitivity,
    loss_sensitivity_at_step,
)
from byheart.measures.misclassification import Misclassified, rate_interval
from byheart.measures.scalars import ClassLosses, MinibatchLoss, MinibatchLosses, Scalars, WholeSetLoss
from byheart.measures.split_half import split_half_correlation
from byheart.measures.time_regression import log_time_effects
from byheart.measures.training_run import Examples, TrainingRun, network_run, training_run
from byheart.measures.unroll import Unroll, UnrolledGradients, unrolled_gradients
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture, HiddenLayer, Network, RunningStatistics, n_parameters
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.gaussian_noise import HiddenNoise, InputNoise
from byheart.regularizers.label_smoothing import LabelSmoothing
from byheart.regularizers.weight_decay import WeightDecay
from byheart.training.cost import CPU_CORE, H100, Cost, Machine, training_cost
from byheart.training.population import Population, Sweep, TrainedPopulation
from byheart.training.probes import Probe
from byheart.training.recipe import SGD, Member, Recipe, grid
from byheart.training.regularizer import Regularizer
from byheart.training.sweeps import Cell, Sweeps, cells
from byheart.training.train import results_of, train
from byheart.variables import Variable

__all__ = [
    "CNN",
    "CPU_CORE",
    "H100",
    "LASS",
    "MLP",
    "SGD",
    "Accuracy",
    "AdversarialTraining",
    "AllSteps",
    "Architecture",
    "BadInput",
    "Caution",
    "Cell",
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
    "GlobalStop",
    "HiddenLayer",
    "HiddenNoise",
    "InputDropout",
    "InputNoise",
    "Interval",
    "KeepEverything",
    "LabelSmoothing",
    "LastSteps",
    "Layout",
    "LossSensitivity",
    "Machine",
    "Member",
    "MemoryBudget",
    "MinibatchLoss",
    "MinibatchLosses",
    "Misclassified",
    "Network",
    "NoiseFamily",
    "NoisyDataset",
    "NotFinite",
    "Pixels",
    "Population",
    "Probe",
    "RadiusSweep",
    "RandX",
    "RandY",
    "Recipe",
    "Regularizer",
    "RunningStatistics",
    "Scalars",
    "Shuffled",
    "Split",
    "SquareRoot",
    "Subset",
    "Sweep",
    "Sweeps",
    "TrainedPopulation",
    "TrainingRun",
    "Unroll",
    "UnrolledGradients",
    "Variable",
    "WeightDecay",
    "WholeSetLoss",
    "WithReplacement",
    "__version__",
    "add_noise",
    "binomial_control",
    "binomial_quantiles",
    "cells",
    "class_loss_sensitivity",
    "critical_sample_ratio",
    "critical_samples",
    "dispersion",
    "early_stopping",
    "epochs_to_fit",
    "first_layer_filters",
    "gini_coefficient",
    "grid",
    "load",
    "load_npz",
    "log_time_effects",
    "loss_sensitivity",
    "loss_sensitivity_at_step",
    "low_frequency_share",
    "median_time",
    "misclassification_rate",
    "n_parameters",
    "network_run",
    "noise_family",
    "rate_interval",
    "results_of",
    "save_npz",
    "split_half_correlation",
    "stratified_split",
    "stratified_subset",
    "train",
    "training_cost",
    "training_run",
    "unrolled_gradients",
    "use_all_cores",
    "watched_epochs",
]
