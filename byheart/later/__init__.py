"""Claims of later work about memorization, an experiment a file."""
