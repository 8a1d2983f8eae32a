"""One picture: kinds of files and of pixels, rotation, transparency, sizes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from byheart.data.loading.load_data import load_data
from byheart.data.loading.pictures.decoding import Unreadable, decoded

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 6), np.uint8)
COLOR = RNG.integers(0, 256, (6, 6, 3), np.uint8)


def saved(path: Path, pixels: np.ndarray, mode: str | None = None, **save: Any) -> Path:
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(path, **save)
    return path


LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "BMP": {}, "TIFF": {}}


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize("pixels", [GREY, COLOR], ids=["grey", "color"])
def test_pixels_of_lossless_files_are_kept(kind: str, pixels: np.ndarray, tmp_path: Path) -> None:
    path = saved(tmp_path / "a", pixels, "RGB" if kind == "WEBP" else None, format=kind, **LOSSLESS[kind])
    np.testing.assert_array_equal(decoded(path, 6).pixels, pixels)


@pytest.mark.parametrize("ending", ["jpg", "gif"])
def test_pixels_of_lossy_files_are_close(ending: str, tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    found = decoded(saved(tmp_path / f"a.{ending}", smooth), 16).pixels
    assert np.abs(found.astype(int) - smooth).max() < 6


def test_a_palette_of_greys_is_grey_and_one_of_colors_is_not(tmp_path: Path) -> None:
    grey = saved(tmp_path / "grey.png", np.where(GREY > 100, 200, 7).astype(np.uint8), "P")
    assert decoded(grey, 6).pixels.shape == (6, 6)
    flat = np.where(GREY[..., None] > 100, [200, 0, 0], [0, 7, 0]).astype(np.uint8)
    image = Image.fromarray(flat).quantize(4)
    image.save(tmp_path / "color.png")
    np.testing.assert_array_equal(decoded(tmp_path / "color.png", 6).pixels, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_are_laid_over_white(mode: str, tmp_path: Path) -> None:
    image = Image.new(mode, (2, 2), (0, 0, 0, 0) if mode == "RGBA" else (0, 0))
    image.putpixel((0, 0), (10, 10, 10, 255) if mode == "RGBA" else (10, 255))
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 2).pixels, [[10, 255], [255, 255]])


def test_a_transparent_color_of_a_palette_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (1, 1), 0)
    image.putpalette([9, 9, 9])
    image.save(tmp_path / "a.gif", transparency=0)
    assert decoded(tmp_path / "a.gif", 1).pixels == 255


def test_cmyk_becomes_red_green_and_blue(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    red = decoded(tmp_path / "a.jpg", 8).pixels[0, 0]
    assert (red[0] > 200, red[1] < 60, red[2] < 60) == (True, True, True)


def test_black_and_white_are_0_and_255(tmp_path: Path) -> None:
    np.testing.assert_array_equal(
        decoded(saved(tmp_path / "a.png", GREY > 100), 6).pixels, np.where(GREY > 100, 255, 0)
    )


@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_16_bits_keep_their_precision(ending: str, tmp_path: Path) -> None:
    levels = RNG.integers(0, 4096, (6, 6)).astype(np.uint16)
    found = decoded(saved(tmp_path / f"a.{ending}", levels), 6).pixels
    np.testing.assert_array_equal(found, levels.astype(np.float32) / np.float32(65535))
    assert decoded(tmp_path / f"a.{ending}", 3).pixels.max() <= 1


def test_exif_rotates(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    path = saved(tmp_path / "a.png", GREY, exif=exif)
    np.testing.assert_array_equal(decoded(path, 6).pixels, GREY[::-1, ::-1])


def test_the_first_frame_of_an_animation_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 4), level) for level in (50, 200)]
    for ending in ("gif", "webp", "tiff", "png"):
        frames[0].save(tmp_path / f"a.{ending}", save_all=True, append_images=frames[1:])
        assert abs(int(decoded(tmp_path / f"a.{ending}", 4).pixels[0, 0]) - 50) < 4


@pytest.mark.parametrize("size", [(12, 4), (4, 12), (400, 4)])
def test_the_central_square_is_kept(size: tuple[int, int], tmp_path: Path) -> None:
    image = Image.new("L", size, 255)
    image.paste(77, ((size[0] - 4) // 2, (size[1] - 4) // 2, (size[0] + 4) // 2, (size[1] + 4) // 2))
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 4).pixels, np.full((4, 4), 77))


def test_shrinking_averages(tmp_path: Path) -> None:
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = decoded(saved(tmp_path / "a.png", board), 8).pixels
    assert np.abs(found.astype(int) - 127).max() < 10


def test_large_jpeg_files_are_decoded_at_a_lower_resolution_that_shows_the_same(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(1024), np.arange(1024)) / 8
    path = saved(tmp_path / "a.jpg", smooth.astype(np.uint8), quality=95)
    whole = Image.open(path).resize((16, 16), Image.Resampling.BICUBIC)
    found = decoded(path, 16)
    assert np.abs(found.pixels.astype(int) - np.asarray(whole)).max() <= 2
    assert (found.width, found.height) == (1024, 1024)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
def test_a_file_cut_short_is_unreadable(ending: str, share: float, tmp_path: Path) -> None:
    path = saved(tmp_path / f"a.{ending}", RNG.integers(0, 256, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(Unreadable):
        decoded(path, 8)


def test_grey_and_color_pictures_together_have_three_channels_and_16_bits_make_floats(tmp_path: Path) -> None:
    for name, first, second in (("a", GREY, GREY.astype(np.uint16) * 257), ("b", COLOR, GREY.T)):
        (tmp_path / name).mkdir()
        saved(tmp_path / name / "0.png", first)
        saved(tmp_path / name / "1.png", second)
    split = load_data(tmp_path, size=6, validation=0.5)
    assert split.input_shape == (6, 6, 3)
    whole = np.concatenate([split.training.inputs, split.validation.inputs])
    places = np.argsort(np.concatenate([split.training.index, split.validation.index]))
    np.testing.assert_array_equal(whole[places][0, ..., 0], whole[places][1, ..., 0])
    np.testing.assert_array_equal(whole[places][2], (COLOR / np.float32(255)).astype(np.float32))
