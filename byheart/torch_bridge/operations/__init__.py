"""The operations of torch's core ATen set in JAX, one table by name; nothing here imports torch."""
