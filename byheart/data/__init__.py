"""Labelled images and vectors: checked data sets, loading, subsets and splits, noise."""
