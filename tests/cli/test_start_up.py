"""Start-up: help, the list of experiments and mistyped words import nothing that takes long."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.cli.early_checks import run_arguments
from byheart.data.loading.chosen import NAMES
from byheart.data.loading.official import SOURCES
from byheart.paper.catalog import CATALOG, EXPERIMENTS

SLOW = (
    "jax",
    "matplotlib",
    "xarray",
    "ray",
    "scipy.stats",
    "sklearn",
    "pandas",
    "equinox",
    "numpy",
    "h5py",
    "PIL",
    "torch",
    "byheart.auditing.audit",
    "byheart.dynamics",
)
SCRIPT = """
import json, sys
from byheart.cli.main import main

try:
    status = main(sys.argv[1:])
except SystemExit as ending:
    status = ending.code
print(json.dumps([status, [name for name in {names!r} if name in sys.modules]]))
"""


def status_and_imports(*words: str) -> tuple[int, list[str]]:
    """Run a command in a new process; return its exit status and the slow packages that it imported."""
    script = SCRIPT.format(names=SLOW)
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    status, imported = json.loads(done.stdout.splitlines()[-1])
    return status, imported


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("--version", 0),
        ("--help", 0),
        ("", 2),
        ("list", 0),
        ("list everything", 2),
        ("rum", 2),
        ("run", 2),
        ("run --help", 0),
        ("run capcity", 2),
        ("run capacity --data mnits", 2),
        ("run capacity --data no/such.npz", 2),
        ("run capacity --data mnist --data-dir no/such", 2),
        ("run capacity --address auto", 2),
        ("reproduce --help", 0),
        ("reproduce --data no/such.npz", 2),
        ("reproduce --scale huge", 2),
        ("report", 2),
        ("report --help", 0),
        ("report no/such", 2),
        ("compare --help", 0),
        ("audit --help", 0),
        ("embed --help", 0),
        ("embed mnits --encoder torch:a:b() --out x.npy", 2),
        ("embed digits --encoder a:b() --out x.npy", 2),
        ("embed digits --encoder torch:a:b() --out no/such/x.npy", 2),
        ("embed digits --encoder torch:a:b() --out x.npz", 2),
        ("audit mnits", 2),
        ("audit digits --address auto", 2),
        ("compare no/such . --out x", 2),
        ("report . --format jpg", 2),
        ("report . --format pdf --width wide", 2),
    ],
)
def test_help_and_mistyped_words_import_nothing_slow(words: str, status: int) -> None:
    assert status_and_imports(*words.split()) == (status, [])


def test_the_help_of_an_experiment_imports_neither_drawing_nor_other_tools_of_byheart() -> None:
    status, imported = status_and_imports("run", "capacity", "--help")
    assert status == 0
    assert not {"matplotlib", "ray", "scipy.stats", "sklearn", "byheart.auditing.audit", "byheart.dynamics"} & set(
        imported
    )


def test_importing_byheart_imports_nothing_slow() -> None:
    script = f"import json, sys, byheart; print(json.dumps([name for name in {SLOW!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


def test_the_catalog_says_of_each_experiment_what_its_class_is() -> None:
    for name, entry in CATALOG.items():
        kind = EXPERIMENTS[name]
        assert (kind.name, kind.figure, kind.summary) == (name, entry.figure, entry.summary)
        assert kind.reference() == f"byheart.paper.catalog:{kind.__name__}"
        assert entry.reference == f"{kind.__module__}:{kind.__name__}"


def test_known_data_are_the_digits_and_those_with_official_files() -> None:
    assert sorted(NAMES) == sorted(["digits", *SOURCES])


def test_a_folder_of_the_environment_is_needed_only_by_data_sets_that_are_read_from_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BYHEART_DATA", str(tmp_path / "none"))
    np.savez(tmp_path / "mine.npz", images=np.zeros((2, 2, 2)), labels=[0, 1])
    for data in ("digits", str(tmp_path / "mine.npz")):
        assert run_arguments(["capacity", "--data", data])[0].data == data
    with pytest.raises(BadInput, match="`BYHEART_DATA` must be a folder; there is none at"):
        run_arguments(["capacity", "--data", "mnist"])
    with pytest.raises(BadInput, match="`data_dir` must be a folder"):
        run_arguments(["capacity", "--data-dir", str(tmp_path / "none")])


def test_a_directory_without_a_run_is_told_by_the_file_that_it_lacks(tmp_path: Path) -> None:
    assert status_and_imports("report", str(tmp_path))[0] == 2
