"""Labelled images: checked data sets, loading, subsets and splits, noise."""

from byheart.data.dataset import Dataset
from byheart.data.loading.load import load
from byheart.data.loading.npz import load_npz, save_npz
from byheart.data.split import Split
from byheart.data.stratified import stratified_split, stratified_subset

__all__ = ["Dataset", "Split", "load", "load_npz", "save_npz", "stratified_split", "stratified_subset"]
