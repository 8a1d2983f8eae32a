"""Brackets of critical sample ratios in experiments: the setting, its probes, and what figures say."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import xarray as xr
from matplotlib.axes import Axes

from byheart import checks
from byheart.critical.certified_samples import check_can_be_certified
from byheart.drawing.curves import curve_with_band, curve_with_bracket
from byheart.experiments.cautions import hardly_certified
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.search_experiment import SearchExperiment
from byheart.measures.not_certified import NotCertified, NotCertifiedByRadius
from byheart.networks.network import Architecture

BAND = "band: found to not certified"
"""What bands are, in legends."""
REASON = "an upper bound beside each ratio, which changes no other number"
"""Why an experiment departs from the paper by its brackets."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BracketedExperiment(SearchExperiment):
    """Settings of a search whose ratios may have an upper bound, too.

    Attributes:
        bracket: also certify each searched sample, for an upper bound of each ratio. It takes far longer than the
            search.
    """

    bracket: bool = False

    later_settings: ClassVar[tuple[str, ...]] = ("bracket",)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect networks whose outputs cannot be bounded."""
        super().collect_problems(problems, facts)
        if self.bracket and isinstance(self.architecture, Architecture):
            with problems.noted():
                check_can_be_certified("bracket", self.architecture, facts.input_shape)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and one about a radius at which hardly any sample can be certified."""
        return [*super().cautions(results), *hardly_certified(results, self.radius)]


def bracketing(experiment: BracketedExperiment, sets: Sequence[str] = ("validation",)) -> tuple[NotCertified, ...]:
    """Return the probes of the upper bound that belong to the ratio of `sets`; none without `bracket`."""
    if not experiment.bracket:
        return ()
    return (NotCertified(experiment.radius, tuple(sets), experiment.n_samples, experiment.search.limits),)


def bracketing_by_radius(experiment: BracketedExperiment, radii: Sequence[float]) -> tuple[NotCertifiedByRadius, ...]:
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
