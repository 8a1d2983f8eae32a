"""Sweeps of training runs that are differentiated through: their members, what is measured of them, and how they are computed."""
