"""Figures: style, panels, curves. This package does not depend on experiments."""
