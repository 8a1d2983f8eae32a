"""Runs on Ray, killed and resumed on Ray or on this machine, end with the bytes of an undisturbed local run."""

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from killable_runs import CHUNKS, begun, n_finished
from tiny_runs import ended, numbers, start, wait_for

from byheart.runs.run import RESULTS

pytestmark = pytest.mark.slow

ON_RAY = ("--executor", "ray", "--gpus-per-task", "0")
HERE = ()


@pytest.fixture
def watched() -> Iterator[list[psutil.Process]]:
    """Yield a list for processes that must end; kill those that still run after the test."""
    processes: list[psutil.Process] = []
    yield processes
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return all descendants of a process."""
    return psutil.Process(process.pid).children(recursive=True)


def is_there(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def is_a_worker(process: psutil.Process) -> bool:
    """Return whether a process computes. Ray's agents only watch, and end within a minute."""
    with contextlib.suppress(psutil.NoSuchProcess):
        name = " ".join(process.cmdline())
        return name.startswith("ray::") and "Agent" not in name
    return False


@pytest.mark.parametrize(("first", "then"), [(ON_RAY, ON_RAY), (ON_RAY, HERE), (HERE, ON_RAY)])
def test_a_run_whose_driver_is_killed_and_gone_on_with_ends_with_the_same_bytes(
    undisturbed: dict[str, dict[str, str]],
    compiled: dict[str, str],
    tmp_path: Path,
    first: tuple[str, ...],
    then: tuple[str, ...],
    watched: list[psutil.Process],
) -> None:
    command = begun(tmp_path)
    process = start(*command, *first, env=compiled)
    wait_for(lambda: n_finished(tmp_path) > 0)
    watched += below(process)
    workers = [one for one in watched if is_a_worker(one)]
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    kept = n_finished(tmp_path)
    assert kept >= 1
    written_at = {path: path.stat().st_mtime_ns for path in (tmp_path / RESULTS).glob("*.nc")}
    assert bool(workers) == (first == ON_RAY)
    wait_for(lambda: not any(map(is_there, workers)))
    status, out, err = ended(start(*command, *then, env=compiled))
    assert status == 0, err
    assert out.rstrip().endswith("report.html")
    lines = [line for line in err.splitlines() if not line.startswith("byheart: ")]  # Those say what is left out.
    assert lines[0].startswith(f"critical-samples: {kept} of {CHUNKS} chunks are stored")
    assert {path: path.stat().st_mtime_ns for path in written_at} == written_at, "a stored chunk is computed again"
    assert numbers(tmp_path) == undisturbed


def test_an_interrupted_run_on_ray_says_one_sentence_and_leaves_no_process(
    compiled: dict[str, str], tmp_path: Path, watched: list[psutil.Process]
) -> None:
    process = start(*begun(tmp_path, epochs=1000), *ON_RAY, env=compiled)
    wait_for(lambda: n_finished(tmp_path) > 0)
    watched += below(process)
    process.send_signal(signal.SIGINT)
    status, out, err = ended(process)
    assert status == 130, err
    assert err.splitlines()[-1] == "byheart: interrupted. Finished work is kept; run the same command again to resume."
    assert all(line.startswith(("critical-samples: ", "byheart: ")) for line in err.splitlines())
    assert out == ""
    assert 1 <= n_finished(tmp_path) < CHUNKS
    wait_for(lambda: not any(map(is_there, watched)))
