"""Storage and statistics of results. Knows no experiment."""
