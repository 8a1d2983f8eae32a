"""Folders of pictures: which files are examples, and how they become arrays of one size."""
