"""byheart measures what a neural network learns by heart.

These are the names for use from Python. The command line and the stored experiments are in `byheart.cli`, `byheart.runs` and
`byheart.experiments`.
"""

__version__ = "0.1.0"

from byheart.checks import BadInput
from byheart.data.dataset import Dataset, Split
from byheart.data.files import load_npz, save_npz
from byheart.data.noise import NoiseFamily, NoisyDataset, RandX, RandY, add_noise, noise_family
from byheart.data.sources import load
from byheart.data.transforms import stratified_split, stratified_subset
from byheart.devices import use_all_cores
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.measures.critical_samples import CriticalSamples, critical_sample_ratio, critical_samples
from byheart.measures.lass import LASS, EachSample, GlobalStop, Pixels
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture, Network, n_parameters
from byheart.training.layout import Layout
from byheart.training.population import Population, TrainedPopulation, train
from byheart.training.probes import Probe
from byheart.training.recipe import SGD, Member, Recipe, grid
from byheart.training.sweep import Sweep
from byheart.variables import Variable

__all__ = [
    "CNN",
    "LASS",
    "MLP",
    "SGD",
    "Accuracy",
    "Architecture",
    "BadInput",
    "CriticalSampleRatio",
    "CriticalSamples",
    "Dataset",
    "EachSample",
    "GlobalStop",
    "Layout",
    "Member",
    "Network",
    "NoiseFamily",
    "NoisyDataset",
    "Pixels",
    "Population",
    "Probe",
    "RadiusSweep",
    "RandX",
    "RandY",
    "Recipe",
    "Split",
    "Sweep",
    "TrainedPopulation",
    "Variable",
    "__version__",
    "add_noise",
    "critical_sample_ratio",
    "critical_samples",
    "grid",
    "load",
    "load_npz",
    "n_parameters",
    "noise_family",
    "save_npz",
    "stratified_split",
    "stratified_subset",
    "train",
    "use_all_cores",
]
