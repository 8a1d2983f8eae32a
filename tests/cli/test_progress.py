"""The display of a run: a live board in a terminal, plain lines elsewhere."""

import io

from clocks import Clock
from rich.console import Console

from byheart.cli.progress import Board, Lines, shown_on

PLAN = [("patterns-first", "patterns-first", 90.0), ("capacity", "capacity", 30.0)]


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def run(shown: Board | Lines, clock: Clock) -> None:
    """Report the middle of a run: one of three chunks was stored, the second takes a minute."""
    shown.started("patterns-first", [1.0, 2.0, 3.0], [0], 50, "epoch")
    clock.at = 2.0
    shown.compiling(1)
    shown.advanced(1, 20)
    clock.at = 61.0
    shown.finished(1, 61.0)
    clock.at = 62.0
    shown.advanced(2, 25)


def test_the_board_has_a_line_for_each_stage_in_order_and_one_for_the_whole_run() -> None:
    clock, console = Clock(), Console(file=io.StringIO(), width=100)
    board = Board(PLAN, clock)
    run(board, clock)
    console.print(board)
    first, second, whole = text_of(console).splitlines()
    assert "patterns-first" in first
    assert "75%" in first
    assert first.rstrip().endswith("chunk 3 of 3, epoch 25 of 50")
    assert second.split() == ["·", "capacity", "waiting"]
    assert whole.split()[0] == "all"
    assert "1 min 2 s, about" in whole
    assert whole.rstrip().endswith("left")


def test_a_finished_stage_shows_its_time_and_its_outcome() -> None:
    clock, console = Clock(), Console(file=io.StringIO(), width=100)
    board = Board(PLAN, clock)
    run(board, clock)
    clock.at = 70.0
    board.finished(2, 8.0)
    board.judged("patterns-first", "4 hold, 1 fails")
    console.print(board)
    first = text_of(console).splitlines()[0]
    assert first.startswith("✓")
    assert "100%" in first
    assert first.rstrip().endswith("1 min 10 s: 4 hold, 1 fails")


def test_in_a_terminal_a_run_is_shown_on_a_board_and_elsewhere_in_lines() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with shown_on(console, PLAN) as shown:
        assert isinstance(shown, Board)
        shown.started("patterns-first", [1.0], [], 50, "epoch")
    assert "0 of 1 chunks are stored" in text_of(console)
    with shown_on(Console(file=io.StringIO()), PLAN) as shown:
        assert isinstance(shown, Lines)


def test_lines_come_where_a_stage_begins_and_now_and_then() -> None:
    clock, console = Clock(), Console(file=io.StringIO(), width=40)
    lines = Lines(console, PLAN, clock)
    run(lines, clock)
    clock.at = 63.0
    lines.finished(2, 2.0)
    lines.judged("patterns-first", "4 hold, 1 fails")
    begun, later, ended, outcome = text_of(console).splitlines()
    assert begun == "patterns-first: 1 of 3 chunks are stored; 0% done, about 1 min 45 s left"
    assert later.startswith("patterns-first: chunk 2 of 3 stored, 61 s; ")
    assert later.endswith(" left")
    assert ended.startswith("patterns-first: chunk 3 of 3 stored, 2 s; ")
    assert outcome == "patterns-first: 4 hold, 1 fails"


def test_lines_do_not_come_for_every_short_chunk() -> None:
    clock, console = Clock(), Console(file=io.StringIO(), width=40)
    lines = Lines(console, PLAN, clock)
    lines.started("capacity", [1.0] * 100, [], 1, "epoch")
    for chunk in range(99):
        clock.at += 0.25
        lines.finished(chunk, 0.25)
    said = text_of(console).splitlines()
    assert len(said) == 3, "one at the start, and one every ten seconds"
