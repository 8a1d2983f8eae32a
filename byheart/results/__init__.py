"""Storage of results. Knows no experiment."""
