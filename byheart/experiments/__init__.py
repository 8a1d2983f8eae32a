"""What an experiment and a claim are: settings, seeds, kinds of data. Knows nothing of the paper."""
