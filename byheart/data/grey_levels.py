"""The range that the values of images use: what to do where it is not [0, 1], or is much smaller."""

import math

BRIGHT = 128 / 255
"""A whole data set is expected to have a value so high: the upper half of the range is used somewhere."""
APART = 2
"""Parts of one data set whose largest value and whose mean both differ by such a factor are not scaled alike."""


def scaled(largest: float, are_whole: bool = False) -> str:
    """What to do with images of whole numbers, or of numbers above 1, that are not negative.

    >>> scaled(16)
    'Is 16 their largest possible value? Pass `images / 16`; otherwise divide by what is.'
    """
    if are_whole and largest <= 1:
        return "Pass `np.asarray(images, float)`."
    if largest < 128:
        limit = math.ceil(largest)
        return f"Is {limit} their largest possible value? Pass `images / {limit}`; otherwise divide by what is."
    if largest <= 255:
        uint8 = ", or `np.asarray(images, np.uint8)`" if are_whole else ""
        return f"Do they run from 0 to 255? Pass `images / 255`{uint8}."
    return "Divide by their largest possible value, such as 65535 where they have 16 bits."


def dimness(largest: float) -> str:
    """A sentence about images in [0, 1] whose `largest` value is below `BRIGHT`; empty for others, and for blank ones.

    >>> dimness(16 / 255)[:64]
    'The images reach 16 of 255 (0.063 of 1). If their levels run fro'
    """
    if not 0 < largest < BRIGHT:
        return ""
    level = round(255 * largest)
    if level >= 1 and abs(255 * largest - level) < 1e-3:
        ending = f"If their levels run from 0 to {level}, use `images / {level}`, as floats"
        reach = f"{level} of 255 ({largest:.3f} of 1). {ending}"
    else:
        reach = f"{largest:.3g} of 1. If their largest possible value is less than 1, divide by it"
    return (
        f"The images reach {reach}; networks learn less from images that are darker than need be. "
        "If they are truly so dark, keep them."
    )


def difference(training: tuple[float, float], validation: tuple[float, float]) -> str:
    """A sentence about two parts of one data set that are not scaled alike, by the largest value and the mean of each.

    Empty where they are.

    >>> difference((0.06, 0.02), (1.0, 0.3))[:72]
    'Training images reach 0.0600 (mean 0.0200) and validation images 1.00 (m'
    """
    ratios = [max(pair) / min(pair) if min(pair) > 0 else 1.0 for pair in zip(training, validation, strict=True)]
    if min(ratios) < APART:
        return ""
    told = [f"{largest:#.3g} (mean {mean:#.3g})" for largest, mean in (training, validation)]
    return (
        f"Training images reach {told[0]} and validation images {told[1]}: they are not scaled alike. "
        "Divide both by the same number."
    )
