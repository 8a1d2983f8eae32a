"""Figure 2: the experiment `filters`."""
