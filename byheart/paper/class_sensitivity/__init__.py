"""Figure 4: the experiment `class-sensitivity`."""
