"""Reproduction of the whole paper: every experiment on the data of its figure, and one page of all claims."""
