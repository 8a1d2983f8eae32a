"""Real data, random inputs and random labels: the three kinds of data that several experiments compare."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool

from byheart.data.member_view import noise_titles
from byheart.data.noise import Noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.training.member import Member

NOUNS = {RandX.id: "inputs", RandY.id: "labels"}
"""The part of an example that each kind of noise replaces."""
REMOVED = "removed"
"""The kind of data without the examples that would be noisy; a coordinate of some results."""
TITLES = {"real": "real", RandX.id: RandX.title, RandY.id: RandY.title}


def members_of_each_kind(seeds: range, level: float = 1.0, *others: Noise) -> tuple[Member, ...]:
    """Return members for each seed: real data, randX and randY at a noise level, and other noises at their own."""
    noises: list[tuple[Noise, ...]] = [(), (RandX(level),), (RandY(level),), *((other,) for other in others)]
    return tuple(Member(seed, noise) for seed in seeds for noise in noises)


def is_kind(results: xr.Dataset, kind: str) -> Bool[np.ndarray, " member"]:
    """Return which members have a kind of data: "real" (without noise), or the noise with that `id`."""
    noisy = {name: results[name].values > 0 for name in noise_titles(results.attrs)}
    return ~np.any(list(noisy.values()), axis=0) if kind == "real" else noisy[kind]


def titles_of(results: xr.Dataset) -> dict[str, str]:
    """Return the titles of the kinds of data in results, by kind."""
    return {"real": TITLES["real"]} | noise_titles(results.attrs)


def by_kind(results: xr.Dataset, kinds: Sequence[str] | None = None) -> xr.Dataset:
    """Return results over (seed, kind), without the members' other settings.

    Args:
        results: over members, one of each seed and kind.
        kinds: the kind of each member; None derives real data, randX or randY from the member's noise.
    """
    noise = np.where(is_kind(results, RandX.id), RandX.id, np.where(is_kind(results, RandY.id), RandY.id, "real"))
    settings = [name for name in results.coords if results[name].dims == ("member",) and name != "seed"]
    named = results.drop_vars(settings).assign_coords(kind=("member", noise if kinds is None else list(kinds)))
    return named.set_index(member=["seed", "kind"]).unstack("member")


def titled(values: xr.DataArray) -> xr.DataArray:
    """Return `values` over (seed, kind) with the titles of the kinds, as parts of a claim."""
    return values.assign_coords(kind=[TITLES[kind] for kind in values.kind.values.tolist()])


def by_level(results: xr.Dataset, kind: str, *along: str) -> xr.Dataset:
    """Return the networks whose data differ from real data in `kind` alone, over (seed, *along, noise_level)."""
    others = [name for name in (*noise_titles(results.attrs), REMOVED) if name in results.coords and name != kind]
    is_alone = np.all([results[name].values == 0 for name in others], axis=0)
    index = ["seed", *along, kind]
    settings = [name for name in results.coords if results[name].dims == ("member",) and name not in index]
    chosen = results.isel(member=np.flatnonzero(is_alone)).drop_vars(settings)
    return chosen.set_index(member=index).unstack("member").rename({kind: "noise_level"})
