"""The public names of byheart, and where each is defined; a name is imported when it is first used."""

__version__: str

from .auditing.audit import audit
from .auditing.learners import SklearnLearner
from .auditing.result import Audit
from .checks import BadInput, Caution
from .cores import use_all_cores
from .critical.bracketed_ratio import BracketedRatio, bracketed_ratio
from .critical.certified_samples import CertifiedSamples, certified_samples
from .critical.critical_sample_ratio import critical_sample_ratio
from .critical.critical_samples import CriticalSamples, critical_samples
from .critical.lass import LASS, EachSample, GlobalStop
from .critical.radius import Pixels, StandardDeviations
from .critical.targeted_search import TargetedSearch
from .data.balanced_half import BalancedHalf
from .data.batches import Shuffled, WithReplacement
from .data.class_flips import ClassFlips
from .data.dataset import Dataset
from .data.inclusion import AllButFold, AllExamples, Inclusion, RandomShare
from .data.loading.load import load
from .data.loading.load_data import load_data
from .data.loading.npz import load_npz, save_npz
from .data.member_view import MemberData
from .data.noise import Noise
from .data.noisy_dataset import NoiseFamily, NoisyDataset, add_noise, noise_family
from .data.rand_x import GaussianInputs, RandX, UniformInputs
from .data.rand_y import RandY
from .data.similar_class import SimilarClass
from .data.split import Split
from .data.stratified import stratified_split, stratified_subset
from .data.subsets import Subset
from .dynamics.dynamics import Dynamics
from .dynamics.loops.pytorch import WithIndex
from .experiments.claims import Claim
from .experiments.experiment import Experiment
from .inputs import Standardizer
from .measures.accuracy import Accuracy
from .measures.critical_examples import CriticalExamples
from .measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from .measures.filters import FirstLayer, first_layer_filters, low_frequency_share
from .measures.fitted import Fitted
from .measures.misclassified import Misclassified
from .measures.neighbors import ClassNeighborDistance, WrongNeighbor
from .measures.not_certified import NotCertified, NotCertifiedByRadius
from .networks.cnn import CNN
from .networks.losses import CrossEntropy, FlooredCrossEntropy, Loss
from .networks.mlp import MLP
from .networks.network import Architecture, HiddenLayer, Network, RunningStatistics, n_parameters
from .populations.epochs_to_fit import epochs_to_fit
from .populations.grid import GridPoint, GridSweep, grid_points
from .populations.misclassification_rate import misclassification_rate
from .populations.population import Population
from .populations.sweep import PopulationSweep
from .populations.train import measure_sweep, train
from .populations.trained_population import TrainedPopulation
from .program_cache import keep_compiled_programs
from .regularizers.adversarial_training import AdversarialTraining
from .regularizers.dropout import Dropout, InputDropout
from .regularizers.gaussian_noise import HiddenNoise, InputNoise
from .regularizers.label_smoothing import LabelSmoothing
from .regularizers.weight_decay import WeightDecay
from .statistics.binomial_control import binomial_control, binomial_quantiles
from .statistics.censored_regression import log_time_effects
from .statistics.censored_times import median_time, watched_epochs
from .statistics.dispersion import Dispersion, dispersion
from .statistics.early_stopping import early_stopping
from .statistics.gini import gini_coefficient
from .statistics.held_out import HeldOutAccumulator, HeldOutProbabilities, held_out_probabilities
from .statistics.intervals import Interval
from .statistics.label_noise import LabelNoise, fit_label_noise, wrong_label_share
from .statistics.memorization import Memorization, influence, memorization
from .statistics.rate_interval import rate_interval
from .statistics.split_half import split_half_correlation
from .statistics.training_dynamics import (
    aleatoric_uncertainty,
    area_under_margin,
    confidence,
    correctness,
    cross_entropies,
    epochs_to_learn,
    error_norms,
    forgetting_events,
    margins,
    mean_loss,
    variability,
)
from .sweeps.layout import Layout
from .sweeps.variable import Variable
from .torch_bridge.architecture import TorchModule
from .torch_bridge.from_torch import from_torch
from .training.cost import CPU_CORE, H100, Cost, Machine, training_cost
from .training.member import Member, grid
from .training.optimizers import SGD, Adam, AdamW, Optax, Optimizer
from .training.probes import Probe
from .training.recipe import Recipe
from .training.regularizer import Regularizer
from .unrolling.checkpoints import KeepEverything, MemoryBudget, SquareRoot
from .unrolling.gradients import Unroll, UnrolledGradients, unrolled_gradients
from .unrolling.loss_sensitivity import (
    AllSteps,
    LastSteps,
    LossSensitivity,
    NotFinite,
    class_loss_sensitivity,
    loss_sensitivity,
    loss_sensitivity_at_step,
)
from .unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, RunLosses, WholeSetLoss
from .unrolling.training_run import Examples, TrainingRun, network_run, training_run

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
    "Audit",
    "BadInput",
    "BalancedHalf",
    "BracketedRatio",
    "Caution",
    "CertifiedSamples",
    "Claim",
    "ClassFlips",
    "ClassLosses",
    "ClassNeighborDistance",
    "Cost",
    "CriticalExamples",
    "CriticalSampleRatio",
    "CriticalSamples",
    "CrossEntropy",
    "Dataset",
    "Dispersion",
    "Dropout",
    "Dynamics",
    "EachSample",
    "Examples",
    "Experiment",
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
    "NotCertified",
    "NotCertifiedByRadius",
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
    "SimilarClass",
    "SklearnLearner",
    "Split",
    "SquareRoot",
    "StandardDeviations",
    "Standardizer",
    "Subset",
    "TargetedSearch",
    "TorchModule",
    "TrainedPopulation",
    "TrainingRun",
    "UniformInputs",
    "Unroll",
    "UnrolledGradients",
    "Variable",
    "WeightDecay",
    "WholeSetLoss",
    "WithIndex",
    "WithReplacement",
    "WrongNeighbor",
    "add_noise",
    "aleatoric_uncertainty",
    "area_under_margin",
    "audit",
    "binomial_control",
    "binomial_quantiles",
    "bracketed_ratio",
    "certified_samples",
    "class_loss_sensitivity",
    "confidence",
    "correctness",
    "critical_sample_ratio",
    "critical_samples",
    "cross_entropies",
    "dispersion",
    "early_stopping",
    "epochs_to_fit",
    "epochs_to_learn",
    "error_norms",
    "first_layer_filters",
    "fit_label_noise",
    "forgetting_events",
    "from_torch",
    "gini_coefficient",
    "grid",
    "grid_points",
    "held_out_probabilities",
    "influence",
    "keep_compiled_programs",
    "load",
    "load_data",
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
