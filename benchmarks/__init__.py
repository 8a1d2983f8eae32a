"""Benchmarks against other libraries; not part of the installed package. See README.md in this folder."""
