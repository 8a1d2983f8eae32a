"""Bad input: exit status 2 and one sentence, before anything is trained or written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import prepared, words

from byheart.data.loading.official import SOURCES
from byheart.later.catalog import LATER
from byheart.paper.catalog import EXPERIMENTS

EVERY_NAME = ", ".join(sorted({*EXPERIMENTS, *LATER}))

pytestmark = pytest.mark.usefixtures("untrained")


def refused(outcome: tuple[int, str, str]) -> str:
    """Return the single line of the error message."""
    status, out, err = outcome
    assert status == 2
    assert out == ""
    assert "Traceback" not in err
    (line,) = err.splitlines()
    assert line.startswith("byheart: ")
    assert line[-1] in ".?"
    return line.removeprefix("byheart: ")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run patterns-frist", "There is no experiment named 'patterns-frist'. Did you mean patterns-first?"),
        ("run critical", "There is no experiment named 'critical'. Did you mean critical-samples?"),
        (
            "run xyzzy",
            f"There is no experiment named 'xyzzy'. Choose from: {EVERY_NAME}.",
        ),
        (
            "run class-sensitivity --preset author_cod",
            "There is no preset of class-sensitivity named 'author_cod'. Did you mean author_code?",
        ),
        (
            "run sensitivity-inequality --preset paper",
            "There is no preset of sensitivity-inequality named 'paper'. Choose from: author_code.",
        ),
        ("run patterns-first --preset author_code", "patterns-first has no presets; leave out `--preset`."),
        ("run sensitivity-inequality --preset author_code --seeds 0", "`seeds` must be a whole number of at least 1"),
        (
            "run sensitivity-inequality --preset author_code --n-training 20",
            "`batch_size` must be at most `n_training`",
        ),
        ("run class-sensitivity --pooling 3", "`pooling` must divide the size of the images, 8 x 8; got 3."),
        ("run patterns-first patterns-first", "Each experiment can be named once; got patterns-first patterns-first."),
        ("run", "`byheart run` needs the name of an experiment; see `byheart list`."),
        ("run patterns-first --data mnst", "There is no data set named 'mnst'. Did you mean mnist"),
        ("run patterns-first --data cifar100", "Did you mean cifar10"),
        ("run patterns-first --data no/such.npz", "There is no file no/such.npz. Check the path."),
        ("run patterns-first --data no/such", "There is no file or folder no/such. Check the path."),
        ("run patterns-first --size 28", "`size` (--size) has no meaning for a known data set; it takes --embedding."),
        ("run patterns-first --size 0", "`size` must be a whole number of at least 1; got 0."),
        ("run patterns-first --validation 20", "`validation` must be between 0 and 1; got 20.0. Is that a percentage?"),
        (
            "run patterns-first --data mnist --data-dir no/such",
            "`data_dir` must be a folder; there is none at 'no/such'.",
        ),
        ("run patterns-first --seeds 0", "`seeds` must be a whole number of at least 1; got 0."),
        ("run patterns-first --seed-base -1", "`seed_base` must be a whole number of at least 0; got -1."),
        ("run patterns-first --noise-levels 0 40", "`noise_levels` must be between 0 and 1; got 40.0."),
        ("run patterns-first --noise-levels 0.2 0.4", "`noise_levels` must hold 0, the real data, and another level"),
        ("run patterns-first --radii 3 1", "`radii` must be a non-empty, strictly increasing sequence"),
        (
            "run patterns-first --architecture CNN()",
            "needs images of at least 29 x 29 pixels; got 8 x 8. Use fewer or smaller",
        ),
        ("run critical-samples --n-training 5000", "`n_training` must be at most 1437, the number available in digits"),
        ("run critical-samples --batch-size 601", "`batch_size` must be at most the number of training examples, 600"),
        ("run critical-samples --n-training 5", "must have an example of each of its 10 classes; got 5"),
        ("run critical-samples --address auto", "--address needs `--executor ray`."),
        ("run critical-samples --gpus-per-task 0", "--gpus-per-task needs `--executor ray`."),
        (
            "run critical-samples --executor ray --address head",
            "`address` must be auto or HOST:PORT of the cluster's head, such as 10.0.0.1:6379; got 'head'.",
        ),
        (
            "run critical-samples --executor ray --cpus-per-task 0",
            "`cpus_per_task` must be a whole number of at least 1",
        ),
        ("run no/experiment.json --out elsewhere", "There is no no/experiment.json; `byheart run` writes it."),
        ("report no/such", "There is no directory no/such. Check the path; `byheart run` makes one."),
        ("list everything", "`byheart list` takes no arguments; got everything."),
        ("rum patterns-first", "There is no command named 'rum'. Did you mean run?"),
    ],
)
def test_bad_words_are_told_in_a_sentence(
    byheart: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = command.split()
    if given[:2] == ["run", "critical-samples"] and "--n-training" in given and given[-1] == "5":
        given += ["--batch-size", "5"]
    assert sentence in refused(byheart(*given))
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").rglob("*.json"))


def test_a_cluster_that_does_not_answer_is_told(
    byheart: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("byheart.execution.ray_connection.SECONDS_TO_CONNECT", 2.0)
    where = ("--executor", "ray", "--address", "127.0.0.1:1")
    outcome = byheart(*words("critical-samples"), "--out", str(tmp_path), *where)
    assert refused(outcome) == "No Ray cluster answers at 127.0.0.1:1 within 2 s."
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "phrases"),
    [
        ("run patterns-first --wat 3", ["--wat", "byheart run patterns-first --help"]),
        ("run critical-samples --noise-levels 0 1", ["--noise-levels"]),
        ("run patterns-first --epochs many", ["--epochs", "many"]),
        ("run patterns-first --seeds", ["--seeds"]),
        ("run patterns-first --scale huge", ["huge", "tiny", "laptop", "paper"]),
        ("run patterns-first --architecture MPL((8,))", ["no value named 'MPL'. Did you mean MLP?"]),
        (
            "run patterns-first --architecture LASS()",
            ["It must be CNN(...) or MLP(...) or TorchModule(...) or your own as my_module:MyClass(...); got LASS()."],
        ),
        ("run patterns-first --search MLP()", ["It must be LASS(...); got MLP()."]),
        ("run patterns-first --search 3", ["It must be LASS(...); got 3."]),
        ("run patterns-first --optimizer SGD(-1)", ["`learning_rate` must be a finite number of at least 0; got -1."]),
        ("run patterns-first --architecture MLP((0,))", ["`widths` must be a whole number of at least 1; got 0."]),
        ("run patterns-first --architecture open('/etc/passwd')", ["no value named 'open'"]),
        ("report", ["DIR"]),
    ],
)
def test_bad_options_are_told_with_the_usage(
    byheart: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    phrases: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = byheart(*command.split())
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    text = " ".join(err.replace("│", " ").split())
    for phrase in phrases:
        assert phrase in text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"images": np.full((120, 6, 5), 1.5)}, "`images` must lie in [0, 1]; got values from 1.5 to 1.5."),
        (
            {"images": np.full((120, 6, 5), np.nan)},
            "`images` must be finite; got NaN or infinite pixels in 120 of 120 images.",
        ),
        ({"images": np.zeros((120, 30))}, "Are they flattened?"),
        (
            {"labels": 1 + np.arange(120) % 3, "class_names": np.array(["a", "b", "c"])},
            "`labels` must run from 0 to 2; got 1 to 3. Pass `labels - 1`.",
        ),
        ({"labels": np.arange(120) / 7}, "`labels` must be integers from 0 to the number of classes - 1; got float64."),
        ({"labels": np.arange(119) % 3}, "must have the same length; got 120 inputs and 119 labels."),
        ({"labels": None}, "it lacks `labels`"),
        ({"labels": np.array(["a"] * 120)}, "There must be at least 2 classes; all 120 labels are 'a'."),
        ({"labels": np.array(["a", "b", ""] * 40)}, "it is missing in 40 of 120 examples (2, 5, 8, 11, 14, ...)."),
        (
            {"class_names": np.array(["a", "b", "c", "d"])},
            "Every class must have a training example; got none of 'd'.",
        ),
        ({"extra": np.zeros(3)}, "may hold only"),
        ({"validation_images": np.zeros((3, 6, 5))}, "it lacks `validation_labels`"),
        (
            {"validation_images": np.zeros((3, 5, 5)), "validation_labels": np.arange(3)},
            "Training and validation inputs must have the same shape",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_bad_arrays_of_ones_own_are_told_with_the_name_of_the_file(
    byheart: Callable[..., tuple[int, str, str]],
    my_data: Callable[..., str],
    tmp_path: Path,
    changes: dict[str, np.ndarray | None],
    sentence: str,
) -> None:
    path = my_data(**changes)
    told = refused(byheart("run", "patterns-first", "--data", path, "--out", str(tmp_path / "run")))
    assert path in told
    assert sentence in told
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_truncated_file_is_told(
    byheart: Callable[..., tuple[int, str, str]], my_data: Callable[..., str], share: float
) -> None:
    path = Path(my_data())
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    told = refused(byheart("run", "patterns-first", "--data", str(path)))
    assert str(path) in told


def test_a_pickle_is_never_loaded(byheart: Callable[..., tuple[int, str, str]], my_data: Callable[..., str]) -> None:
    told = refused(byheart("run", "patterns-first", "--data", my_data(labels=np.array([{}] * 120, object))))
    assert "which are never loaded" in told


def test_an_official_file_with_another_hash_is_told(
    byheart: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mnist").mkdir()
    for name in SOURCES["mnist"].md5:
        (tmp_path / "mnist" / name).write_bytes(b"altered")
    for given in (["--data-dir", str(tmp_path)], []):
        monkeypatch.setenv("BYHEART_DATA", str(tmp_path))
        told = refused(byheart("run", "patterns-first", "--data", "mnist", *given))
        assert (
            "must be MNIST's official file, whose unpacked bytes have the MD5 6bbc9ace898e44ae57da46a324031adb" in told
        )


@pytest.mark.parametrize("below", ["", "/deeper"])
def test_a_directory_that_cannot_be_written_is_told(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path, below: str
) -> None:
    (tmp_path / "taken").write_text("")
    told = refused(byheart(*words("critical-samples"), "--out", f"{tmp_path}/taken{below}"))
    assert told.startswith(f"The directory {tmp_path}/taken{below} cannot be written: ")


def test_a_directory_that_holds_another_experiment_is_told_with_the_difference(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    prepared(tmp_path).record.write(tmp_path)
    before = (tmp_path / "experiment.json").read_bytes()
    told = refused(byheart(*words("critical-samples", epochs=3), "--out", str(tmp_path)))
    assert "holds another experiment: epochs 2, not 3." in told
    told = refused(byheart(*words("patterns-first"), "--out", str(tmp_path)))
    assert "holds another experiment: it ran critical-samples, not patterns-first." in told
    assert (tmp_path / "experiment.json").read_bytes() == before


def test_a_directory_with_a_broken_record_is_told(byheart: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    (tmp_path / "experiment.json").write_text('{"data":')
    for command in ([*words("critical-samples"), "--out", str(tmp_path)], ["report", str(tmp_path)]):
        assert "is not a record of a run that this version can read" in refused(byheart(*command))


def test_a_report_of_nothing_is_told(byheart: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    prepared(tmp_path).record.write(tmp_path)
    assert "holds no finished results yet; `byheart run` makes them." in refused(byheart("report", str(tmp_path)))


@pytest.mark.parametrize("more", [["--epochs", "3"], ["--seeds", "3"], ["--preset", "author_code"]])
def test_a_repeated_run_takes_no_settings(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path, more: list[str]
) -> None:
    prepared(tmp_path).record.write(tmp_path)
    record = str(tmp_path / "experiment.json")
    for command in (["run", record, "--out", str(tmp_path / "again"), *more], ["run", record]):
        told = refused(byheart(*command))
        assert told == "To repeat a run, give its experiment.json and --out DIR, and no settings."


def test_several_bad_settings_are_told_at_once_one_a_line(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    status, out, err = byheart(
        "run", "patterns-first", "--seeds", "0", "--radius", "StandardDeviations(1)", "--out", str(tmp_path / "run")
    )
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "byheart: patterns-first cannot start:",
        "  - `seeds` must be a whole number of at least 1; got 0.",
        "  - `radius` must be Pixels(...) for images of 8 x 8 x 1; got StandardDeviations(value=1).",
    ]
    assert not (tmp_path / "run").exists()
