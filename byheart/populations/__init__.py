"""Populations: the networks of one recipe, trained and measured by one compiled program."""
