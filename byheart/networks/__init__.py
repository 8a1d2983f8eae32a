"""The paper's architectures."""
