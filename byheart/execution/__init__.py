"""Execution of sweeps, independent of experiments."""
