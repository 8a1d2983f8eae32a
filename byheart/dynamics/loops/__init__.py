"""A log of the training loops of other libraries, a file each. No library is imported before it is used."""
