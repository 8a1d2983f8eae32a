"""The command `byheart reproduce`: its plan, its help, bad input, interruption and resumption."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tiny_runs import SETTINGS, numbers

from byheart.drawing.drawn_panel import DrawnPanel
from byheart.execution import local_executor
from byheart.paper.catalog import EXPERIMENTS
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.reproduction import reproduction as module

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("untrained")
def test_the_plan_names_experiments_populations_memory_and_time_and_writes_nothing(
    byheart: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = byheart("reproduce", "--dry-run", "--out", str(tmp_path / "out"))
    assert (status, err) == (0, "")
    for experiment in EXPERIMENTS.values():
        assert f"{experiment.title()}: " in out
    assert "MLP((128, 128)), SGD(0.2), batches of 32, 100 epochs, 600 examples" in out
    assert "on 2 CPU cores" in out
    assert "H100" not in out
    assert "Total: 9 experiments on digits, 527 networks in " in out
    assert (
        "easy-examples, filters, capacity, patterns-first, critical-samples: 600 of 1,437 training examples are used"
        in out
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("untrained")
def test_a_caution_about_the_data_is_one_line_told_once(
    byheart: Command, my_data: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "experiments_on", lambda *which: ("critical-samples", "patterns-first"))
    dark = np.random.default_rng(0).integers(0, 17, (120, 6, 5)).astype(np.uint8)
    _, _, err = byheart("reproduce", "--dry-run", "--data", my_data(images=dark), "--out", str(tmp_path / "out"))
    (line,) = err.splitlines()
    assert line.startswith("byheart: my data: The images reach 16 of 255 (0.063 of 1).")


@pytest.mark.slow
@pytest.mark.usefixtures("untrained")
def test_at_paper_scale_the_plan_says_what_a_gpu_would_take(
    byheart: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = ["reproduce", "--scale", "paper", "--data", "digits", "--seeds", "2", "--dry-run", "--out", str(tmp_path)]
    status, out, _ = byheart(*words)
    assert status == 0
    assert "on an H100" in out
    assert "on one NVIDIA H100" in out
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("untrained")
def test_the_help_names_every_argument(byheart: Command) -> None:
    status, out, _ = byheart("reproduce", "--help")
    assert status == 0
    for option in ("--data NAME", "--data-dir", "--scale", "--seeds", "--out", "--dry-run", "--executor"):
        assert option in out
    assert "--no-dry-run" not in out


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--seeds 0", "`seeds` must be a whole number of at least 1; got 0."),
        ("--data mnst", "There is no data set named 'mnst'. Did you mean mnist"),
        ("--data digits digits", "Each data set can be named once; got digits digits."),
        ("--scale laptop --data-dir no/such", "`data_dir` must be a folder; there is none at 'no/such'."),
        ("--address auto", "--address needs `--executor ray`."),
        ("--data no/such.npz --dry-run", "There is no file no/such.npz. Check the path."),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence_and_writes_nothing(
    byheart: Command, tmp_path: Path, words: str, sentence: str
) -> None:
    status, out, err = byheart("reproduce", *words.split(), "--out", str(tmp_path / "out"))
    assert (status, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_interrupted_reproduction_is_shown_as_far_as_it_went_and_goes_on(
    byheart: Command, my_data: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One experiment of a few epochs runs on two copies of the same data, so both have the same results.

    The first attempt is interrupted. Figures are not drawn.
    """
    monkeypatch.setattr(
        "byheart.drawing.canvas.drawn_panels", lambda figure: [DrawnPanel("<svg></svg>")] * len(figure.panels)
    )
    declared = CriticalSampleRatios.for_scale
    settings: dict[str, Any] = SETTINGS | {"n_training": 60, "n_validation": 20}

    def small(scale: Any, facts: Any) -> CriticalSampleRatios:
        whole = declared(scale, facts).settings()
        return CriticalSampleRatios(**(whole | settings if scale == "tiny" else whole))

    monkeypatch.setattr(CriticalSampleRatios, "for_scale", small)
    monkeypatch.setattr(module, "experiments_on", lambda *which: ("critical-samples",))
    first, second = Path(my_data()), tmp_path / "other.npz"
    shutil.copy(first, second)
    out = tmp_path / "out"
    command = ["reproduce", "--data", str(first), str(second), "--out", str(out)]
    computed, results = local_executor.computed, list[xr.Dataset]()

    def interrupted_at_the_second(*arguments: Any) -> xr.Dataset:
        if results:
            raise KeyboardInterrupt
        results.append(computed(*arguments))
        return results[0]

    monkeypatch.setattr(local_executor, "computed", interrupted_at_the_second)
    status, _, err = byheart(*command)
    assert status == 130
    assert "Total: 2 experiments on my data and other, 12 networks in 2 chunks" in err.replace("\n", " ")
    assert "run the same command again to resume" in err

    status, told, _ = byheart("report", str(out))
    assert status == 0
    assert told.rstrip().endswith(f"report: {out / 'report.html'}")
    assert "critical-samples on other" in (out / "report.html").read_text().split("to resume): ")[1][:60]
    before = numbers(out / "my data")

    monkeypatch.setattr(local_executor, "computed", lambda *arguments: results[0])
    status, told, err = byheart(*command)
    assert status == 0
    assert "critical-samples on my data: 1 of 1 chunks are stored" in err
    assert numbers(out / "my data") == before
    claims = json.loads((out / "claims.json").read_text())
    assert {claim["data"] for claim in claims} == {"my data", "other"}
    page = (out / "report.html").read_bytes()

    monkeypatch.setattr(local_executor, "computed", None)  # From here on nothing can be trained.
    (out / "report.html").unlink()
    assert byheart("report", str(out))[0] == 0
    assert (out / "report.html").read_bytes() == page
    written = {"report.html", "claims.json", "claims.csv", "methods.txt"}
    assert {path.name for path in out.iterdir()} == {"my data", "other", *written}
    assert (out / "other" / "report.html").exists()


def test_where_there_is_nothing_yet_the_report_says_what_makes_it(byheart: Command, tmp_path: Path) -> None:
    status, _, err = byheart("report", str(tmp_path))
    assert status == 2
    assert "There is no" in err
