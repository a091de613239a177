"""The laws of Explore's state: undo, addresses, and what each action may touch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import get_args
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.paths import EDGE_CLASSES, Direction, PathOrder
from tests.estates import HOSTILE_IDS
from ui import explore_state as acts
from ui.explore_query import query_of, state_of_query
from ui.explore_state import (
    CRITICALITIES,
    KINDS,
    LAST_RANK,
    MOST_DEPTH,
    PRESETS,
    STATUSES,
    Collapse,
    ExploreState,
    History,
    Pin,
    SizeBy,
    preset_of,
)
from ui.explore_words import criteria

ids = st.sampled_from([*HOSTILE_IDS, "checkout", "a,b", "1,2,3", "x&y=z", "none"])
keys = st.builds(
    lambda kind, name: f"{kind}:{name}", st.sampled_from([*KINDS, "vendor", "place"]), ids
)


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=4, unique=True).map(tuple)


def some(values: tuple[str, ...], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True).map(tuple)


coordinates = st.integers(-99_999, 99_999)
states = st.builds(
    ExploreState,
    focus=several(keys), kinds=some(KINDS, 1), vendors=several(ids), locations=several(ids),
    functions=several(ids), criticality=some(CRITICALITIES), statuses=some(STATUSES),
    ranks=st.lists(st.integers(0, LAST_RANK), max_size=3, unique=True).map(tuple),
    around=keys, depth=st.integers(1, MOST_DEPTH),
    direction=st.sampled_from(get_args(Direction)), only=several(keys), expanded=several(keys),
    hidden=several(keys), opened=several(keys), edges=some(EDGE_CLASSES),
    pinned=st.lists(
        st.builds(Pin, keys, coordinates, coordinates), max_size=3, unique_by=lambda p: p.key
    ).map(tuple),
    collapse=st.sampled_from(get_args(Collapse)), path_from=st.just("") | keys,
    path_to=st.just("") | keys, path_order=st.sampled_from(get_args(PathOrder)),
    path_only=st.booleans(), size_by=st.sampled_from(get_args(SizeBy)), hide_names=st.booleans(),
)  # fmt: skip

Act = Callable[[ExploreState], ExploreState]
acted: st.SearchStrategy[Act] = st.one_of(
    keys.map(lambda k: lambda s: acts.focused(s, k)),
    keys.map(lambda k: lambda s: acts.hidden(s, k)),
    keys.map(lambda k: lambda s: acts.expanded(s, k)),
    keys.map(lambda k: lambda s: acts.only(s, k)),
    keys.map(lambda k: lambda s: acts.around(s, k, 2)),
    keys.map(lambda k: lambda s: acts.pinned(s, k, 1.4, -2.6)),
    keys.map(lambda k: lambda s: acts.path(s, start=k)),
    st.sampled_from(get_args(Collapse)).map(lambda by: lambda s: acts.collapsed(s, by)),
    st.sampled_from(sorted(PRESETS)).map(lambda name: PRESETS[name]),
    st.just(acts.swapped),
    st.just(acts.all_back),
    st.sampled_from(KINDS).map(lambda kind: lambda s: acts.toggled(s, "kind", kind)),
)


@given(states)
@settings(max_examples=300)
def test_an_address_reopens_the_same_view(state: ExploreState) -> None:
    """Through a real URL, with names of every sort."""
    query = parse_qs(urlencode(query_of(state), doseq=True), strict_parsing=bool(query_of(state)))

    assert state_of_query(query) == state


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(
    ["kind", "depth", "rank", "pin", "by", "edge", "state", "focus", "order", "names"]
), st.lists(st.text(max_size=12) | st.sampled_from(["none", "service", "99", "1,2,x", "²"]))))  # fmt: skip
def test_any_address_gives_a_view(query: dict[str, list[str]]) -> None:
    state = state_of_query(query)

    assert state_of_query(query_of(state)) == state
    assert criteria(state).endswith(".")


def test_the_plain_view_has_a_plain_address() -> None:
    assert query_of(ExploreState()) == {}
    assert state_of_query({}) == ExploreState()


def test_an_older_address_still_shows_the_neighbourhood() -> None:
    state = state_of_query({"focus": ["service:checkout"], "depth": ["2"]})

    assert (state.around, state.depth) == ("service:checkout", 2)


@given(states, st.lists(acted, max_size=12))
def test_undoing_everything_leads_back_and_redoing_forth(
    state: ExploreState, actions: list[Act]
) -> None:
    history = History(state)
    for act in actions:
        history = history.done(act(history.present))
    there = history.present
    for _ in actions:
        history = history.undone()

    assert dataclasses.replace(history.present, focus=()) == dataclasses.replace(state, focus=())
    assert not history.past
    for _ in actions:
        history = history.redone()
    assert dataclasses.replace(history.present, focus=()) == dataclasses.replace(there, focus=())


@given(states, acted)
def test_one_step_back_is_where_we_were(state: ExploreState, act: Act) -> None:
    history = History(state).done(act(state))

    assert not history.past or history.undone().present == state


def test_a_selection_is_no_step() -> None:
    history = History().done(acts.focused(ExploreState(), "service:a"))

    assert history.present.focus == ("service:a",)
    assert not history.past


@given(states, keys)
def test_what_actions_do(state: ExploreState, key: str) -> None:
    gone = acts.hidden(state, key)
    assert key in gone.hidden
    assert key not in gone.focus
    assert acts.all_back(gone).hidden == ()
    assert acts.swapped(acts.swapped(state)) == state
    moved = acts.pinned(state, key, 1.6, 2)
    assert [pin for pin in moved.pinned if pin.key == key] == [Pin(key, 2, 2)]
    assert key not in [pin.key for pin in acts.unpinned(moved, key).pinned]
    assert acts.only(state, key).only == (key,)
    assert acts.hidden(gone, key) == gone
    assert acts.focused(state, key).hidden == state.hidden


def test_the_legend_filters() -> None:
    plain = ExploreState()

    assert acts.toggled(plain, "kind", "location").kinds == ("service",)
    assert acts.toggled(plain, "kind", "organization").kinds == KINDS
    alone = acts.toggled(plain, "state", "promise not met")
    assert alone.statuses == ("promise not met",)
    assert acts.toggled(alone, "state", "promise not met") == plain
    assert acts.toggled(plain, "kind", "<script>") == plain
    last = dataclasses.replace(plain, kinds=("service",))
    assert acts.toggled(last, "kind", "service") == last, "an empty picture helps nobody"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_knows_its_name_and_can_be_left(name: str) -> None:
    state = PRESETS[name](ExploreState(focus=("service:a",), hidden=("service:b",)))

    assert preset_of(state) == name
    assert state.focus == ("service:a",)
    assert state.hidden == ()


def test_groups_open_and_close() -> None:
    grouped = acts.collapsed(ExploreState(), "vendor")
    opened = acts.expanded(grouped, "vendor:acme")

    assert opened.opened == ("vendor:acme",)
    assert acts.closed(opened, "vendor:acme") == grouped
    assert acts.expanded(grouped, "service:acme").expanded == ("service:acme",)


def test_the_criteria_are_a_sentence() -> None:
    state = ExploreState(
        kinds=("service",), criticality=("critical",), ranks=(0, LAST_RANK),
        statuses=("promise not met",), hidden=("service:x",), collapse="vendor",
        path_from="service:a", path_to="service:b", path_order="fragile",
    )  # fmt: skip

    assert criteria(state) == (
        "Services; criticality critical; rank 0, 4 or more; state promise not met; "
        "marked: the most fragile paths between a and b; drawn together by vendor; "
        "1 hidden by hand."
    )
    assert criteria(acts.around(ExploreState(), "service:a", 2)) == (
        "Services and locations within 2 steps of a."
    )
