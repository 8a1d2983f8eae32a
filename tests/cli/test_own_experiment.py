"""Experiments outside the package, `module:Class`, are run, resumed and reported like those of the paper."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny_runs import ended, start

from byheart.runs.record import Record

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "clean_labels_first.py"
OWN = "clean_labels_first:CleanLabelsFirst"
SMALL = ("--epochs", "3", "--seeds", "2", "--n-training", "60", "--n-validation", "30", "--architecture", "MLP((8,))")
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a working directory with the file of the experiment."""
    shutil.copy(EXAMPLE, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    yield tmp_path
    sys.modules.pop("clean_labels_first", None)


@pytest.mark.usefixtures("folder")
def test_an_experiment_of_ones_own_is_run_and_reported_with_nothing_of_the_paper(byheart: Command) -> None:
    status, out, err = byheart("run", OWN, "--data", "digits", *SMALL)
    assert (status, err.count("chunk 1 of 1 stored")) == (0, 1)
    assert "clean-first Clean examples are fitted" in out
    directory = Path("runs/clean-labels-first-digits")
    assert f"report: {directory / 'report.html'}" in out
    (claim,) = json.loads((directory / "claims.json").read_text(encoding="utf-8"))
    assert (claim["family"], claim["scale"]) == ("clean-labels-first", None)
    assert "figure" not in claim
    page = (directory / "report.html").read_text(encoding="utf-8")
    assert "Some of the labels are random" in page
    assert "<figcaption>digits; mean" in page
    assert not any(word in page for word in ("Arpit", "departs", "scale None", "Figure "))

    first = {path.name: path.read_bytes() for path in (directory / "results").iterdir()}
    status, again, _ = byheart("report", str(directory))
    assert (status, again) == (0, out)
    status, _, err = byheart("run", OWN, *SMALL)
    assert (status, "1 of 1 chunks are stored" in err) == (0, True)
    assert {path.name: path.read_bytes() for path in (directory / "results").iterdir()} == first


@pytest.mark.usefixtures("folder", "untrained")
def test_its_help_lists_its_settings_with_their_defaults(byheart: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    status, out, _ = byheart("run", OWN, "--help")
    out = " ".join(out.replace("│", " ").split())
    assert status == 0
    for words in ("--level", "share of the labels that are random. (default: 0.4)", "--n-training", "(default: 400)"):
        assert words in out


REFUSED = {
    "a scale": (
        ["--scale", "laptop"],
        "clean-labels-first has one group of default settings and no scales; got 'laptop'. Leave out `--scale`.",
    ),
    "a preset": (["--preset", "author_code"], "clean-labels-first has no presets; leave out `--preset`."),
    "its own setting": (
        ["--level", "40"],
        "`level` must be between 0 and 1; got 40.0. Is that a percentage? Pass 0.4.",
    ),
    "an experiment with scales beside it": (
        ["patterns-first"],
        "clean-labels-first and patterns-first do not share a scale; run them one by one, or give a `--scale` that all "
        "have.",
    ),
}


@pytest.mark.usefixtures("folder", "untrained")
@pytest.mark.parametrize("case", REFUSED)
def test_what_it_cannot_do_is_told_in_a_sentence(byheart: Command, case: str) -> None:
    words, sentence = REFUSED[case]
    status, _, err = byheart("run", OWN, *words)
    assert (status, " ".join(err.split())) == (2, f"byheart: {sentence}")
    assert not Path("runs").exists()


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("no_such_module:Mine", "There is no module 'no_such_module'"),
        ("byheart.runs.record:Record", "must be a subclass of byheart.experiments.Experiment"),
        ("byheart.experiments:ThroughTrainingExperiment", "must have a `name` and a method `sweep`"),
    ],
)
def test_what_is_no_experiment_is_refused(byheart: Command, reference: str, sentence: str) -> None:
    status, _, err = byheart("run", reference)
    assert status == 2
    assert sentence in err


@pytest.mark.slow
def test_another_process_reports_from_the_same_folder_and_says_elsewhere_where_to_start(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, byheart: Command
) -> None:
    status, _, _ = byheart("run", OWN, *SMALL, "--out", "out")
    assert status == 0
    assert Record.read(folder / "out" / "experiment.json").names() == ["clean-labels-first"]
    claims = folder / "out" / "claims.json"
    judged = claims.read_text(encoding="utf-8")
    claims.unlink()
    status, out, _ = ended(start("report", "out", cwd=folder))
    assert status == 0
    assert "clean-first" in out
    assert claims.read_text(encoding="utf-8") == judged
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    status, _, err = ended(start("report", str(folder / "out"), cwd=elsewhere))
    assert status == 2
    assert "Start byheart in the folder that holds clean_labels_first.py, or put that folder on PYTHONPATH." in err
