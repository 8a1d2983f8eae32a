"""Probes: measures of one network, computed while a population trains."""
