"""Shells complete commands, experiments and options by the script that the command line prints."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from byheart.cli.completion import SHELLS
from byheart.paper.catalog import CATALOG

Outcome = tuple[int, str, str]

COMPLETE = """
source "$1"
shift
COMP_LINE="$*" COMP_POINT=999 COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_tyro_byheart byheart "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["r"], ["report", "reproduce", "run"]),
        (["c"], ["compare"]),
        (["run", "c"], sorted(name for name in CATALOG if name.startswith("c"))),
        (["run", "capacity", "--sca"], ["--scale"]),
        (["run", "capacity", "--executor", ""], ["local", "ray"]),
        (["reproduce", "--scale", ""], ["laptop", "paper", "tiny"]),
    ],
)
def test_bash_completes_commands_experiments_and_options(
    words: list[str], completed: list[str], byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    status, script, err = byheart("--tyro-print-completion", "bash")
    assert (status, err) == (0, "")
    (tmp_path / "script").write_text(script)
    command = ["bash", "-c", COMPLETE, "bash", str(tmp_path / "script"), "byheart", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert sorted(done.stdout.split()) == completed


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_script_for_each_shell(shell: str, byheart: Callable[..., Outcome]) -> None:
    status, script, _ = byheart("--tyro-print-completion", shell)
    assert status == 0
    assert "byheart" in script


@pytest.mark.parametrize(("words", "message"), [([], "Name one shell"), (["fishy"], "There is no shell named 'fishy'")])
def test_another_shell_is_refused(words: list[str], message: str, byheart: Callable[..., Outcome]) -> None:
    status, _, err = byheart("--tyro-print-completion", *words)
    assert status == 2
    assert message in err
