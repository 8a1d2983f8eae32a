"""The command `byheart audit`: its plan, its summary, its files, and bad input."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Outcome = tuple[int, str, str]
QUICK = ("--networks", "12", "--architecture", "MLP((8,))", "--epochs", "2")


def test_an_audit_prints_a_plan_and_a_summary_and_writes_its_files(
    byheart: Callable[..., Outcome], my_data: Callable[..., str], tmp_path: Path
) -> None:
    out = tmp_path / "audit"
    status, printed, err = byheart("audit", my_data(), *QUICK, "--out", str(out))
    assert status == 0
    assert "12 networks, each trained on half of the examples" in err.splitlines()[0]
    assert "chosen: MLP((8,)), 2 epochs" in err
    assert "networks: 0 of 1 chunks are stored" in err
    assert "Verdicts: " in printed
    names = printed.splitlines()[-1].split(": ")[1].split(", ")
    assert {"examples.csv", "held_out_probabilities.npy", "audit.json", "audit.nc"} <= set(names)
    assert all((out / name).exists() for name in names)
    assert json.loads((out / "audit.json").read_text())["examples"] == 120
    assert np.load(out / "held_out_probabilities.npy").shape == (120, 3)
    again = byheart("audit", my_data(), *QUICK, "--out", str(out))
    assert again[:2] == (status, printed)
    assert "networks: 1 of 1 chunks are stored" in again[2]


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--networks", "7"), "`networks` must be a whole number of at least 12; got 7."),
        (("--plant", "5"), "`plant` must be between 0 and 1; got 5.0. Is that a percentage? Pass 0.05."),
        (("--architecture", "MLQ((8,))"), "There is no value named 'MLQ'. Did you mean MLP?"),
        (("--optimizer", "Adam("), "is not a value; write it like"),
        (("--address", "auto"), "--address needs `--executor ray`."),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    words: tuple[str, ...], message: str, byheart: Callable[..., Outcome], my_data: Callable[..., str]
) -> None:
    status, printed, err = byheart("audit", my_data(), *words)
    assert (status, printed) == (2, "")
    assert message in err
