"""Loads data from files, official sources and downloads."""
