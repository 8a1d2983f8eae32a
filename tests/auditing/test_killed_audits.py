"""Audits that are killed and started again, also on Ray, end with the bytes of an undisturbed audit."""

import signal
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import ended, file_hashes, start, wait_for

from byheart.auditing.audit import RESULTS
from byheart.data.loading.load import load

pytestmark = pytest.mark.slow

SETTINGS = ("--networks", "40", "--architecture", "MLP((32,))", "--epochs", "60")
"""Four chunks on two devices."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    digits = load("digits", training=300, validation=20).training
    path = tmp_path_factory.mktemp("data") / "few.npz"
    np.savez(path, images=digits.inputs, labels=digits.labels)
    return str(path)


@pytest.fixture(scope="module")
def undisturbed(source: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("undisturbed")
    assert ended(start("audit", source, *SETTINGS, "--out", str(directory)))[0] == 0
    return file_hashes(directory)


@pytest.mark.parametrize("stored", [0, 2])
def test_a_killed_audit_started_again_ends_with_the_same_bytes(
    source: str, undisturbed: dict[str, str], tmp_path: Path, stored: int
) -> None:
    command = ("audit", source, *SETTINGS, "--out", str(tmp_path))
    process = start(*command)
    wait_for(lambda: (tmp_path / RESULTS).exists())
    wait_for(lambda: len(list((tmp_path / RESULTS).glob("networks-*.nc"))) >= stored)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "audit.json").exists()
    assert ended(start(*command))[0] == 0
    assert file_hashes(tmp_path) == undisturbed


def test_an_audit_on_ray_ends_with_the_same_bytes(source: str, undisturbed: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    command = ("audit", source, *SETTINGS, "--out", str(tmp_path), "--executor", "ray", "--gpus-per-task", "0")
    status, _, err = ended(start(*command))
    assert status == 0, err
    assert file_hashes(tmp_path) == undisturbed
