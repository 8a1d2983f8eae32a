"""The commands: list, help, a whole run on a user's data, its report and its repetition; and the end of a process."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jax
import pytest
from slow_cases import slow_after
from tiny_runs import LEVELS, SETTINGS, ended, numbers, prepared, start, words

from byheart.checks import BadInput
from byheart.cli.early_checks import run_arguments
from byheart.cli.run import _prepared
from byheart.cli.settings import for_experiment, overridden, with_preset
from byheart.cores import use_all_cores
from byheart.critical.lass import LASS, EachSample, GlobalStop
from byheart.critical.radius import Pixels
from byheart.execution.chunks import chunk_names
from byheart.experiments.data_summary import DataSummary
from byheart.later.catalog import LATER
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.paper.catalog import EXPERIMENTS
from byheart.report.run_page import Written
from byheart.runs.record import Record
from byheart.runs.run import PreparedRun
from byheart.training.optimizers import SGD

DIGITS = DataSummary("digits", (8, 8, 1), 1437, 360)


def test_list_names_every_experiment_with_figure_and_what_it_shows(
    byheart: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = byheart("list")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    of_the_paper, later = lines[1 : 1 + len(EXPERIMENTS)], lines[1 + len(EXPERIMENTS) :]
    for line, (name, experiment) in zip(of_the_paper, EXPERIMENTS.items(), strict=True):
        assert line.split()[0] == name
        assert f"  {experiment.figure} " in line
        assert experiment.summary in line
    for line, (name, entry) in zip(later, LATER.items(), strict=True):
        assert line.split()[0] == name
        assert f"  {entry.source} " in line
        assert entry.summary in line


@pytest.mark.parametrize(("given", "status"), [(["--help"], 0), (["-h"], 0), ([], 2)])
def test_the_usage_names_all_commands(
    byheart: Callable[..., tuple[int, str, str]], given: list[str], status: int
) -> None:
    found, out, _ = byheart(*given)
    assert found == status
    assert all(f"byheart {command}" in out for command in ("list", "run NAME", "report DIR"))


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("given", [["run", "--help"], ["run", "-h"]])
def test_the_help_of_run_names_the_arguments_of_every_run(
    byheart: Callable[..., tuple[int, str, str]], given: list[str]
) -> None:
    status, out, _ = byheart(*given)
    assert status == 0
    for option in (
        "--data",
        "--data-dir",
        "--scale",
        "--seeds",
        "--seed-base",
        "--out",
        "--executor {local,ray}",
        "--address HOST:PORT|auto",
        "--cpus-per-task",
        "--gpus-per-task",
        "digits|mnist|cifar10|fashion_mnist|FOLDER|FILE",
    ):
        assert option in out


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_help_of_an_experiment_lists_every_setting_with_its_value(
    byheart: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    status, out, _ = byheart("run", name, "--scale", "laptop", "--help")
    assert status == 0
    out = " ".join(out.replace("│", " ").split())
    for setting, value in EXPERIMENTS[name].for_scale("laptop", DIGITS).settings().items():
        assert f"--{setting.replace('_', '-')}" in out
        values = value if isinstance(value, tuple) else (value,)
        assert f"(default: {' '.join(repr(str(one)) if '(' in str(one) else str(one) for one in values)})" in out


def test_the_help_of_report_names_the_directory(byheart: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = byheart("report", "--help")
    assert status == 0
    assert "DIR" in out


@pytest.mark.parametrize(
    ("option", "setting", "value"),
    [
        ("--epochs 7", "epochs", 7),
        ("--radius Pixels(0.5)", "radius", Pixels(0.5)),
        ("--measured-epochs 0 2 7", "measured_epochs", (0, 2, 7)),
        ("--noise-levels 0 0.5 1", "noise_levels", (0.0, 0.5, 1.0)),
        ("--radii 1", "radii", (1.0,)),
        ("--n-training 77", "n_training", 77),
        ("--noise-seed 3", "noise_seed", 3),
        ("--architecture MLP((8,))", "architecture", MLP((8,))),
        ("--architecture CNN((4,),dense=(),crop=0)", "architecture", CNN((4,), dense=(), crop=0)),
        ("--optimizer SGD(0.5,momentum=0.9)", "optimizer", SGD(0.5, momentum=0.9)),
        ("--bracket", "bracket", True),
        ("--bracket True", "bracket", True),
        ("--bracket --seeds 5", "bracket", True),
        ("--search LASS(budget=3)", "search", LASS(budget=3)),
        ("--search LASS(stop=GlobalStop(5))", "search", LASS(stop=GlobalStop(5))),
        ("--search LASS(3,stop=EachSample())", "search", LASS(3, stop=EachSample())),
    ],
)
def test_any_setting_can_be_overridden_and_the_others_stay(option: str, setting: str, value: object) -> None:
    declared = EXPERIMENTS["patterns-first"].for_scale("tiny", DIGITS)
    changed = overridden(declared, option.split(" "), "byheart run patterns-first")
    assert changed.settings() == declared.settings() | {setting: value}
    assert type(getattr(changed, setting)) is type(value)


@pytest.mark.parametrize("option", ["--n-training all", "--n-training=all"])
def test_all_stands_for_as_many_examples_as_there_are(my_data: Callable[..., str], option: str, tmp_path: Path) -> None:
    words = ["easy-examples", "critical-samples", "--data", my_data(), "--out", str(tmp_path / "out")]
    run = _prepared(*run_arguments([*words, *option.split(" "), "--n-validation", "all", "--n-samples", "all"]))
    easy, critical = (part.experiment for part in run.record.parts)
    assert easy.settings()["n_training"] == critical.settings()["n_training"] == 96
    assert (critical.settings()["n_validation"], critical.settings()["n_samples"]) == (24, 96)
    assert run.record.left_out() == []


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_repr_of_every_setting_can_be_given_back(name: str) -> None:
    declared = EXPERIMENTS[name].for_scale("laptop", DIGITS)
    given = []
    for setting, value in declared.settings().items():
        values = value if isinstance(value, tuple) else (value,)
        given += [f"--{setting.replace('_', '-')}", *map(repr, values)]
    other = EXPERIMENTS[name].for_scale("tiny", DIGITS)
    assert overridden(other, given, "byheart") == declared


@pytest.mark.slow
def test_ones_own_data_run_through_every_experiment_and_again_from_the_record(
    byheart: Callable[..., tuple[int, str, str]],
    my_data: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run is repeated elsewhere with the same results. The same command again trains nothing."""
    shared = {name: value for name, value in SETTINGS.items() if name not in ("n_training", "n_validation")} | {
        "n_training": 60,
        "n_validation": 20,
    }
    path, directory = my_data(), tmp_path / "run"
    command = words("critical-samples", **shared)
    command = [
        *command[:2],
        "patterns-first",
        *command[2:],
        "--data",
        path,
        "--seed-base",
        "3",
        "--out",
        str(directory),
    ]
    status, out, err = byheart(*command)
    assert status == 0
    assert out.rstrip().endswith(f"report: {directory / 'report.html'}")
    assert all(name in out for name in ("F9a-randX", "F9c-falls", "F78a-inputs", "F78d"))
    assert "\x1b" not in err
    assert "critical-samples: 0 of 1 chunks are stored" in err
    assert {path.name for path in directory.iterdir()} == {
        *("report.html", "claims.json", "claims.csv", "methods.txt", "experiment.json", "curves", "results"),
    }
    record = Record.read(directory / "experiment.json")
    assert [part.experiment.name for part in record.parts] == ["critical-samples", "patterns-first"]
    assert {tuple(part.experiment.seed_range()) for part in record.parts} == {(3, 4)}
    assert record.facts == DataSummary("my data", (6, 5, 1), 96, 24)
    before, page = numbers(directory), (directory / "report.html").read_bytes()
    claims = json.loads((directory / "claims.json").read_text())
    assert {(claim["data"], claim["scale"]) for claim in claims} == {("my data", "tiny")}

    monkeypatch.setattr("byheart.execution.local_executor.computed", None)  # From here on nothing can be trained.
    again = tmp_path / "again"
    shutil.copytree(directory / "results", again / "results")
    with monkeypatch.context() as undrawn:
        undrawn.setattr("byheart.report.growing_reports.GrowingReports.add", lambda *rest: None)
        undrawn.setattr(
            "byheart.report.run_page.write_shown", lambda directory, *rest: Written(directory / "report.html", ())
        )
        assert byheart("run", str(directory / "experiment.json"), "--out", str(again))[0] == 0
        assert byheart(*command)[0] == 0
    assert Record.read(again / "experiment.json") == record
    assert numbers(again) == numbers(directory) == before
    for name in ("report.html", "claims.json"):
        (directory / name).unlink()
    status, out, err = byheart("report", str(directory))
    assert (status, err) == (0, "")
    assert str(directory / "report.html") in out
    assert numbers(directory) == before
    assert (directory / "report.html").read_bytes() == page

    other = tmp_path / "other"
    shutil.copytree(directory, other)
    status, out, _ = byheart("compare", str(directory), str(other), "--out", str(tmp_path / "compared"))
    assert status == 0
    assert " verdicts differ among 2 runs." in out
    assert (tmp_path / "compared" / "comparison.html").exists()


@pytest.mark.usefixtures("untrained")
def test_without_out_the_directory_is_named_by_experiments_data_and_scale(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(PreparedRun, "execute", lambda run, *rest, **named: pytest.fail(str(run.directory)))
    for command, expected in (
        ("run patterns-first", "runs/patterns-first-digits-tiny"),
        (
            "run patterns-first critical-samples --scale laptop --n-training 600 --n-validation 300",
            "runs/patterns-first-critical-samples-digits-laptop",
        ),
    ):
        with pytest.raises(pytest.fail.Exception, match=f"^{expected}$"):
            byheart(*command.split())


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    "given", slow_after(1, [{}, {"architecture": MLP((5,)), "seeds": 3}]), ids=["alone", "overridden"]
)
def test_a_preset_is_recorded_and_an_override_after_it_wins(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path, given: dict[str, object]
) -> None:
    """Training fails, after the record of the run has been written."""
    options = [word for name, value in given.items() for word in (f"--{name}", repr(value))]
    names = ["sensitivity-inequality", "class-sensitivity"]
    with pytest.raises(AssertionError, match="something is trained"):
        byheart("run", *names, "--preset", "author_code", *options, "--out", str(tmp_path))
    for part in Record.read(tmp_path / "experiment.json").parts:
        kind = type(part.experiment)
        assert (
            part.experiment.settings()
            == kind.for_scale("tiny", DIGITS).settings() | kind.presets["author_code"] | given
        )


@pytest.mark.usefixtures("untrained")
def test_damage_is_told_also_where_the_path_looks_like_markup(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    directory = tmp_path / "[red]run[/]"
    run = prepared(directory)
    run.record.write(directory)
    (part,) = run.record.parts
    (name,) = chunk_names(part.experiment.name, part.experiment.sweep(), part.fingerprint, part.chunk_sizes)
    path = directory / "results" / f"{name}.nc"
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    status, _, err = byheart("report", str(directory))
    assert status == 2
    first, second = err.splitlines()
    assert first.startswith(f"byheart: {path} cannot be read (")
    assert second == f"byheart: {directory} holds no finished results yet; `byheart run` makes them."


def test_all_cores_are_used_unless_jax_already_runs_with_another_number() -> None:
    assert jax.device_count() == 2
    use_all_cores(2)
    with pytest.raises(BadInput, match="JAX already runs with 2 CPU devices; call `use_all_cores` before using JAX"):
        use_all_cores(3)
    with pytest.raises(BadInput, match="`n_cores` must be a whole number of at least 1; got -1"):
        use_all_cores(-1)


def test_the_installed_command_lists_and_ends_with_0() -> None:
    command = Path(sys.executable).with_name("byheart")
    if not command.exists():
        pytest.skip("byheart is not installed here")
    done = subprocess.run([command, "list"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "critical-samples" in done.stdout


def test_a_process_given_bad_input_ends_with_2(tmp_path: Path) -> None:
    status, out, err = ended(start(*words("critical-samples", seeds=0), "--out", str(tmp_path / "run")))
    assert (status, out) == (2, "")
    assert err == "byheart: `seeds` must be a whole number of at least 1; got 0.\n"
    assert not (tmp_path / "run").exists()


def test_a_termination_is_an_interruption(tmp_path: Path) -> None:
    """Batch systems end a job with SIGTERM."""
    process = start(*words("critical-samples", epochs=100_000), "--out", str(tmp_path))
    assert process.stderr is not None
    assert any("0 of 1 chunks are stored" in line for line in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGTERM)
    status, out, err = ended(process)
    assert (status, out) == (130, "")
    assert err.splitlines()[-1] == "byheart: interrupted. Finished work is kept; run the same command again to resume."
    assert "Traceback" not in err


INTERRUPTED_AT_WORK = """
import jax
import jax.numpy as jnp
import byheart.cli.main as cli

def interrupted(*arguments):
    raise KeyboardInterrupt

takes_minutes = jax.jit(lambda x: jax.lax.fori_loop(0, 2**31 - 1, lambda _, x: jnp.sin(x + 1), x))
result, cli._command = takes_minutes(jnp.ones(1000)), interrupted
cli.command()
"""


def test_an_interrupted_command_does_not_wait_for_what_is_still_computed() -> None:
    """An epoch of wide networks, for example, takes an hour on a CPU."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_WORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "byheart: interrupted. Finished work is kept; run the same command again to resume.\n"


INTERRUPTED_WHILE_AN_OBJECT_ENDS = """
import signal
import time
import byheart.cli.main as cli

class Ending:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def works(*arguments):
    Ending()  # What is raised in there is dropped.
    time.sleep(60)

cli._command = works
cli.command()
"""


def test_an_interrupt_that_python_drops_comes_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_AN_OBJECT_ENDS],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr == "byheart: interrupted. Finished work is kept; run the same command again to resume.\n"


BOTH = [EXPERIMENTS[name].for_scale("tiny", DIGITS) for name in ("patterns-first", "class-sensitivity")]


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        ("--epochs 7", "--epochs 7", ""),
        ("--horizon=300 --epochs 7", "--epochs 7", "--horizon=300"),
        (
            "--n-training 50 --radii 1 3 --pooling 2",
            "--n-training 50 --radii 1 3",
            "--n-training 50 --pooling 2",
        ),
        ("--radius Pixels(1) --noise-seed 3", "--radius Pixels(1) --noise-seed 3", "--noise-seed 3"),
        ("--epoch 7", "--epoch 7", "--epoch 7"),
        ("astray --horizon 5", "astray", "astray --horizon 5"),
        ("", "", ""),
    ],
)
def test_of_several_experiments_each_takes_the_settings_it_has(given: str, first: str, second: str) -> None:
    """Unknown settings are passed to all of them, and refused."""
    assert [" ".join(for_experiment(one, BOTH, given.split())) for one in BOTH] == [first, second]


def test_a_preset_is_for_the_experiments_that_have_it() -> None:
    first, second = with_preset(BOTH, "author_code")
    assert first == BOTH[0]
    assert second == BOTH[1].with_preset("author_code")
    with pytest.raises(BadInput, match="There is no preset of class-sensitivity named 'author'"):
        with_preset(BOTH, "author")


def test_the_settings_of_these_tests_are_settings() -> None:
    for name, own in (("patterns-first", LEVELS), ("critical-samples", {})):
        assert set(SETTINGS | own) <= set(EXPERIMENTS[name].for_scale("tiny", DIGITS).settings())
