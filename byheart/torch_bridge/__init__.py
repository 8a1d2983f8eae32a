"""A torch module as a network of byheart: its graph is exported, lowered to JAX and compared with torch."""
