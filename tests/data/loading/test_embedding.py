"""Embeddings of a source: networks see vectors, pages the source; the rows are those of the source, in its order."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import byheart as bh
from byheart.data.example_texts import example_texts
from byheart.data.loading.from_source import labelled_from_source
from byheart.data.loading.options import LoadingOptions
from byheart.data.shown_inputs import shown_inputs, shown_shape, shows_pictures

N = 24


def features(n: int = N) -> np.ndarray:
    """Return vectors that hold their row."""
    return np.stack([np.arange(n), np.arange(n) % 7, np.ones(n)], axis=1)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Write pictures of two classes, each in a shade of its own."""
    for place in range(N):
        folder = tmp_path / "pets" / ("cats", "dogs")[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), 10 * place, np.uint8) + np.array([0, 1, 2], np.uint8)).save(
            folder / f"{place:02}.png"
        )
    return tmp_path / "pets"


def check_shows(split: bh.Split, expected: np.ndarray) -> None:
    """Check that each example has its own row and its own picture, for both parts."""
    for part in (split.training, split.validation):
        rows = part.inputs[:, 0].astype(int)
        np.testing.assert_array_equal(part.inputs, features(len(expected))[rows])
        np.testing.assert_array_equal(shown_inputs(part, np.arange(len(part))), expected[rows])


def test_networks_see_the_rows_of_the_file_and_pages_the_pictures(pets: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", features())
    np.savez(tmp_path / "f.npz", features())
    plain = bh.load_data(pets, size=4)
    split = bh.load_data(pets, size=4, embedding=tmp_path / "f.npy")
    order = np.argsort(np.concatenate([plain.training.index, plain.validation.index]))
    check_shows(split, np.concatenate([plain.training.inputs, plain.validation.inputs])[order])
    assert split.training.ids.tolist() == plain.training.ids.tolist()
    assert split.training.class_names == ("cats", "dogs")
    assert shows_pictures(split.training)
    assert not split.training.are_images
    assert shown_shape(split.training) == (4, 4, 3)
    assert split.notes[-1].endswith("f.npy; reports show the source (4 x 4 x 3).")
    for same in (tmp_path / "f.npz", features(), features().tolist()):
        assert bh.load_data(pets, size=4, embedding=same).fingerprint == split.fingerprint
    changed = features()
    changed[3, 1] += 1
    assert bh.load_data(pets, size=4, embedding=changed).fingerprint != split.fingerprint
    both = [int(np.flatnonzero(split.training.labels == label)[-1]) for label in (1, 0)]
    np.testing.assert_array_equal(
        shown_inputs(split.training.take(both), np.array([1])), plain.training.inputs[both[1:]]
    )


def test_every_kind_of_source_has_its_own_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (N, 3, 3), dtype=np.uint8), np.arange(N) % 3
    np.savez(tmp_path / "saved.npz", images=images, labels=labels)
    np.savez(tmp_path / "common.npz", x=images, y=labels + 5)
    np.save(tmp_path / "one.npy", images)
    (tmp_path / "labels.txt").write_text("\n".join(map(str, labels)))
    parts = {"validation_images": images[16:], "validation_labels": labels[16:]}
    np.savez(tmp_path / "parts.npz", images=images[:16], labels=labels[:16], **parts)
    expected = images[..., None] / np.float32(255)
    sources: list[tuple[Any, dict[str, Any]]] = [
        (tmp_path / "saved.npz", {}),
        (tmp_path / "common.npz", {}),
        (tmp_path / "one.npy", {"labels": tmp_path / "labels.txt"}),
        (tmp_path / "parts.npz", {}),
        (images, {"label": labels}),
    ]
    for source, options in sources:
        split = bh.load_data(source, **options, embedding=features())
        check_shows(split, expected)
        plain = bh.load_data(source, **options)
        for part in ("training", "validation"):
            np.testing.assert_array_equal(getattr(split, part).labels, getattr(plain, part).labels)
    np.testing.assert_array_equal(labelled_from_source(str(tmp_path / "parts.npz"), LoadingOptions()).inputs, expected)


def test_the_embedding_of_a_known_data_set_follows_its_order() -> None:
    plain = bh.load_data("digits")
    split = bh.load_data("digits", embedding=features(1797))
    np.testing.assert_array_equal(split.validation.inputs[:, 0], plain.validation.index)
    np.testing.assert_array_equal(shown_inputs(split.validation, np.arange(9)), plain.validation.inputs[:9])
    assert split.training.ids is None
    one = bh.load_data("digits", embedding=features(1797), seed=3)
    np.testing.assert_array_equal(one.training.labels, bh.load_data("digits", seed=3).training.labels)


def test_the_rows_of_a_table_stay_their_texts(tmp_path: Path) -> None:
    rows = [f"{place},{place % 5},{'ab'[place % 2]},text {place}" for place in range(N)]
    (tmp_path / "t.csv").write_text("\n".join(["size,weight,label,said", *rows]))
    shown = bh.load_data(tmp_path / "t.csv", features="size,weight", show="said", embedding=features())
    texts = example_texts(shown.training, np.arange(3)).tolist()
    assert texts == [f"text {row}" for row in shown.training.index[:3]]
    numbers = bh.load_data(tmp_path / "t.csv", features="size,weight", embedding=features())
    place = int(np.flatnonzero(numbers.training.index == 23)[0]) if 23 in numbers.training.index else 0
    row = int(numbers.training.index[place])
    sizes, weights = np.arange(N), np.arange(N) % 5
    expected = {
        f"{name} {values[row]:.4g} ({(values[row] - values.mean()) / values.std():+.1f} sd)"
        for name, values in (("size", sizes), ("weight", weights))
    }
    assert set(example_texts(numbers.training, np.array([place]))[0].split(", ")) == expected


@pytest.mark.parametrize(
    ("embedding", "said"),
    [
        (features(N - 1), "must have a row for each of 24 examples of pets, in their order; got 23 rows. Was it made"),
        (np.where(features() == 6, np.nan, features()), r"got NaN or infinity in 3 of 24 examples \(cats/12.png"),
        (features() * 1e300, "must hold finite numbers, also as float32"),
        (np.ones((N, 3)), "got the same vector for all 24 of them"),
        (np.ones((N, 3, 2)), r"got the shape \(24, 3, 2\). Flatten or average the other axes."),
        (np.ones((N, 0)), r"must have the axes \(example, feature\); got the shape \(24, 0\)."),
        (features().astype(complex), "must hold real numbers; got complex128."),
        (features().astype(str), "must hold real numbers"),
        ("none.npy", r"There is no file none.npy \(`embedding`\)"),
        ("labels.txt", "An embedding must be a file ending in .npy, or in .npz with one array; got labels.txt"),
        ("two.npz", "two.npz must hold one array, the embedding; it holds `a`, `b`"),
        ("objects.npy", "of plain arrays; got another file or Python objects"),
    ],
)
def test_what_is_no_embedding_is_refused(
    embedding: Any, said: str, pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.txt").write_text("a")
    np.savez("two.npz", a=features(), b=features())
    np.save("objects.npy", np.array([{}, {}]), allow_pickle=True)
    with pytest.raises(bh.BadInput, match=said):
        bh.load_data(pets, embedding=embedding)


def test_rows_of_files_that_were_skipped_are_named(pets: Path) -> None:
    (pets / "cats" / "99.png").write_bytes(b"\x89PNG")
    options: dict[str, Any] = {"size": 4, "skip_unreadable": True}
    assert bh.load_data(pets, **options, embedding=features()).training.n_classes == 2
    said = "The source has 1 more, left out: cats/99.png. Leave out their rows too."
    with pytest.raises(bh.BadInput, match=re.escape(said)):
        bh.load_data(pets, **options, embedding=features(N + 1))


def test_pictures_that_cannot_be_shown_are_refused() -> None:
    with pytest.raises(bh.BadInput, match="`inputs` must lie in"):
        bh.load_data(np.full((N, 2, 2), 7.0), label=np.arange(N) % 2, embedding=features())


def test_examples_of_a_folder_know_their_files_unless_a_column_names_them(pets: Path) -> None:
    split = bh.load_data(pets, size=4, embedding=features())
    for part in (split.training, split.validation):
        assert part.legend is not None
        assert part.ids is not None
        assert all(Path(part.legend.folder, name).is_file() for name in part.ids)
    rows = [f"cats/{place:02}.png,n{place},{'xy'[place % 4 // 2]}" for place in range(0, N, 2)]
    (pets / "metadata.csv").write_text("\n".join(["file_name,name,label", *rows]))
    for ids, has_folder in ((None, True), ("name", False)):
        legend = bh.load_data(pets, ids=ids, size=4).training.legend
        assert legend is not None
        assert bool(legend.folder) == has_folder
