"""The command `byheart compare`, and the options of `byheart report` about files of figures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from byheart.checks import BadInput
from byheart.cli.compare import _default_folder
from byheart.cli.early_checks import compare_arguments, report_arguments

Outcome = tuple[int, str, str]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--format pdf --width 3.25", "`--width` must be a number with one of the units in, cm, mm, pt"),
        ("--format pdf --width 3.25ft", "got '3.25ft'"),
        ("--format pdf --width 1cm", "`--width` must be between 2 and 30 inches"),
        ("--width 3in", "add `--format pdf`, svg or png"),
        ("--format pdf svg --dpi 300", "`--dpi` is the resolution of png files; add `--format png`"),
        ("--format png --dpi 0", "`--dpi` must be between 30 and 2400; got 0."),
    ],
)
def test_options_of_files_that_do_not_fit_together_are_told(words: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        report_arguments([str(tmp_path), *words.split()])
    assert message in str(told.value)


def test_several_formats_may_be_named(tmp_path: Path) -> None:
    found = report_arguments([str(tmp_path), "--format", "pdf", "png", "--width", "84mm", "--dpi", "600"])
    assert (found.format, found.width, found.dpi) == (("pdf", "png"), "84mm", 600)


def test_directories_to_compare_must_exist_and_not_be_the_place_of_the_comparison(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for words, message in (
        ([], "needs the directories of at least two runs"),
        ([str(tmp_path / "a"), str(tmp_path / "b")], "There is no directory"),
        ([str(tmp_path / "a"), str(tmp_path / "a"), "--out", str(tmp_path / "a")], "is one of the runs"),
    ):
        with pytest.raises(BadInput, match=message):
            compare_arguments(words)


def test_a_run_without_results_is_told(byheart: Callable[..., Outcome], tmp_path: Path) -> None:
    status, _, err = byheart("compare", str(tmp_path), str(tmp_path))
    assert status == 2
    assert "experiment.json" in err


def test_a_comparison_is_written_beside_the_first_run(tmp_path: Path) -> None:
    runs = [tmp_path / "a", tmp_path / "other" / "b"]
    assert _default_folder(runs) == tmp_path.resolve() / "compare-a-b"
    many = [tmp_path / f"a-run-with-a-long-name-{place}" for place in range(9)]
    assert _default_folder(many).name == "compare-a-run-with-a-long-name-0-and-8-others"
