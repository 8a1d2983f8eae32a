"""Figures 10 and 11: the experiment `regularization`."""
