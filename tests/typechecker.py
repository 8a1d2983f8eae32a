"""The type checker that tests apply to every function of byheart."""

import typing

import beartype

checked = beartype.beartype(
    conf=beartype.BeartypeConf(
        is_pep484_tower=True,
        hint_overrides=beartype.FrozenDict({typing.Self: typing.Any}),
    )
)
"""Beartype that accepts integers as floats. It knows `Self` only in classes, but jaxtyping decorates methods."""
