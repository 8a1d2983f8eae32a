"""Figure 9: the experiment `critical-samples`."""
