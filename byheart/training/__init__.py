"""Recipes, members, and populations trained as one program."""
