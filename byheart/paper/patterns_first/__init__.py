"""Figures 7 and 8: the experiment `patterns-first`."""
