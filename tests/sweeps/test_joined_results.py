"""Results of chunks are joined, also if files were renamed between two sittings."""

import numpy as np
import xarray as xr

from byheart.sweeps.results import joined


def chunk(seed: int, **names: list[str]) -> xr.Dataset:
    coordinates = {name: ("example", np.array(values)) for name, values in names.items()}
    return xr.Dataset(
        {"error": (("member", "example"), np.full((1, 2), seed))}, {"seed": ("member", [seed])} | coordinates
    )


def test_names_of_examples_are_those_of_the_last_chunk() -> None:
    whole = joined([chunk(0, id=["a", "b"]), chunk(1, id=["a", "b"]), chunk(2, id=["a", "renamed"])])
    assert whole["id"].values.tolist() == ["a", "renamed"]
    assert whole.seed.values.tolist() == [0, 1, 2]


def test_chunks_that_were_stored_without_names_get_them() -> None:
    whole = joined([chunk(0), chunk(1, id=["a", "b"])])
    assert whole["id"].values.tolist() == ["a", "b"]
    assert "id" not in joined([chunk(0), chunk(1)]).coords
