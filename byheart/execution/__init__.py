"""Runs sweeps. Knows no experiment."""
