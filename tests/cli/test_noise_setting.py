"""Noise as a setting on the command line: any kind, written as its `repr`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from byheart.cli.settings import overridden
from byheart.data.class_flips import ClassFlips
from byheart.data.noise import Noise
from byheart.experiments.data_summary import DataSummary
from byheart.paper.easy_examples.experiment import EasyExamples

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)


@pytest.mark.parametrize("noise", [None, ClassFlips(0.4, ((0.2, 0.8), (1.0, 0.0)))], ids=repr)
def test_a_kind_of_noise_is_written_as_its_repr(noise: Noise | None) -> None:
    declared = EasyExamples.for_scale("tiny", FACTS)
    assert declared.noise is None
    assert overridden(declared, ["--noise", repr(noise)], "byheart run easy-examples").noise == noise


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ClassFlips(0.4, ((0.2, 0.7), (1.0, 0.0)))", "Each row of `matrix` must sum to 1; row 0 sums to 0.9"),
        ("MLP((4,))", "It must be ClassFlips(...) or RandX(...) or RandY(...) or SimilarClass(...) or your own as "),
    ],
)
def test_what_is_no_noise_is_refused(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        overridden(EasyExamples.for_scale("tiny", FACTS), ["--noise", text], "byheart run easy-examples")
    written = capsys.readouterr()
    words = " ".join((written.out + written.err).replace("│", " ").split())
    assert message in words


def test_a_matrix_that_does_not_fit_the_classes_is_refused_before_anything_is_written(
    tmp_path: Path, byheart: Callable[..., tuple[int, str, str]]
) -> None:
    out = tmp_path / "run"
    status, _, err = byheart(
        *("run", "easy-examples", "--noise", "ClassFlips(0.4, ((0.2, 0.8), (1.0, 0.0)))", "--out", str(out))
    )
    assert status == 2
    assert "`matrix` must have a row and a column for each of the 10 classes; got 2 x 2" in " ".join(err.split())
    assert not out.exists()
