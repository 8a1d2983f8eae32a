"""Processes that are killed and started again end with the bytes of an undisturbed run.

Each run has three populations of two networks. The test fixes the chunks, so the size of the machine does not matter.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from killable_runs import CHUNKS, begun, n_finished
from tiny_runs import ended, numbers, start, wait_for

from byheart.runs.run import RESULTS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("stored", range(CHUNKS))
def test_a_killed_run_started_again_ends_with_the_same_bytes(
    undisturbed: dict[str, dict[str, str]], compiled: dict[str, str], tmp_path: Path, stored: int
) -> None:
    """It is killed when so many chunks are stored; before the first, as training starts."""
    command = begun(tmp_path)
    process = start(*command, env=compiled)
    if stored:
        wait_for(lambda: n_finished(tmp_path) >= stored)
    else:
        wait_for(lambda: any((tmp_path / RESULTS).glob(".*.lock")))
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    kept = n_finished(tmp_path)
    assert kept >= stored
    assert (kept > 0) == (stored > 0)
    status, _, err = ended(start(*command, env=compiled))
    assert status == 0
    assert f"critical-samples: {kept} of {CHUNKS} chunks are stored" in err
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
    assert err.splitlines()[-1] == "byheart: interrupted. Finished work is kept; run the same command again to resume."
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


EAGER = """
import sys
from byheart.results.checkpoint import SaveInterval
SaveInterval.is_due = lambda pace: True
from byheart.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""The command, saving a checkpoint after every epoch."""


def test_a_run_killed_within_a_chunk_goes_on_from_its_checkpoint_to_the_same_bytes(
    undisturbed: dict[str, dict[str, str]], compiled: dict[str, str], tmp_path: Path
) -> None:
    command = begun(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", EAGER, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"XLA_FLAGS": ""} | compiled,
    )
    wait_for(lambda: any((tmp_path / RESULTS).glob(".*.checkpoint")))
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert any((tmp_path / RESULTS).glob(".*.checkpoint"))
    status, _, err = ended(start(*command, env=compiled))
    assert status == 0, err
    assert numbers(tmp_path) == undisturbed
    assert not list((tmp_path / RESULTS).glob(".*.checkpoint*"))
