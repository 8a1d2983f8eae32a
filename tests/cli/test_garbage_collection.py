"""The garbage collector rests while modules are imported, and is then as it was before."""

import gc

import pytest

from byheart.cli.garbage_collection import without_garbage_collection


def test_nothing_is_collected_within_and_what_was_made_there_is_not_searched_later() -> None:
    with without_garbage_collection():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]
        before = gc.get_freeze_count()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_an_error_or_an_exit_within_brings_the_collector_back() -> None:
    for ending in (ValueError, SystemExit):
        with pytest.raises(ending), without_garbage_collection():
            raise ending
        assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_garbage_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
