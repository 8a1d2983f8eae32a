"""Probes: measures of one network, taken while a population trains."""
