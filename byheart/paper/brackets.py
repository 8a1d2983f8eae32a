"""Brackets of critical sample ratios in experiments: what their probes measure, and what their figures say."""

from collections.abc import Sequence
from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from byheart.drawing.curves import curve_with_band, curve_with_bracket
from byheart.experiments.search_experiment import SearchExperiment
from byheart.measures.not_certified import NotCertified, NotCertifiedByRadius

BAND = "band: found to not certified"
"""What bands are, in legends."""
REASON = "an upper bound beside each ratio, which changes no other number"
"""Why an experiment departs from the paper by its brackets."""


def bracketing(experiment: SearchExperiment, sets: Sequence[str] = ("validation",)) -> tuple[NotCertified, ...]:
    """Return the probes of the upper bound that belong to the ratio of `sets`; none without `bracket`."""
    if not experiment.bracket:
        return ()
    return (NotCertified(experiment.radius, tuple(sets), experiment.n_samples, experiment.search.limits),)


def bracketing_by_radius(experiment: SearchExperiment, radii: Sequence[float]) -> tuple[NotCertifiedByRadius, ...]:
    """Return the probes of the upper bound at several radii, in the unit of `radius`; none without `bracket`."""
    if not experiment.bracket:
        return ()
    lengths: tuple[Any, ...] = tuple(map(experiment.radius.with_value, radii))
    return (NotCertifiedByRadius(lengths, experiment.n_samples, experiment.search.limits),)


def draw(axis: Axes, data: xr.Dataset, variable: str, along: str, **look: Any) -> None:
    """Draw a variable over (seed, along): with the band of its bracket if it has one, or with an interval over seeds.

    Args:
        axis: the axes to draw on.
        data: with the variable, and the upper bound of a ratio if it was measured.
        variable: name of the variable.
        along: the dimension of x.
        **look: as for `curve_with_band`.
    """
    upper = variable.replace("csr_", "not_certified_")
    if upper != variable and upper in data:
        curve_with_bracket(axis, data[variable], data[upper], along, **look)
    else:
        curve_with_band(axis, data[variable], along, **look)


def in_caption(seeds: int, bracket: bool) -> str:
    """Return what curves and bands of critical sample ratios are, as the end of a caption."""
    if not bracket:
        return f"mean and 95 % interval over n = {seeds} seeds."
    return (
        f"mean over n = {seeds} seeds. Curves of critical sample ratios are what the search found. Their bands "
        "reach up to the share that is not certified: the true ratio lies in between. Other bands are 95 % intervals "
        "over seeds."
    )
