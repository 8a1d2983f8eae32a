"""Long calls from Python show a bar in a terminal; it ends at the whole work, and can be hidden."""

import functools
import io
from typing import Any
from unittest import mock

import jax
import pytest
from worlds import blobs, points

import byheart as bh
from byheart.progress_bar import bar_of

SPLIT = blobs(20, 6)
RECIPE = bh.Recipe(bh.MLP((4,)), bh.SGD(0.1), batch_size=5, epochs=3)


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def made_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal, in which bars show at once. Call it in the test: pytest sets it before."""
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr("byheart.progress_bar.SECONDS_BEFORE", 0.0)
    return shown


CALLS: dict[str, Any] = {
    "train": lambda **show: bh.train(RECIPE, bh.grid(seed=range(2)), SPLIT, **show),
    "measure_sweep": lambda **show: bh.measure_sweep(
        bh.PopulationSweep(RECIPE, tuple(bh.grid(seed=range(2))), (bh.Accuracy(),)), SPLIT, **show
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_bar_counts_the_epochs_of_all_networks_and_can_be_hidden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = made_terminal(monkeypatch)
    CALLS[name]()
    assert "training:" in terminal.getvalue()
    assert "/6 " in terminal.getvalue()
    terminal.seek(0)
    terminal.truncate()
    CALLS[name](show_progress=False)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    "certify", [bh.certified_samples, functools.partial(bh.bracketed_ratio, key=jax.random.key(0))]
)
def test_a_bar_counts_certified_samples_and_can_be_hidden(certify: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are certified by intervals, others are not; at the end all are counted."""
    network, images = bh.MLP((4, 4)).build((4, 4, 1), 2, jax.random.key(0)), points(40)
    made = mock.MagicMock()
    monkeypatch.setattr("tqdm.auto.tqdm", made)
    certify(network, images, radius=0.05)
    certify(network, images, radius=0.05, show_progress=False)
    assert made.call_args.kwargs["total"] == 40
    assert {call.kwargs["disable"] for call in made.call_args_list} == {None, True}
    added = [call.args[0] for call in made.return_value.__enter__.return_value.update.call_args_list]
    assert sum(added) == sum(call.kwargs["total"] for call in made.call_args_list)
    assert len(added) > len(made.call_args_list)


def test_what_is_done_is_added_to_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    made = mock.MagicMock()
    monkeypatch.setattr("tqdm.auto.tqdm", made)
    with bar_of("counting", 4, " beads", show=True) as add:
        add(1)
        add(3)
    assert (made.call_args.kwargs["total"], made.call_args.kwargs["desc"]) == (4, "counting")
    bar = made.return_value.__enter__.return_value
    assert [call.args for call in bar.update.call_args_list] == [(1,), (3,)]


def test_nothing_is_shown_where_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with bar_of("counting", 4, " beads", show=True) as add:
        add(4)
    assert capsys.readouterr().err == ""
