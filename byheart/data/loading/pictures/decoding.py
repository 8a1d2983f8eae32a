"""One picture as an array of a given size."""

import dataclasses
import io
import os
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from byheart.data.loading.pictures.walking import text_of

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Formats that are read, by Pillow's names; the content of a file tells which it is."""
HIGHEST_16_BIT = 65535
DRAFT_FACTOR = 4
"""JPEG files are decoded at a lower resolution if that leaves at least this many pixels for each one that is kept."""


class Unreadable(Exception):
    """Raised for a picture that cannot be decoded. The message says why, without the path."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: (size, size) if it is grey, otherwise (size, size, 3); uint8, or float32 in [0, 1] if it has 16 bits.
        width, height: in the file, before rotation.
    """

    pixels: npt.NDArray[Any]
    width: int
    height: int


def decoded(source: str | os.PathLike[str] | bytes, size: int) -> Picture:
    """Return the picture in a file, or in the bytes of one, `size` pixels wide and high.

    The first frame is taken, and rotated as EXIF says. Transparent pixels are laid over white. The central square is
    kept, and resized by Pillow's bicubic filter, which averages over the pixels that one pixel covers; a picture that
    already has the size keeps its values. 16 bits of grey keep their precision; other 16-bit pictures are read by
    Pillow with 8 bits. Color profiles are not applied. It is grey if red, green and blue are equal everywhere.

    Raises:
        Unreadable: the file cannot be read, is damaged, or holds more pixels than Pillow's limit for decompression
            bombs, `PIL.Image.MAX_IMAGE_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=KINDS) as image:
            return sized(image, size)
    except (Unreadable, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels, which may be a decompression bomb") from None
    except UnidentifiedImageError:
        raise Unreadable(_why_unidentified(source)) from None
    except Exception as problem:  # Damaged files make decoders fail in any way.
        said = os.strerror(problem.errno) if isinstance(problem, OSError) and problem.errno else str(problem)
        raise Unreadable(text_of(said) or type(problem).__name__) from None


def _why_unidentified(source: str | os.PathLike[str] | bytes) -> str:
    length = len(source) if isinstance(source, bytes) else os.path.getsize(source)
    return "the file is empty" if length == 0 else f"its content is none of {', '.join(KINDS)}"


def sized(image: Image.Image, size: int) -> Picture:
    """Return a picture of Pillow, brought to a size as by `decoded`."""
    of_file = image.size
    image.draft(None, (DRAFT_FACTOR * size, DRAFT_FACTOR * size))
    full = _upright(image)
    if full.mode.startswith("I;16"):
        values = _square(Image.fromarray(np.asarray(full).astype(np.float32)), size)
        pixels: npt.NDArray[Any] = np.clip(np.asarray(values) / np.float32(HIGHEST_16_BIT), 0, 1)
        return Picture(pixels, *of_file)
    if full.mode in ("I", "F"):
        raise Unreadable("its pixels have 32 bits, of unknown range; save it with 8 or 16 bits")
    resized = np.asarray(_square(_flat(full), size))
    if resized.ndim == 3 and (resized == resized[..., :1]).all():
        resized = np.ascontiguousarray(resized[..., 0])
    return Picture(resized, *of_file)


def _upright(image: Image.Image) -> Image.Image:
    """Return the first frame, rotated as EXIF says; damaged EXIF says nothing."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # The pixels are read; EXIF is read by code that fails in any way.
        return image


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture in mode L or RGB; transparent pixels are laid over white."""
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _square(image: Image.Image, size: int) -> Image.Image:
    """Return the central square of a picture, resized."""
    if image.size == (size, size):
        return image
    return ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
