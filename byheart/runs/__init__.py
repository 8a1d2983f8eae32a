"""Runs: experiments on data in a directory, with a record from which they can be repeated."""
