"""Real processes, killed and started again: the same command ends with the same bytes as an undisturbed run.

Each run has three populations of two networks. They are started by the test in their directory, so the machine's size does not matter.
"""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_runs import ended, numbers, prepared, start, words

from byheart.runs.run import RESULTS

LONG_ENOUGH = {"epochs": 40, "measured_epochs": (0, 20)}
"""Training takes about as long as the test needs to look."""
CHUNKS = 3


def begun(directory: Path) -> list[str]:
    """A run of three chunks of two members, of which only the record is written; and the words that go on with it."""
    prepared(directory, chunk_size=2, **LONG_ENOUGH).record.write(directory)
    return [*words("critical-samples", **LONG_ENOUGH), "--out", str(directory)]


def wait_for(condition: Callable[[], bool]) -> None:
    """Looks every millisecond, for at most two minutes."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which JAX keeps compiled programs: the undisturbed run compiles, the others find what they need and start sooner."""
    folder = str(tmp_path_factory.mktemp("compiled"))
    return {"JAX_COMPILATION_CACHE_DIR": folder, "JAX_PERSISTENT_COMPILATION_CACHE_MIN_COMPILE_TIME_SECS": "0"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, compiled: dict[str, str]) -> dict[str, dict[str, str]]:
    """The numbers of a run that nothing disturbed."""
    directory = tmp_path_factory.mktemp("undisturbed")
    status, out, _ = ended(start(*begun(directory), env=compiled))
    assert status == 0
    assert out.rstrip().endswith(f"report: {directory / 'report.html'}")
    found = numbers(directory)
    assert len(found) == CHUNKS
    return found


def n_finished(directory: Path) -> int:
    return len(list((directory / RESULTS).glob("*.nc")))


@pytest.mark.parametrize("moment", ["as training starts", "after the first chunk", "at any time"])
def test_a_killed_run_started_again_ends_with_the_same_bytes(
    undisturbed: dict[str, dict[str, str]], compiled: dict[str, str], tmp_path: Path, moment: str
) -> None:
    command = begun(tmp_path)
    process = start(*command, env=compiled)
    if moment == "as training starts":
        wait_for(lambda: any((tmp_path / RESULTS).glob(".*.lock")))
    else:
        wait_for(lambda: n_finished(tmp_path) > 0)
    if moment == "at any time":
        time.sleep(random.Random(0).uniform(0, 0.5))
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    kept = n_finished(tmp_path)
    assert kept == 0 if moment == "as training starts" else kept >= 1
    status, _, err = ended(start(*command, env=compiled))
    assert status == 0
    assert f"critical-samples: {kept} of {CHUNKS} populations are stored" in err
    assert numbers(tmp_path) == undisturbed
    assert not list((tmp_path / RESULTS).glob(".*.nc.*"))


def test_an_interrupted_run_says_one_sentence_and_keeps_what_is_finished(
    undisturbed: dict[str, dict[str, str]], compiled: dict[str, str], tmp_path: Path
) -> None:
    process = start(*begun(tmp_path), env=compiled)
    wait_for(lambda: n_finished(tmp_path) > 0)
    process.send_signal(signal.SIGINT)
    status, out, err = ended(process)
    assert status == 130
    assert err.splitlines()[-1] == "byheart: interrupted. What finished is kept; the same command goes on from there."
    assert "Traceback" not in err
    assert out == ""
    found = numbers(tmp_path)
    assert 1 <= len(found) <= CHUNKS
    assert found == {name: undisturbed[name] for name in found}


def test_two_processes_in_one_directory_share_the_work_and_end_alike(
    undisturbed: dict[str, dict[str, str]], compiled: dict[str, str], tmp_path: Path
) -> None:
    command = begun(tmp_path)
    for status, out, err in map(ended, [start(*command, env=compiled), start(*command, env=compiled)]):
        assert status == 0, err
        assert "report:" in out
    assert numbers(tmp_path) == undisturbed
