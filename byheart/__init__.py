"""byheart measures what a neural network learns by heart."""

__version__ = "0.1.0"
