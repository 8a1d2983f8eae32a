"""Figures: style, panels, curves. Knows no experiment."""
