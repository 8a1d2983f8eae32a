"""Advice on images whose values do not use the range [0, 1]."""

import math

BRIGHT = 128 / 255
"""A data set whose largest value is lower gets a `Caution`: it does not use the upper half of the range."""
APART = 2
"""Parts of a data set whose largest values and means both differ by this factor or more are scaled differently."""


def scaled(largest: float, are_whole: bool = False) -> str:
    """Return advice on how to scale images of integers, or of floats above 1, that are not negative.

    >>> scaled(16)
    'Is 16 their largest possible value? Pass `inputs / 16`; otherwise divide by the largest possible value.'
    """
    if are_whole and largest <= 1:
        return "Pass `np.asarray(inputs, float)`."
    if largest < 128:
        limit = math.ceil(largest)
        return (
            f"Is {limit} their largest possible value? Pass `inputs / {limit}`; "
            "otherwise divide by the largest possible value."
        )
    if largest <= 255:
        uint8 = ", or `np.asarray(inputs, np.uint8)`" if are_whole else ""
        return f"Do they run from 0 to 255? Pass `inputs / 255`{uint8}."
    return "Divide by their largest possible value, such as 65535 for 16 bits."


def dimness(largest: float) -> str:
    """Return a warning about images in [0, 1] whose `largest` value is below `BRIGHT` and above 0; otherwise "".

    >>> dimness(16 / 255)[:64]
    'The images reach 16 of 255 (0.063 of 1). If their levels run fro'
    """
    if not 0 < largest < BRIGHT:
        return ""
    level = round(255 * largest)
    if level >= 1 and abs(255 * largest - level) < 1e-3:
        ending = f"If their levels run from 0 to {level}, use `inputs / {level}`, as floats"
        reach = f"{level} of 255 ({largest:.3f} of 1). {ending}"
    else:
        reach = f"{largest:.3g} of 1. If their largest possible value is less than 1, divide by it"
    return (
        f"The images reach {reach}; networks learn less from images that are too dark. "
        "If they are meant to be dark, keep them."
    )


def difference(training: tuple[float, float], validation: tuple[float, float]) -> str:
    """Return a warning if two parts, each given by its largest value and mean, are scaled differently; otherwise "".

    >>> difference((0.06, 0.02), (1.0, 0.3))[:72]
    'Training images reach 0.0600 (mean 0.0200) and validation images 1.00 (m'
    """
    ratios = [max(pair) / min(pair) if min(pair) > 0 else 1.0 for pair in zip(training, validation, strict=True)]
    if min(ratios) < APART:
        return ""
    levels = [f"{largest:#.3g} (mean {mean:#.3g})" for largest, mean in (training, validation)]
    return (
        f"Training images reach {levels[0]} and validation images {levels[1]}: they are scaled differently. "
        "Divide both by the same number."
    )
