"""Audits that are killed and started again, also on Ray, end with the bytes of an undisturbed audit."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
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


@pytest.fixture
def three_nodes() -> Iterator[list[str]]:
    """Start a Ray cluster of three nodes; its address, and the processes of two of them."""
    pytest.importorskip("ray")
    words = [sys.executable, str(Path(__file__).parent / "three_nodes.py")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cluster:
        assert cluster.stdout is not None
        yield next(line for line in cluster.stdout if ":" in line).split()
        cluster.communicate()


def test_an_audit_on_three_ray_nodes_one_of_which_is_killed_ends_with_the_same_bytes(
    source: str, undisturbed: dict[str, str], tmp_path: Path, three_nodes: list[str]
) -> None:
    address, *numbers = three_nodes
    nodes = [psutil.Process(int(number)) for number in numbers]
    where = ("--executor", "ray", "--address", address, "--gpus-per-task", "0")
    process = start("audit", source, *SETTINGS, "--out", str(tmp_path), *where)
    wait_for(lambda: any(map(trains, nodes)))
    node = next(filter(trains, nodes))
    for one in (*node.children(recursive=True), node):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    status, _, err = ended(process)
    assert status == 0, err
    assert file_hashes(tmp_path) == undisturbed


def trains(node: psutil.Process) -> bool:
    """Return whether a process of a Ray node is training a chunk of networks."""
    names = []
    for process in node.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            names.append(" ".join(process.cmdline()))
    return any(name.startswith("ray::") and "chunk" in name for name in names)
