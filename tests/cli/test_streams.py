"""Output to a closed pipe, to a full disk, and to a terminal that cannot encode most characters."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import ended, numbers, start, words

from byheart.cli.streams import let_any_text_be_printed, visible
from byheart.results import atomic_write

COMMAND = [sys.executable, "-m", "byheart"]
BUFFERING = ("", "1")
"""Values of PYTHONUNBUFFERED: lines are written at the end, or when they are printed."""


def unread(*arguments: str, unbuffered: str = "") -> tuple[int, str]:
    """Return the exit status and standard error of a command whose standard output is a closed pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", BUFFERING)
@pytest.mark.parametrize("arguments", [["list"], ["run", "--help"]], ids=" ".join)
def test_a_reader_who_has_seen_enough_ends_a_command_without_a_word(arguments: list[str], unbuffered: str) -> None:
    assert unread(*arguments, unbuffered=unbuffered) == (1, "")


@pytest.mark.slow
def test_a_run_whose_output_no_one_reads_stores_all_and_writes_its_report(tmp_path: Path) -> None:
    status, err = unread(*words("critical-samples"), "--out", str(tmp_path))
    assert status == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert "critical-samples: chunk 1 of 1 stored" in err
    assert numbers(tmp_path)
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("unbuffered", BUFFERING)
def test_output_that_has_no_room_is_told_in_a_sentence(unbuffered: str) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no /dev/full")
    with full.open("wb") as output:
        done = subprocess.run(
            [*COMMAND, "list"],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 1
    assert done.stderr == "byheart: the output cannot be written (No space left on device).\n"


def test_without_standard_output_a_command_ends_with_0() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "list"], stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_in_ascii_characters_are_printed_as_simpler_ones_or_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    monkeypatch.setattr(sys, "stderr", None)
    let_any_text_be_printed()
    print("−0.5 “a”… 95\u00a0% │─┐ é 漢 \udcff 🐱")
    sys.stdout.flush()
    assert written.getvalue() == b'-0.5 "a"... 95 % |-+ \\xe9 \\u6f22 \\udcff \\U0001f431\n'


@pytest.mark.slow
def test_a_whole_run_and_its_report_are_printed_in_ascii(tmp_path: Path, my_data: Callable[..., str]) -> None:
    """Class names and the name of the file hold all kinds of characters."""
    path = tmp_path / "$x_1$ [red]ה :cat:.npz"
    Path(my_data(class_names=np.array(["$1_$2", "US$", "हिन्दी"]))).rename(path)
    options = ["--data", str(path), "--n-training", "60", "--seeds", "2", "--out", str(tmp_path / "out")]
    process = start(
        "run", "easy-examples", *options, env={"PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": "error::UserWarning"}
    )
    status, out, err = ended(process)
    assert status == 0, err
    assert out.isascii()
    assert "F1a" in out
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "class 2 is “हिन्दी”" in page
    assert "$x_1$ [red]ה :cat:" in page


def test_control_characters_in_a_path_do_not_reach_the_terminal(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    status, _, err = byheart("report", str(tmp_path / "a\x1b[31m\x07:cat:"))
    assert status == 2
    assert "/a\\x1b[31m\\x07:cat:. Check the path" in err
    assert visible("a\n\tb\x9b") == "a\n\tb\\x9b"


@pytest.mark.slow
def test_a_full_disk_ends_a_run_with_a_sentence_and_what_finished_is_kept(
    byheart: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full while results are written, then while numbers and page are. At last it has space."""
    command = [*words("critical-samples"), "--out", str(tmp_path)]
    plain = atomic_write._put_on_disk
    for full_for in (".nc", ".csv", "report.html"):

        def put_on_disk(path: Path, full_for: str = full_for) -> None:
            if full_for in path.name:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            plain(path)

        monkeypatch.setattr(atomic_write, "_put_on_disk", put_on_disk)
        status, out, err = byheart(*command)
        assert (status, out) == (1, "")
        sentence = err.splitlines()[-1]
        assert sentence.startswith(f"byheart: {tmp_path}")
        assert f"{full_for} cannot be written (No space left on device). Finished work is kept;" in sentence
        assert bool(numbers(tmp_path)) == (full_for != ".nc")
        assert not list(tmp_path.rglob(f"*{full_for}*"))
        if full_for == ".csv":
            monkeypatch.setattr(
                "byheart.execution.local_executor.computed", None
            )  # From here on nothing can be trained.
    monkeypatch.setattr(atomic_write, "_put_on_disk", plain)
    assert byheart(*command)[0] == 0
