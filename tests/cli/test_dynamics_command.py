"""The command `byheart report LOG.npz`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_logs import made_log

Outcome = tuple[int, str, str]


@pytest.fixture
def log(tmp_path: Path, my_data: Callable[..., str]) -> tuple[str, str]:
    """Return paths of a log and of its data."""
    data = my_data()
    made_log(np.load(data)["labels"], 3).save(tmp_path / "log.npz")
    return str(tmp_path / "log.npz"), data


def test_it_writes_the_page_of_a_log_beside_it(byheart: Callable[..., Outcome], log: tuple[str, str]) -> None:
    status, out, err = byheart("report", log[0], "--data", log[1])
    assert (status, err) == (0, "")
    assert "Dynamics(6 epochs, 120 examples of 3 classes: every example seen once in every epoch)" in out
    folder = Path(log[0]).with_suffix("")
    assert {path.name for path in folder.iterdir()} == {"report.html", "examples.csv", "curves"}
    assert "data:image/png" in (folder / "report.html").read_text(encoding="utf-8")


def test_without_data_and_into_another_folder(
    byheart: Callable[..., Outcome], log: tuple[str, str], tmp_path: Path
) -> None:
    assert byheart("report", log[0], "--out", str(tmp_path / "page"))[0] == 0
    assert (tmp_path / "page" / "report.html").exists()


def test_what_does_not_fit_is_told_in_a_sentence(
    byheart: Callable[..., Outcome], log: tuple[str, str], tmp_path: Path
) -> None:
    for words, message in (
        ((log[1],), "does not hold training dynamics"),
        ((log[0], "--data", "digits"), "The log has 120 examples; digits has 1,797"),
        ((log[0], "--data", "nothing.csv"), "nothing.csv"),
        ((log[0], "--format", "pdf"), "a log has a page alone"),
        ((str(tmp_path), "--data", "digits"), "are for the file of a log"),
    ):
        status, _, err = byheart("report", *words)
        assert status == 2
        assert message in err
