"""Comparison of several runs: settings that differ, claims with their differences, curves in the same panels."""
