"""The checker the tests put on every function of byheart."""

import typing

import beartype

checked = beartype.beartype(
    conf=beartype.BeartypeConf(
        is_pep484_tower=True,
        hint_overrides=beartype.FrozenDict({typing.Self: typing.Any}),
    )
)
"""beartype, where whole numbers are floats too. `Self` it knows only when it decorates a class as a whole; jaxtyping decorates methods."""
