"""Sources: every usual layout is found, what is found is checked, what is missing is downloaded or named."""

import functools
import gzip
import hashlib
import http.server
import io
import os
import re
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data import sources
from byheart.data.files import save_npz
from byheart.data.sources import Source, load

NOWHERE = "http://127.0.0.1:9/"
"""A mirror that refuses connections: nothing listens on the discard port."""

Files = dict[str, bytes]


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return header + array.astype(np.uint8).tobytes()


def idx_files(seed: int) -> Files:
    """20 training and 10 test images of 4 x 4 under the names of MNIST's files; two of each digit, and one."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 256, (30, 4, 4))
    labels = np.arange(30) % 10
    parts = (pixels[:20], labels[:20], pixels[20:], labels[20:])
    return {name: idx(part) for name, part in zip(sources.SOURCES["mnist"].md5, parts, strict=True)}


def cifar_files() -> Files:
    """Five training batches and a test batch of 10 examples, one of each class."""
    generator = np.random.default_rng(2)
    rows = [np.column_stack([np.arange(10), generator.integers(0, 256, (10, 3072))]) for _ in range(6)]
    return {
        name: row.astype(np.uint8).tobytes() for name, row in zip(sources.SOURCES["cifar10"].md5, rows, strict=True)
    }


MNIST, FASHION, CIFAR = idx_files(0), idx_files(1), cifar_files()


def gzipped(files: Files) -> Files:
    return {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in files.items()}


def dotted(files: Files) -> Files:
    return {name.replace("-idx", ".idx"): data for name, data in files.items()}


def archived(files: Files) -> Files:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return {"cifar-10-binary.tar.gz": buffer.getvalue()}


def put(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def tiny(source: Source, files: Files, downloads: Files) -> Source:
    """`source` with the hashes of `files` in the place of its own, and mirrors that never answer."""
    return replace(
        source,
        md5={name: md5(data) for name, data in files.items()},
        downloads={name: md5(data) for name, data in downloads.items()},
        mirrors=(NOWHERE + "one/", NOWHERE + "two/"),
    )


@pytest.fixture(autouse=True)
def tiny_sources(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tiny data sets stand for the real ones, except in tests of real data; the cache is a folder of the test."""
    if request.node.get_closest_marker("real_data"):
        return
    archive = archived(CIFAR)
    for name, files, downloads in (
        ("mnist", MNIST, gzipped(MNIST)),
        ("fashion_mnist", FASHION, gzipped(FASHION)),
        ("cifar10", CIFAR, archive),
    ):
        monkeypatch.setitem(sources.SOURCES, name, tiny(sources.SOURCES[name], files, downloads))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.delenv(sources.FOLDER_VARIABLE, raising=False)


class Mirror(http.server.ThreadingHTTPServer):
    """A server of one folder that remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder)))
        self.asked: list[str] = []
        self.folder = folder

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    server: Mirror

    def log_message(self, format: str, *args: object) -> None:
        self.server.asked.append(self.path.lstrip("/"))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(put(tmp_path / "mirror", gzipped(MNIST) | archived(CIFAR))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mirrored(monkeypatch: pytest.MonkeyPatch, name: str, *mirrors: str) -> None:
    monkeypatch.setitem(sources.SOURCES, name, replace(sources.SOURCES[name], mirrors=mirrors))


def test_digits_are_embedded() -> None:
    split = load("digits")
    assert (len(split.training), len(split.validation), split.image_shape, split.n_classes) == (
        1437,
        360,
        (8, 8, 1),
        10,
    )
    assert (split.training.images.min(), split.training.images.max(), split.name) == (0, 1, "digits")
    shares = split.training.class_counts / 1437 - split.validation.class_counts / 360
    assert np.abs(shares).max() < 1 / 360


def test_the_seed_draws_the_split_of_digits() -> None:
    assert load("digits").fingerprint == load("digits", seed=0).fingerprint != load("digits", seed=1).fingerprint


def test_parts_are_cut_down_to_the_sizes_asked_for() -> None:
    split = load("digits", training=100, validation=50, seed=3)
    np.testing.assert_array_equal(split.training.class_counts, [10] * 10)
    assert (len(split.training), len(split.validation)) == (100, 50)


def test_more_examples_than_there_are_cannot_be_asked_for() -> None:
    with pytest.raises(BadInput, match="2000 examples was asked of 'digits', which has 1437"):
        load("digits", training=2000)
    with pytest.raises(BadInput, match="`validation` must be a whole number of at least 1; got 0"):
        load("digits", validation=0)


def test_a_file_of_ones_own_is_loaded_by_its_path(tmp_path: Path) -> None:
    split = load("digits", training=30, validation=20)
    save_npz(split, tmp_path / "mine.npz")
    assert load(tmp_path / "mine.npz").fingerprint == split.fingerprint
    assert load(str(tmp_path / "mine.npz"), training=10).name == "mine"


def test_an_unknown_name_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(BadInput, match=r"There is no data set named 'fashion-mnist'. Did you mean fashion_mnist"):
        load("fashion-mnist")
    with pytest.raises(BadInput, match=r"Choose from: FILE.npz, cifar10, digits, fashion_mnist, mnist."):
        load("x")


@pytest.mark.parametrize("pack", [lambda files: files, gzipped, dotted, lambda files: gzipped(dotted(files))])
@pytest.mark.parametrize("folder", [".", "mnist", "MNIST/raw", "MNIST"])
def test_mnist_is_found_in_every_usual_layout(tmp_path: Path, folder: str, pack: object) -> None:
    assert callable(pack)
    put(tmp_path / "data" / folder, pack(MNIST))
    split = load("mnist", tmp_path / "data")
    assert (len(split.training), len(split.validation), split.image_shape) == (20, 10, (4, 4, 1))
    first = np.frombuffer(MNIST["train-images-idx3-ubyte"][16:32], np.uint8).reshape(4, 4, 1)
    np.testing.assert_array_equal(split.training.images[0], (first / 255).astype(np.float32))
    assert split.validation.labels.tolist() == list(range(10))


@pytest.mark.parametrize(
    "folder",
    [".", "fashion_mnist", "fashion-mnist", "fashion-mnist/data/fashion", "FashionMNIST/raw", "FashionMNIST"],
)
def test_fashion_mnist_is_found_in_every_usual_layout(tmp_path: Path, folder: str) -> None:
    put(tmp_path / "data" / folder, gzipped(FASHION))
    assert load("fashion_mnist", tmp_path / "data").training.class_names[9] == "Ankle boot"


@pytest.mark.parametrize("pack", [lambda files: files, archived])
@pytest.mark.parametrize("folder", [".", "cifar10", "CIFAR10"])
def test_cifar10_is_found_as_folder_and_as_archive(tmp_path: Path, folder: str, pack: object) -> None:
    assert callable(pack)
    put(tmp_path / "data" / folder, pack(CIFAR))
    split = load("cifar10", tmp_path / "data")
    assert (len(split.training), len(split.validation), split.image_shape) == (50, 10, (32, 32, 3))
    red = np.frombuffer(CIFAR["data_batch_2.bin"][1:33], np.uint8)
    np.testing.assert_array_equal(split.training.images[10, 0, :, 0], (red / 255).astype(np.float32))


@pytest.mark.parametrize("folder", ["cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"])
def test_cifar10_is_found_in_its_own_folder(tmp_path: Path, folder: str) -> None:
    put(tmp_path / "data" / folder, CIFAR)
    assert load("cifar10", tmp_path / "data").training.class_names[3] == "cat"


def test_the_folder_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.FOLDER_VARIABLE, str(put(tmp_path / "data", MNIST)))
    assert load("mnist").name == "mnist"


def test_mnist_and_fashion_mnist_side_by_side_are_not_mixed(tmp_path: Path) -> None:
    put(tmp_path / "MNIST/raw", MNIST)
    put(tmp_path / "FashionMNIST/raw", FASHION)
    mnist, fashion = load("mnist", tmp_path), load("fashion_mnist", tmp_path)
    assert mnist.training.images[0, 0, 0, 0] == np.float32(MNIST["train-images-idx3-ubyte"][16] / 255)
    assert fashion.training.images[0, 0, 0, 0] == np.float32(FASHION["train-images-idx3-ubyte"][16] / 255)


def test_the_files_of_fashion_mnist_do_not_pass_for_mnist(tmp_path: Path) -> None:
    put(tmp_path / "data", FASHION)
    with pytest.raises(BadInput, match="MNIST was not found below"):
        load("mnist", tmp_path / "data", download=False)


def test_a_damaged_file_is_named_with_both_hashes(tmp_path: Path) -> None:
    damaged = MNIST | {"train-labels-idx1-ubyte": MNIST["train-labels-idx1-ubyte"][:-1] + b"\x07"}
    folder = put(tmp_path / "data" / "mnist", gzipped(damaged))
    expected, got = (md5(files["train-labels-idx1-ubyte"]) for files in (MNIST, damaged))
    said = f"train-labels-idx1-ubyte in {folder} is not MNIST's official file: "
    with pytest.raises(BadInput, match=re.escape(said) + f".* must be {expected}; got {got}. Delete it"):
        load("mnist", tmp_path / "data")


def test_an_incomplete_archive_is_named(tmp_path: Path) -> None:
    put(tmp_path / "data", archived({name: data for name, data in CIFAR.items() if name != "test_batch.bin"}))
    with pytest.raises(BadInput, match=r"cifar-10-binary.tar.gz lacks test_batch.bin. Fetch it again."):
        load("cifar10", tmp_path / "data")


@pytest.mark.parametrize("trace", ["cifar-10-python.tar.gz", "cifar-10-batches-py/data_batch_1"])
def test_the_pickled_version_of_cifar10_is_refused(tmp_path: Path, trace: str) -> None:
    put((tmp_path / trace).parent, {Path(trace).name: b"cos\nsystem"})
    with pytest.raises(BadInput, match="Python version, which is pickled, and no pickle is ever loaded"):
        load("cifar10", tmp_path)


def test_the_pickled_version_of_cifar10_does_not_hinder_mnist(tmp_path: Path) -> None:
    put(tmp_path / "cifar-10-batches-py", {"data_batch_1": b""})
    put(tmp_path / "mnist", MNIST)
    assert load("mnist", tmp_path).name == "mnist"
    with pytest.raises(BadInput, match="Fashion-MNIST was not found below"):
        load("fashion_mnist", tmp_path, download=False)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="`data_dir` must be a folder; there is none at"):
        load("mnist", tmp_path / "none")
    monkeypatch.setenv(sources.FOLDER_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(BadInput, match="`BYHEART_DATA` must be a folder"):
        load("mnist")


def test_without_download_the_error_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as error:
        load("mnist", tmp_path, download=False)
    cache = tmp_path / "cache" / "byheart" / "mnist"
    assert str(error.value) == (
        f"MNIST was not found below {tmp_path} (in mnist, MNIST/raw, MNIST, .), nor in the cache {cache}, "
        "and downloading is off. Allow the download, or put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        "t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz into a folder and name it as `data_dir`."
    )


def test_a_failed_download_names_every_address_and_what_to_do() -> None:
    with pytest.raises(BadInput) as error:
        load("cifar10")
    assert str(error.value) == (
        "CIFAR-10 was not found (no `data_dir`, no BYHEART_DATA), and could not be downloaded from "
        "http://127.0.0.1:9/one/cifar-10-binary.tar.gz (ConnectionError) or "
        "http://127.0.0.1:9/two/cifar-10-binary.tar.gz (ConnectionError). "
        "Fetch cifar-10-binary.tar.gz by hand, and name the folder as `data_dir` or BYHEART_DATA."
    )


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_where_the_first_mirror_is_dead_the_second_is_used(
    name: str, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored(monkeypatch, name, NOWHERE, mirror.address)
    assert load(name).name == name
    assert len(mirror.asked) == len(sources.SOURCES[name].downloads)


def test_where_the_first_mirror_lacks_a_file_the_second_is_used(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored(monkeypatch, "cifar10", f"{mirror.address}none/", mirror.address)
    assert load("cifar10").name == "cifar10"


def test_where_the_first_mirror_serves_other_bytes_the_second_is_used(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(mirror.folder / "other", {"cifar-10-binary.tar.gz": b"other"})
    mirrored(monkeypatch, "cifar10", f"{mirror.address}other/", mirror.address)
    assert load("cifar10").name == "cifar10"


def test_where_every_mirror_serves_other_bytes_the_hashes_are_told(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(mirror.folder, {"cifar-10-binary.tar.gz": b"other"})
    mirrored(monkeypatch, "cifar10", mirror.address, f"{mirror.address}none/")
    expected = sources.SOURCES["cifar10"].downloads["cifar-10-binary.tar.gz"]
    with pytest.raises(BadInput) as error:
        load("cifar10")
    assert all(said in str(error.value) for said in (expected, md5(b"other"), mirror.address, "(status 404)"))
    assert not list((tmp_path / "cache" / "byheart" / "cifar10").iterdir())


def test_a_download_is_kept_and_not_repeated(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrored(monkeypatch, "mnist", mirror.address)
    first = load("mnist")
    asked = list(mirror.asked)
    assert load("mnist").fingerprint == load("mnist", download=False).fingerprint == first.fingerprint
    assert mirror.asked == asked


def test_a_damaged_download_in_the_cache_is_fetched_again(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mirrored(monkeypatch, "cifar10", mirror.address)
    first = load("cifar10")
    put(tmp_path / "cache" / "byheart" / "cifar10", {"cifar-10-binary.tar.gz": b"damaged"})
    assert load("cifar10").fingerprint == first.fingerprint


def test_a_folder_without_the_files_leads_to_a_download(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mirrored(monkeypatch, "mnist", mirror.address)
    assert load("mnist", put(tmp_path / "data", {"train-images-idx3-ubyte": b""})).name == "mnist"


def test_a_progress_bar_follows_the_download(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bar:
        total: float | None = None
        seen = 0

        def update(self, n: int, /) -> None:
            self.seen += n

        def reset(self) -> None:
            self.seen = 0

        def close(self) -> None:
            pass

    bar = Bar()
    mirrored(monkeypatch, "cifar10", mirror.address)
    load("cifar10", progress=bar)
    assert bar.seen == bar.total == len(archived(CIFAR)["cifar-10-binary.tar.gz"])


def test_every_source_names_hashes_and_two_mirrors() -> None:
    for source in sources.SOURCES.values():
        hashes = [*source.md5.values(), *source.downloads.values()]
        assert all(re.fullmatch("[0-9a-f]{32}", value) for value in hashes)
        assert len(set(hashes)) == len(hashes)
        assert len(source.mirrors) == 2
        assert len(source.class_names) == 10


@pytest.mark.real_data
@pytest.mark.skipif(not os.environ.get(sources.FOLDER_VARIABLE), reason="BYHEART_DATA names no folder of real data")
@pytest.mark.parametrize(
    ("name", "n_training", "shape", "mean", "deviation", "smallest", "largest"),
    [
        ("mnist", 60_000, (28, 28, 1), 0.1307, 0.3081, 5421, 6742),
        ("cifar10", 50_000, (32, 32, 3), 0.4734, 0.2516, 5000, 5000),
    ],
)
def test_official_files_have_the_known_statistics(
    name: str,
    n_training: int,
    shape: tuple[int, int, int],
    mean: float,
    deviation: float,
    smallest: int,
    largest: int,
) -> None:
    split = load(name, download=False)
    assert (len(split.training), len(split.validation), split.image_shape) == (n_training, 10_000, shape)
    assert (split.training.class_counts.min(), split.training.class_counts.max()) == (smallest, largest)
    assert split.training.mean == pytest.approx(mean, abs=5e-5)
    assert split.training.standard_deviation == pytest.approx(deviation, abs=5e-5)
