"""The page and files that tell what a run saw."""
