"""The claims of convergence: F6a to F6d of Figure 6, two of them from the paper's workshop version."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_TIME, OF_TIME_FOR_A_DOUBLING, OF_UNITS
from byheart.statistics.censored_regression import log_time_effects
from byheart.statistics.censored_times import watched_epochs
from byheart.statistics.rules import Above, Below, Rule

SATURATED = 1.5
"""More units gain little where time is at most this many times that of the fastest width."""

Slopes = Float[np.ndarray, " level"]
Levels = Float[np.ndarray, " level"]


@dataclasses.dataclass(frozen=True)
class Varied:
    """One half of the figure: one setting varies, the other is fixed.

    Attributes:
        along: the setting that varies, "width" or "n_training".
        held: the setting that is fixed.
        at: the value of the fixed setting.
    """

    along: str
    held: str
    at: int

    def of(self, results: xr.Dataset) -> xr.Dataset:
        """Return the networks of this half."""
        return results.isel(member=np.flatnonzero(results[self.held].values == self.at))


@dataclasses.dataclass(frozen=True)
class Times:
    """Times to convergence of networks of one seed.

    Attributes:
        times: epochs to convergence, or the budget.
        is_censored: whether the time is the budget.
        log_along: log2 of the setting that varies.
        level: share of Gaussian inputs.
        is_random_label: whether all labels are random.
    """

    times: Float[np.ndarray, " network"]
    is_censored: Bool[np.ndarray, " network"]
    log_along: Float[np.ndarray, " network"]
    level: Float[np.ndarray, " network"]
    is_random_label: Bool[np.ndarray, " network"]

    @classmethod
    def of(cls, networks: xr.Dataset, along: str) -> "Times":
        """Return the times of `networks`."""
        times, is_censored = watched(networks)
        return cls(
            times, is_censored, np.log2(networks[along].values), networks.rand_x.values, networks.rand_y.values > 0
        )

    def where(self, chosen: Bool[np.ndarray, " network"]) -> "Times":
        """Return the times of the chosen networks."""
        return Times(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))


def watched(networks: xr.Dataset) -> tuple[Float[np.ndarray, " network"], Bool[np.ndarray, " network"]]:
    """Return each network's epochs until it had fitted, or the budget; and whether it is the budget (censored)."""
    return watched_epochs(networks.ended_epoch.values, float(networks.epoch[-1]))


@dataclasses.dataclass(frozen=True)
class _Half:
    """Texts and rules of the claims about one half of the figure."""

    varied: Varied
    noun: str
    slower_with: str
    rule: Rule


def claims_of(figure: str, widths: Varied, sizes: Varied) -> Sequence[Claim]:
    """Return claims F6a to F6d, with those of the workshop version."""
    halves = [
        _Half(widths, "units", "fewer units", Below(0, OF_TIME_FOR_A_DOUBLING)),
        _Half(sizes, "examples", "more examples", Above(0, OF_TIME_FOR_A_DOUBLING)),
    ]
    workshop = [
        (
            "all-inputs-noise",
            "Time is longer, too, where all inputs are noise. (The workshop version says it is shorter: "
            "where this claim fails, that one holds.)",
            "all inputs noise",
            lambda times: times.level == 1,
        ),
        (
            "all-labels-random",
            "Time is longer where all labels are random. (Workshop version.)",
            "all labels random",
            lambda times: times.is_random_label,
        ),
    ]
    return [
        *itertools.chain.from_iterable(_claims_of_half(figure, half) for half in halves),
        figure_claim(
            "F6c",
            figure,
            "Real data gain from more units up to fewer units than data with noise do.",
            f"log2 of the units from which on time is within {SATURATED:g} times that of the fastest width: "
            "mean over mixed noise levels minus that of real data",
            _saturation(widths),
            Above(0, OF_UNITS),
        ),
        *(
            figure_claim(
                f"F6d-{name}",
                figure,
                statement,
                f"log2(epochs to fit) of {what} minus that of real data, over units, "
                "by log-normal regression of censored times",
                _longer(widths, chosen),
                Above(0, OF_TIME),
            )
            for name, statement, what, chosen in workshop
        ),
    ]


def _claims_of_half(figure: str, half: _Half) -> Sequence[Claim]:
    slope = (
        f"change of log2(epochs to fit) for each doubling of the {half.noun}, "
        "by log-normal regression of censored times"
    )
    return [
        figure_claim(
            f"F6a-{half.noun}",
            figure,
            f"{half.slower_with.capitalize()} slow convergence, with noise and without.",
            f"{slope}, at each level of noisy inputs",
            lambda results: _titled(_slopes(half.varied, results)),
            half.rule,
        ),
        figure_claim(
            f"F6b-{half.noun}",
            figure,
            f"With noise among the inputs, {half.slower_with} slow convergence more.",
            f"{slope}: mean over mixed noise levels minus that of real data",
            lambda results: _noise_minus_real(_slopes(half.varied, results)),
            half.rule,
        ),
        figure_claim(
            f"F6d-{half.noun}",
            figure,
            f"Time is longer with noise among the inputs, over all numbers of {half.noun}.",
            "log2(epochs to fit) of mixed noise levels minus that of real data, "
            "by log-normal regression of censored times",
            _longer(half.varied, lambda times: (times.level > 0) & (times.level < 1)),
            Above(0, OF_TIME),
        ),
    ]


def _times_of_seeds(varied: Varied, results: xr.Dataset) -> list[Times | None]:
    """Return the times of each seed; None if a network of the seed is not trained yet."""
    networks, found = varied.of(results), []
    for seed in np.unique(results.seed.values):
        own = networks.isel(member=np.flatnonzero(networks.seed.values == seed))
        is_whole = own.sizes["member"] > 0 and not np.isnan(own.ended_epoch.values).any()
        found.append(Times.of(own, varied.along) if is_whole else None)
    return found


def _each_seed(varied: Varied, number: Callable[[Times], float]) -> Callable[[xr.Dataset], Float[np.ndarray, " seed"]]:
    """Return a function for one number per seed; NaN if a network of the seed is not trained yet."""
    return lambda results: np.array(
        [np.nan if times is None else number(times) for times in _times_of_seeds(varied, results)]
    )


def _slopes(varied: Varied, results: xr.Dataset) -> xr.DataArray:
    """Return slopes by level of noisy inputs, (seed, level); NaN if a network of the seed is not trained yet."""
    is_chosen = varied.of(results).rand_y.values == 0
    levels = np.unique(varied.of(results).rand_x.values[is_chosen])
    unknown = np.full(len(levels), np.nan)
    slopes = [unknown if times is None else _slopes_of(times, levels) for times in _times_of_seeds(varied, results)]
    return xr.DataArray(np.array(slopes).reshape(-1, len(levels)), {"level": levels}, ("seed", "level"))


def _titled(slopes: xr.DataArray) -> xr.DataArray:
    """Return `slopes` with names of the levels, as parts of a claim."""
    return slopes.assign_coords(level=[f"noise level {level:g}" for level in slopes.level.values])


def _slopes_of(times: Times, levels: Levels) -> Slopes:
    """Return the slopes of one seed, by one regression in which each level has its own line."""
    times = times.where(~times.is_random_label)
    is_level = times.level[:, None] == levels
    settings = np.hstack([is_level[:, 1:], is_level * times.log_along[:, None]])
    return log_time_effects(times.times, times.is_censored, settings)[len(levels) - 1 :]


def _noise_minus_real(numbers: xr.DataArray) -> Float[np.ndarray, " seed"]:
    """Return, of numbers over (seed, level), the mean over mixed noise levels minus the number of real data."""
    mixed = numbers.sel(level=(numbers.level > 0) & (numbers.level < 1))
    if mixed.sizes["level"] == 0:
        return np.full(numbers.sizes["seed"], np.nan)
    return (mixed.mean("level", skipna=False) - numbers.sel(level=0, drop=True)).values


def _longer(varied: Varied, is_of_kind: Callable[[Times], Bool[np.ndarray, " network"]]) -> PerSeed:
    """Return a function for how much longer one kind takes than real data at the same value of the varied setting."""

    def of_seed(times: Times) -> float:
        is_real = (times.level == 0) & ~times.is_random_label
        of_kind = is_of_kind(times) & (is_real | (times.level > 0) | times.is_random_label)
        if not of_kind.any():
            return np.nan
        times, of_kind = times.where(is_real | of_kind), of_kind[is_real | of_kind]
        places = np.unique(times.log_along)
        settings = np.hstack([times.log_along[:, None] == places[1:], of_kind[:, None]]).astype(float)
        return float(log_time_effects(times.times, times.is_censored, settings)[-1])

    return _each_seed(varied, of_seed)


def _saturation(widths: Varied) -> PerSeed:
    def of_seed(times: Times) -> float:
        times = times.where(~times.is_random_label)
        levels = np.unique(times.level)
        found = [saturated_from(times.where(times.level == level)) for level in levels]
        return float(_noise_minus_real(xr.DataArray([found], {"level": levels}, ("seed", "level")))[0])

    return _each_seed(widths, of_seed)


def saturated_from(times: Times) -> float:
    """Return log2 of the units from which on time stays within `SATURATED` times the shortest.

    Times are interpolated linearly between the widths, on log scales. The result is NaN if a time is censored at
    a budget within the limit, or if the time of the largest width exceeds the limit.
    """
    order = np.argsort(times.log_along)
    time, along = times.times[order], times.log_along[order]
    is_within = time <= SATURATED * time.min()  # Epochs, and 1.5 times them, are exact; their logarithms are not.
    if (times.is_censored[order] & is_within).any():
        return np.nan
    log_time, limit = np.log2(time), np.log2(SATURATED * time.min())
    above = np.flatnonzero(~is_within)
    if above.size == 0:
        return float(along[0])
    last = above[-1]
    if last == len(along) - 1:
        return np.nan
    share = (log_time[last] - limit) / (log_time[last] - log_time[last + 1])
    return float(along[last] + share * (along[last + 1] - along[last]))
