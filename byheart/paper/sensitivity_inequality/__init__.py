"""Figure 3: the experiment `sensitivity-inequality`."""
