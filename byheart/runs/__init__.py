"""Runs: experiments on data in a directory, with the record from which they can be repeated."""
