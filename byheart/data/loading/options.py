"""Options for reading a source of data. They are checked when made, and kept in the record of a run."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

from byheart import checks
from byheart.checks import BadInput

DEFAULT_SIZE = 32
"""Width and height of pictures, in pixels."""
DEFAULT_VALIDATION = 0.2
"""Share of the examples that are set aside for validation if the data have no validation part."""
MISSING = ("refuse", "median")
"""Treatments of missing values."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadingOptions:
    """Options for reading a source of data. Not every source takes every option.

    Attributes:
        label: the column, or the array of a file, that holds the labels; None: guessed.
        ids: the column, the array or the file that holds names of examples; None: file names or row numbers.
        labels: the file that holds the labels of an .npy file.
        size: width and height of pictures, in pixels.
        validation: share of the examples to set aside for validation, above 0 and below 1; or the column that says
            train, validation or test.
        group: the column, the array or the file that holds groups of examples, which stay on one side of the split.
        skip_unreadable: leave out pictures that cannot be decoded.
        features: of a table: names of columns and patterns, such as "age,pixel*" or "*,-name"; None: all columns that
            have no other role. A text is split at commas.
        missing: "refuse" missing values of a table, or "median": fill them in.
        show: the column of a table to show in place of the numbers of a row.
        separator: of cells in a text file; None: found.
        thousands: separator of thousands in the numbers of a text file.
        decimal: decimal point in the numbers of a text file.
        embedding: the file of the vectors that networks see in place of the inputs of the source.

    Raises:
        BadInput: a value that an option cannot have.

    >>> LoadingOptions(validation="0.3").given()
    {'validation': 0.3}
    """

    label: str | None = None
    ids: str | None = None
    labels: str | None = None
    size: int = DEFAULT_SIZE
    validation: float | str = DEFAULT_VALIDATION
    group: str | None = None
    skip_unreadable: bool = False
    features: str | Sequence[str] | None = None
    missing: str = "refuse"
    show: str | None = None
    separator: str | None = None
    thousands: str | None = None
    decimal: str = "."
    embedding: str | None = None

    def __post_init__(self) -> None:
        checks.fields(
            self, label=_name, ids=_name, labels=_name, size=checks.count, validation=_validation, group=_name
        )
        checks.fields(
            self,
            features=_features,
            missing=lambda name, value: checks.known("treatment of missing values", value, MISSING),
            show=_name,
            separator=checks.optional(_character),
            thousands=checks.optional(_character),
            decimal=_character,
            embedding=_name,
        )
        checks.instance("skip_unreadable", self.skip_unreadable, bool, "True or False")

    @property
    def share(self) -> float:
        """Share of the examples to set aside; the default if a column says the parts."""
        return DEFAULT_VALIDATION if isinstance(self.validation, str) else self.validation

    @property
    def part_column(self) -> str | None:
        """The column that says the parts; None if a share is set aside."""
        return self.validation if isinstance(self.validation, str) else None

    def given(self) -> dict[str, Any]:
        """Return the options that are not the defaults."""
        defaults = LoadingOptions.__dataclass_fields__
        values = {name: getattr(self, name) for name in defaults}
        return {name: value for name, value in values.items() if value != defaults[name].default}

    def limited_to(self, taken: Collection[str], kind: str) -> Self:
        """Return the options, after checking that a source takes all that are given.

        Args:
            taken: names of the options that the source takes.
            kind: the kind of source, for messages, such as "an .npz file".

        Raises:
            BadInput: an option is given that the source does not take.
        """
        for name in self.given():
            if name not in taken:
                allowed = f"it takes {', '.join(map(option_of, taken))}" if taken else "it takes no options"
                raise no_meaning(name, f"{kind}; {allowed}")
        return self

    @classmethod
    def of_record(cls, written: Mapping[str, Any]) -> Self:
        """Return the options in a record.

        Raises:
            BadInput: there are options that this version does not know.
        """
        unknown = sorted(set(written) - set(cls.__dataclass_fields__))
        if unknown:
            raise BadInput(f"its data were loaded with {', '.join(unknown)}, which this version does not know.")
        return cls(**written)


def option_of(name: str) -> str:
    """Return the option of the command line for an argument.

    >>> option_of("ids"), option_of("skip_unreadable")
    ('--id', '--skip-unreadable')
    """
    return {"ids": "--id"}.get(name, f"--{name.replace('_', '-')}")


def no_meaning(name: str, kind: str) -> BadInput:
    """Return the error about an option that would do nothing.

    >>> print(no_meaning("size", "a table without pictures"))
    `size` (--size) has no meaning for a table without pictures. Leave it out.
    """
    return BadInput(f"`{name}` ({option_of(name)}) has no meaning for {kind}. Leave it out.")


def _name(name: str, value: Any) -> str | None:
    """Return the name of a column, or None."""
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise BadInput(f"`{name}` must name a column, an array or a file; got {checks.shown(value)}.")
    return value


def _features(name: str, value: Any) -> str | tuple[str, ...] | None:
    """Return names of columns and patterns, checked: a text as it is, others as a tuple; or None."""
    if value is None:
        return None
    patterns = feature_patterns(value)
    return value if isinstance(value, str) else patterns


def feature_patterns(features: Any) -> tuple[str, ...]:
    """Return names of columns and patterns; a text is split at commas.

    Raises:
        BadInput: another type, none at all, or an empty one.

    >>> feature_patterns("age, pixel*")
    ('age', 'pixel*')
    """
    parts = features.split(",") if isinstance(features, str) else features
    patterns = [part.strip() for part in parts if isinstance(part, str)] if isinstance(parts, list | tuple) else []
    if not patterns or len(patterns) < len(parts) or not all(patterns):
        raise BadInput(
            "`features` must be names of columns or patterns, such as 'age,pixel*' or '*,-name'; "
            f"got {checks.shown(features)}."
        )
    return tuple(patterns)


def _character(name: str, value: Any) -> str:
    """Return a single character; a tab may be written as two."""
    if value == "\\t":
        return "\t"
    if not isinstance(value, str) or len(value) != 1:
        raise BadInput(f"`{name}` must be a single character; got {checks.shown(value)}.")
    return value


def _validation(name: str, value: Any) -> float | str:
    """Return a share, also from its text, or the name of a column."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return str(_name(name, value))
    return share_of(name, value)


def share_of(name: str, value: Any) -> float:
    """Return `value` if it is a share between 0 and 1, both excluded.

    >>> share_of("validation", 20)
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: `validation` must be between 0 and 1; got 20. Is that a percentage? Pass 0.2.
    """
    share = checks.fraction(name, value)
    if share in (0, 1):
        raise BadInput(f"`{name}` must be above 0 and below 1; got {share:g}. Both parts need examples.")
    return float(share)
