"""Odd sources of data, written into a folder: each is a function that returns a path, and options if it needs some."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)
Source = tuple[Path, dict[str, Any]]


def picture(path: Path, color: object = None, mode: str = "L", size: tuple[int, int] = (4, 4), **save: Any) -> Path:
    """Write a picture of random pixels, or of one color."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if color is None:
        shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], len(mode))
        image = Image.fromarray(RNG.integers(0, 256, shape, np.uint8), mode if mode == "CMYK" else None)
    else:
        image = Image.new(mode, size, color)  # type: ignore[arg-type]
    image.save(path, **save)
    return path


def classes(root: Path, counts: Mapping[str, int], ending: str = ".png", mode: str = "L") -> Path:
    """Write class folders with pictures."""
    root.mkdir(parents=True, exist_ok=True)
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture(root / name / f"{number}{ending}", mode=mode)
    return root


def two(root: Path) -> Path:
    """Write two class folders with three pictures each."""
    return classes(root, {"cats": 3, "dogs": 3})


def nothing(root: Path) -> Source:
    root.mkdir()
    return root, {}


def one_class(root: Path) -> Source:
    return classes(root, {"cats": 3}), {}


def one_folder_too_high(root: Path) -> Source:
    two(root / "inside")
    return root, {}


def class_with_one_example(root: Path) -> Source:
    return classes(root, {"cats": 3, "dogs": 3, "owl": 1}), {}


def pictures_without_class(root: Path) -> Source:
    picture(root / "a.png")
    return root, {}


def text_files_alone(root: Path) -> Source:
    for name in ("cats", "dogs"):
        (root / name).mkdir(parents=True)
        (root / name / "a.txt").write_text("no picture")
    return root, {}


def hidden_and_other_files(root: Path) -> Source:
    two(root)
    for name in ("cats/.DS_Store", "cats/Thumbs.db", "dogs/notes.txt", "readme.md"):
        (root / name).write_text("text")
    (root / ".git").mkdir()
    (root / "empty").mkdir()
    return root, {}


def wrong_endings(root: Path) -> Source:
    two(root)
    (root / "cats" / "0.png").rename(root / "cats" / "0.jpg")
    (root / "dogs" / "0.png").rename(root / "dogs" / "no ending")
    return root, {}


def truncated(root: Path) -> Source:
    two(root)
    path = picture(root / "dogs" / "cut.png", size=(64, 64))
    path.write_bytes(path.read_bytes()[:-500])
    return root, {}


def truncated_and_skipped(root: Path) -> Source:
    return truncated(root)[0], {"skip_unreadable": True}


def empty_picture(root: Path) -> Source:
    two(root)
    (root / "cats" / "empty.jpg").write_bytes(b"")
    return root, {}


def text_named_picture(root: Path) -> Source:
    two(root)
    (root / "cats" / "page.jpg").write_text("<html>not found</html>")
    return root, {}


def bomb(root: Path) -> Source:
    two(root)
    picture(root / "cats" / "bomb.png", color=0, mode="1", size=(10_000, 9_000))
    return root, {}


def floats_of_32_bits(root: Path) -> Source:
    two(root)
    Image.fromarray(RNG.random((4, 4)).astype(np.float32)).save(root / "cats" / "depth.tiff")
    return root, {}


def symlink_loop(root: Path) -> Source:
    two(root)
    (root / "cats" / "again").symlink_to(root / "cats", target_is_directory=True)
    (root / "dogs" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "dogs" / "itself.png").symlink_to(root / "dogs" / "itself.png")
    return root, {}


def linked_pictures(root: Path) -> Source:
    two(root / "store")
    for name in ("cats", "dogs"):
        (root / "data" / name).mkdir(parents=True)
        for number in range(3):
            (root / "data" / name / f"{number}.png").symlink_to(root / "store" / name / f"{number}.png")
    return root / "data", {}


def names_that_are_not_utf8(root: Path) -> Source:
    two(root)
    os.rename(root / "cats" / "0.png", os.fsencode(root / "cats") + b"/caf\xe9.png")
    os.rename(root / "dogs", os.fsencode(root) + b"/d\xfcgs")
    return root, {}


def parts_train_test(root: Path) -> Source:
    two(root / "train")
    classes(root / "test", {"dogs": 1, "cats": 1})
    return root, {}


def three_parts(root: Path) -> Source:
    for part in ("train", "val", "test"):
        two(root / part)
    return root, {}


def train_alone(root: Path) -> Source:
    two(root / "train")
    return root, {}


def a_class_named_train(root: Path) -> Source:
    return classes(root, {"train": 3, "bus": 3}), {}


def parts_without_classes(root: Path) -> Source:
    return classes(root, {"train": 3, "test": 3}), {}


def pictures_beside_the_folders(root: Path) -> Source:
    two(root)
    picture(root / "cover.png")
    picture(root / "back.png")
    return root, {}


def class_only_in_validation(root: Path) -> Source:
    two(root / "train")
    classes(root / "validation", {"cats": 1, "owls": 1})
    return root, {}


def share_beside_parts(root: Path) -> Source:
    return parts_train_test(root)[0], {"validation": 0.5}


def flat(root: Path, text: str = "", name: str = "metadata.csv", n: int = 6) -> Path:
    for number in range(n):
        picture(root / f"{number}.png")
    (root / name).write_text(text, encoding="utf-8")
    return root


ROWS = "".join(f"{number}.png,{'cat' if number % 2 else 'dog'},p{number // 2}\n" for number in range(6))


def metadata_csv(root: Path) -> Source:
    return flat(root, f"file_name,label,patient\n{ROWS}"), {}


def metadata_csv_of_a_spreadsheet(root: Path) -> Source:
    text = "\ufeff" + f"file_name;Label;patient\r\n{ROWS}".replace(",", ";").replace("\n", "\r\n")
    return flat(root, text), {}


def metadata_csv_with_quotes(root: Path) -> Source:
    labels = ["two\nlines", "big, black"] * 3
    rows = "".join(f'{number}.png,"{label}"\n' for number, label in enumerate(labels))
    return flat(root, f"file_name,label\n{rows}"), {}


def metadata_grouped(root: Path) -> Source:
    return metadata_csv(root)[0], {"group": "patient", "validation": 0.4}


def metadata_with_a_split_column(root: Path) -> Source:
    rows = "".join(f"{number}.png,{number % 2},{'train' if number < 4 else 'test'}\n" for number in range(6))
    return flat(root, f"file_name,label,split\n{rows}"), {"validation": "split"}


def metadata_with_a_split_column_of_other_words(root: Path) -> Source:
    return metadata_csv(root)[0], {"validation": "patient"}


def metadata_jsonl(root: Path) -> Source:
    rows = [json.dumps({"file_name": f"{number}.png", "digit": number % 3 - 1}) for number in range(6)]
    return flat(root, "\n".join(rows), "metadata.jsonl"), {"label": "digit"}


def metadata_jsonl_with_a_missing_label(root: Path) -> Source:
    rows = [json.dumps({"file_name": f"{n}.png", "label": "cat" if n % 2 else None}) for n in range(6)]
    return flat(root, "\n".join(rows), "metadata.jsonl"), {}


def metadata_jsonl_damaged(root: Path) -> Source:
    return flat(root, '{"file_name": "0.png", "label": 1}\n{"file_name": ', "metadata.jsonl"), {}


def metadata_without_file_name(root: Path) -> Source:
    return flat(root, f"file,label,patient\n{ROWS}"), {}


def metadata_without_label(root: Path) -> Source:
    return flat(root, f"file_name,kind,patient\n{ROWS}"), {}


def metadata_with_two_labels(root: Path) -> Source:
    return flat(root, f"file_name,label,class\n{ROWS}"), {}


def metadata_of_missing_files(root: Path) -> Source:
    return flat(root, f"file_name,label,patient\n{ROWS}9.png,cat,p9\n"), {}


def metadata_of_files_elsewhere(root: Path) -> Source:
    return flat(root, f"file_name,label,patient\n{ROWS}../secret.png,cat,p9\n"), {}


def metadata_that_lists_a_few(root: Path) -> Source:
    return flat(root, f"file_name,label,patient\n{ROWS}", n=8), {}


def two_metadata_files(root: Path) -> Source:
    flat(root, "", "metadata.jsonl")
    return flat(root, f"file_name,label,patient\n{ROWS}"), {}


def column_without_metadata(root: Path) -> Source:
    return two(root), {"label": "kind"}


def continuous_labels(root: Path) -> Source:
    rows = "".join(f"{number}.png,{number / 7:.3f}\n" for number in range(30))
    return flat(root, f"file_name,label\n{rows}", n=30), {}


def npz(root: Path, **arrays: Any) -> Source:
    root.mkdir()
    np.savez(root / "a.npz", **arrays)
    return root / "a.npz", {}


VECTORS = RNG.normal(size=(12, 3)).astype(np.float32)
PIXELS = RNG.integers(0, 256, (12, 4, 4), np.uint8)
LABELS = np.arange(12) % 2


def x_and_y(root: Path) -> Source:
    return npz(root, x=VECTORS, y=LABELS)


def data_and_labels_with_gaps(root: Path) -> Source:
    return npz(root, data=VECTORS, labels=3 * LABELS - 2)


def keras_names(root: Path) -> Source:
    return npz(root, x_train=PIXELS, y_train=LABELS, x_test=PIXELS[:3], y_test=LABELS[:3])


def medical_names(root: Path) -> Source:
    parts = {f"{part}_images": PIXELS[:n] for part, n in (("train", 12), ("val", 4), ("test", 3))}
    labels = {f"{part}_labels": LABELS[:n, None] for part, n in (("train", 12), ("val", 4), ("test", 3))}
    return npz(root, **parts, **labels)


def text_labels(root: Path) -> Source:
    return npz(root, images=PIXELS, labels=np.array(["9", "10"])[LABELS])


def boolean_labels(root: Path) -> Source:
    return npz(root, features=VECTORS, target=LABELS == 1)


def missing_labels(root: Path) -> Source:
    return npz(root, x=VECTORS, y=np.where(np.arange(12) == 7, np.nan, LABELS))


def measured_labels(root: Path) -> Source:
    return npz(root, x=VECTORS, y=VECTORS[:, 0])


def one_hot_labels(root: Path) -> Source:
    return npz(root, x=VECTORS, y=np.eye(2)[LABELS])


def two_labels(root: Path) -> Source:
    return npz(root, x=VECTORS, y=LABELS, target=LABELS)


def two_inputs(root: Path) -> Source:
    return npz(root, x=VECTORS, data=VECTORS, y=LABELS)


def infinite_values(root: Path) -> Source:
    vectors = VECTORS.copy()
    vectors[4, 1] = np.inf
    return npz(root, x=vectors, y=LABELS)


def complex_numbers(root: Path) -> Source:
    return npz(root, x=VECTORS + 1j, y=LABELS)


def object_arrays(root: Path) -> Source:
    return npz(root, x=np.array([[{}]] * 12, object), y=LABELS)


def constant_feature(root: Path) -> Source:
    return npz(root, x=np.concatenate([VECTORS, np.ones((12, 297))], axis=1), y=LABELS)


def contradicting_copies(root: Path) -> Source:
    return npz(root, x=np.concatenate([VECTORS, VECTORS[:2]]), y=np.concatenate([LABELS, [1, 1]]))


def named_arrays(root: Path) -> Source:
    path, _ = npz(root, x=VECTORS, y=LABELS, patient=np.arange(12) // 4, name=np.arange(12) + 100)
    return path, {"group": "patient", "ids": "name", "validation": 0.3}


def other_arrays(root: Path) -> Source:
    return npz(root, x=VECTORS, y=LABELS, weights=np.ones(12))


def npy(root: Path, inputs: Any = VECTORS, labels: Any = LABELS, **options: Any) -> Source:
    root.mkdir()
    np.save(root / "x.npy", inputs)
    if isinstance(labels, str):
        (root / "y.txt").write_text(labels, encoding="utf-8")
        return root / "x.npy", {"labels": str(root / "y.txt")} | options
    np.save(root / "y.npy", labels)
    return root / "x.npy", {"labels": str(root / "y.npy")} | options


def npy_and_npy(root: Path) -> Source:
    return npy(root)


def npy_of_columns_first(root: Path) -> Source:
    return npy(root, np.asfortranarray(VECTORS.astype(">f8")))


def npy_and_lines(root: Path) -> Source:
    return npy(root, labels="cat\ndog\n" * 6)


def npy_and_lines_with_a_gap(root: Path) -> Source:
    return npy(root, labels="cat\ndog\n" * 5 + "\ndog\n")


def npy_and_too_few_lines(root: Path) -> Source:
    return npy(root, labels="cat\ndog\n" * 5)


def npy_without_labels(root: Path) -> Source:
    return npy(root)[0], {}


def npy_of_objects(root: Path) -> Source:
    return npy(root, np.array([{}] * 12, object))


def npy_cut_short(root: Path) -> Source:
    path, options = npy(root)
    path.write_bytes(path.read_bytes()[:-8])
    return path, options


def npy_with_a_size(root: Path) -> Source:
    return npy(root, size=8)


def classes_of_emoji(root: Path) -> Source:
    return classes(root, {"\U0001f431": 3, "\U0001f436": 3}), {}


def classes_that_look_alike(root: Path) -> Source:
    return classes(root, {"caf\u00e9": 3, "cafe\u0301": 3, "Bar": 3, "bar": 3}), {}


def classes_of_letters_in_both_cases(root: Path) -> Source:
    return classes(root, {"a": 3, "A": 3}), {}


def animated_pictures(root: Path) -> Source:
    for name in ("cats", "dogs"):
        for number in range(3):
            frames = [Image.fromarray(RNG.integers(0, 256, (4, 4), np.uint8)) for _ in range(2)]
            (root / name).mkdir(parents=True, exist_ok=True)
            frames[0].save(root / name / f"{number}.gif", save_all=True, append_images=frames[1:])
    return root, {}


def a_folder_named_like_a_table(root: Path) -> Source:
    return two(root / "pets.csv"), {}


def metadata_that_lists_a_file_twice(root: Path) -> Source:
    classes(root, {"": 6})
    rows = [f"{number}.png,{'ab'[number % 2]}" for number in range(6)]
    (root / "metadata.csv").write_text("\n".join(["file_name,label", *rows, "0.png,b"]))
    return root, {}


def pictures_too_large_for_the_memory(root: Path) -> Source:
    return two(root), {"size": 1_000_000}


def whole_numbers_of_64_bits(root: Path) -> Source:
    root.mkdir()
    np.save(root / "x.npy", RNG.random((12, 3)))
    np.save(root / "y.npy", np.where(np.arange(12) % 2, 2**40, -(2**35)))
    return root / "x.npy", {"labels": str(root / "y.npy")}


def unsigned_numbers_of_64_bits(root: Path) -> Source:
    root.mkdir()
    np.save(root / "x.npy", RNG.random((12, 3)))
    np.save(root / "y.npy", np.where(np.arange(12) % 2, np.uint64(2**63 + 5), np.uint64(3)))
    return root / "x.npy", {"labels": str(root / "y.npy")}


def object_arrays_besides(root: Path) -> Source:
    return npz(root, x=RNG.random((12, 3)), y=np.arange(12) % 2, notes=np.array([{"by": "me"}], object))


def several_labels_each(root: Path) -> Source:
    return npz(root, x=RNG.random((12, 3)), y=RNG.integers(0, 2, (12, 4)))


def videos(root: Path) -> Source:
    return npz(root, x=RNG.random((12, 2, 4, 4, 3)), y=np.arange(12) % 2)


def half_precision(root: Path) -> Source:
    return npz(root, x=RNG.random((12, 3)).astype(np.float16), y=np.arange(12) % 2)


def bytes_that_are_no_archive(root: Path) -> Source:
    root.mkdir()
    (root / "a.npz").write_bytes(b"PK\x03\x04 cut")
    return root / "a.npz", {}


def another_kind_of_file(root: Path) -> Source:
    root.mkdir()
    (root / "a.mat").write_bytes(b"MATLAB 5.0")
    return root / "a.mat", {}


Build = Callable[[Path], Source]
