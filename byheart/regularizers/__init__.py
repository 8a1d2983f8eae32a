"""Regularizers: frozen values with one strength each, which combine. Knows training only by what that asks of them."""
