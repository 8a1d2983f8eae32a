"""Figure 6: the experiment `convergence`."""
