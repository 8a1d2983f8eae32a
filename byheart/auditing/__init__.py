"""The audit: which labels of a data set are suspect, which examples are memorized or hard, and how sure that is."""
