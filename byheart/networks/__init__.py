"""Networks: MLP, CNN, and their losses."""
