"""Recipes, the update step, epochs, and what training costs."""
