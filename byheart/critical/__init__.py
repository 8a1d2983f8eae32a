"""Critical samples: the search for adversarial points in a box around a sample."""
