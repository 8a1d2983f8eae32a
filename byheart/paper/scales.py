"""The scales of the paper's experiments."""

from typing import Literal

Scale = Literal["tiny", "laptop", "paper"]
"""tiny: seconds, in tests and demos. laptop: minutes on 2 cores. paper: the paper's settings, for a GPU."""

SCALES: tuple[Scale, ...] = ("tiny", "laptop", "paper")
