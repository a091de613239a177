"""The garbage collector is paused and comes back as it was."""

from __future__ import annotations

import gc

import pytest

from depgraph.collection import collection_paused


@pytest.fixture(autouse=True)
def _as_before() -> object:
    was_on = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_on else gc.disable)()


def test_it_is_off_inside_and_on_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), collection_paused():  # noqa: PT012 - both matter
        assert not gc.isenabled()
        raise ValueError("inside")
    assert gc.isenabled()


def test_an_inner_pause_does_not_end_the_outer_one() -> None:
    with collection_paused():
        with collection_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_turned_it_off_keeps_it_off() -> None:
    gc.disable()
    with collection_paused():
        pass
    assert not gc.isenabled()
