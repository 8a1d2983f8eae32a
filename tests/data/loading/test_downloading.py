"""Downloads: the first mirror with the right bytes is used, once; errors list every address."""

from pathlib import Path

import pytest

from byheart.checks import BadInput
from byheart.data.loading.load import load
from byheart.data.loading.official import SOURCES
from tests.data.loading.tiny_sources import CIFAR, NOWHERE, Mirror, archived, md5, mirrored, put

pytestmark = pytest.mark.usefixtures("tiny_sources")


def test_a_failed_download_names_every_address_and_what_to_do() -> None:
    with pytest.raises(BadInput) as error:
        load("cifar10")
    assert str(error.value) == (
        "CIFAR-10 was not found (no `data_dir`, no BYHEART_DATA), and could not be downloaded from "
        "http://127.0.0.1:9/one/cifar-10-binary.tar.gz (ConnectionError) or "
        "http://127.0.0.1:9/two/cifar-10-binary.tar.gz (ConnectionError). "
        "Download cifar-10-binary.tar.gz yourself, and pass the folder as `data_dir` or BYHEART_DATA."
    )


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_where_the_first_mirror_is_dead_the_second_is_used(
    name: str, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored(monkeypatch, name, NOWHERE, mirror.address)
    assert load(name).name == name
    assert len(mirror.asked) == len(SOURCES[name].downloads)


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
    expected = SOURCES["cifar10"].downloads["cifar-10-binary.tar.gz"]
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
