"""Differentiation through training runs: the reverse sweep, measures of loss sensitivity, and sweeps of such runs."""
