"""Figure 5: the experiment `capacity`."""
