"""Figure 1: the experiment `easy-examples`."""
