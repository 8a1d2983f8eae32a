"""Statistics of numbers over networks and seeds. NumPy and SciPy only."""
