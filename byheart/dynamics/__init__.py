"""A log of any training loop, and scores of examples from it."""
