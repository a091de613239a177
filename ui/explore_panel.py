"""Explore's side panel: everything known about what is selected, and paths."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial

import networkx as nx
import streamlit as st

from depgraph.engine.graph import Node, needed_by, needs
from depgraph.engine.paths import edge_class
from depgraph.record import Record
from depgraph.wording import counted
from ui import explore_state as acts
from ui.catalogue import Catalogue, node_key
from ui.explore_figures import figures, row_of
from ui.explore_paths import paths_section
from ui.explore_session import act
from ui.explore_state import ExploreState
from ui.figure_table import figure_table, plain_table
from ui.figures_text import availability_text
from ui.picture import is_group, kind_of, name_of
from ui.plain_text import plain
from ui.selection import brought, group_of, members_of, visible

_SECTIONS = ["Figures", "Needs", "Needed by", "Paths", "Contracts", "Record"]
_MOST_ROWS = 1_000
_LONG_NAME = 64


def panel(catalogue: Catalogue, state: ExploreState) -> None:
    """Draw the panel."""
    chosen = [key for key in state.focus if members_of(catalogue, state, key)]
    if not chosen:
        _nothing_selected(catalogue, state)
    elif len(chosen) > 1:
        _several(catalogue, state, chosen)
    elif is_group(chosen[0]):
        _group(catalogue, state, chosen[0])
    else:
        _one(catalogue, state, chosen[0])


def _heading(name: str) -> None:
    """Name of what the panel is about; a very long one opens."""
    long = len(name) > _LONG_NAME
    shown = f"{name[: _LONG_NAME - 1]}…" if long else name
    st.header(plain(shown), divider="gray", help=plain(name) if long else None)


def _nothing_selected(catalogue: Catalogue, state: ExploreState) -> None:
    st.info("Click a thing, or search above, to see everything known about it.")
    paths_section(catalogue, state, "")


def _buttons(offered: Iterable[tuple[str, str, Callable[[ExploreState], ExploreState]]]) -> None:
    """Actions on what is selected."""
    with st.container(horizontal=True, gap="small"):
        for label, icon, change in offered:
            if st.button(label, icon=f":material/{icon}:", key=f"explore_do_{label}"):
                act(change)
                st.rerun()


def _one(catalogue: Catalogue, state: ExploreState, key: str) -> None:
    """One thing of the estate."""
    node = catalogue.node[key]
    _heading(name_of(catalogue, state, key))
    st.caption(_what(catalogue, state, node))
    pinned = any(pin.key == key for pin in state.pinned)
    group = group_of(catalogue, state, key)
    fold = acts.can_fold(state, key, group)
    _buttons(
        [
            ("Neighbourhood", "hub", lambda s: acts.around(s, key)),
            ("Add neighbours", "add_circle", lambda s: acts.expanded(s, key)),
            *([("Collapse", "unfold_less", lambda s: acts.folded(s, key, group))] if fold else []),
            ("Only this", "filter_center_focus", lambda s: acts.only(s, key)),
            ("Hide", "visibility_off", lambda s: acts.hidden(s, key)),
            *([("Unpin", "keep_off", lambda s: acts.unpinned(s, key))] if pinned else []),
        ]
    )
    section = st.segmented_control(
        "About", _SECTIONS, default="Figures", key="explore_section", label_visibility="collapsed"
    )
    if section in {"Needs", "Needed by"}:
        _neighbours(catalogue, state, node, section)
    elif section == "Paths":
        paths_section(catalogue, state, key)
    elif section == "Contracts":
        _contracts(catalogue, state, node)
    elif section == "Record":
        _record(catalogue, state, node)
    else:
        figures(catalogue, state, node)


def _what(catalogue: Catalogue, state: ExploreState, node: Node) -> str:
    """Kind, provider, criticality, rank and state in a line."""
    parts: list[str] = [node.kind]
    if node.kind == "service":
        service = catalogue.estate.service[node.id]
        provider = service.provider
        shown = (
            name_of(catalogue, state, f"organization:{provider}") if provider else "nobody known"
        )
        parts += [f"provided by {shown}", service.criticality]
    rank = catalogue.rank.get(node)
    parts.append("not reached from us" if rank is None else f"rank {rank}")
    resting = catalogue.dependants[node]
    parts.append(f"{counted(resting, 'service rests', 'services rest')} on it")
    status = catalogue.status(node)
    return plain(" · ".join([*parts, status] if status != "fine" else parts))


def _neighbours(catalogue: Catalogue, state: ExploreState, node: Node, section: str) -> None:
    """What it needs or what needs it, as a table; a row can be picked."""
    direct = st.toggle("Direct only", value=True, key="explore_direct")
    links = catalogue.links(state.edges)
    if direct:
        found = set(links.successors(node) if section == "Needs" else links.predecessors(node))
    else:
        found = needs(links, node) if section == "Needs" else needed_by(links, node)
    st.caption(f"{len(found):,} {'directly' if direct else 'directly or through others'}")
    shown = sorted(found)[:_MOST_ROWS]
    if len(found) > len(shown):
        st.caption(f"The first {len(shown):,} are listed.")
    rows = []
    for other in shown:
        ends = (node, other) if section == "Needs" else (other, node)
        row = (catalogue.by_service or {}).get(other.id) if other.kind == "service" else None
        rows.append(
            {
                "id": name_of(catalogue, state, node_key(other)),
                "kind": other.kind,
                **({"how": _how(catalogue, *ends)} if direct else {}),
                "availability": availability_text(row) if row else "",
            }
        )
    if rows:
        _picked(
            catalogue, rows, [node_key(other) for other in shown], f"explore_{section}_{direct}"
        )


def _picked(catalogue: Catalogue, rows: list[dict[str, str]], keys: list[str], name: str) -> None:
    """A table; picking a row selects the thing."""
    event = figure_table(
        rows, hide_index=True, width="stretch", key=name, on_select="rerun",
        selection_mode="single-row", height=min(38 + 35 * len(rows), 420),
    )  # fmt: skip
    picked: list[int] = event["selection"]["rows"]
    if picked and picked[0] < len(keys) and st.button("Go to it", icon=":material/arrow_forward:"):
        act(lambda s: brought(catalogue, s, keys[picked[0]]))
        st.rerun()


def _how(catalogue: Catalogue, consumer: Node, provider: Node) -> str:
    """What the edges between two things say."""
    found = []
    for attributes in (catalogue.graph.get_edge_data(consumer, provider) or {}).values():
        kind = edge_class(attributes)
        if kind == "redundant":
            name = f" {attributes['name']}" if attributes["name"] else ""
            found.append(f"{attributes['at_least']} of {attributes['of']}{name}")
        elif kind == "soft":
            found.append(f"soft {attributes['soft']:g}")
        elif kind == "hard":
            found.append("must be up")
        else:
            found.append(str(attributes["kind"]).replace("_", " "))
    return ", ".join(dict.fromkeys(found))


def _contracts(catalogue: Catalogue, state: ExploreState, node: Node) -> None:
    """Contracts that cover a service, or that an organization has."""
    if state.hide_names:
        st.info("Contracts are not shown while names are hidden.")
        return
    estate = catalogue.estate
    if node.kind == "service":
        pairs = estate.slas_by_service.get(node.id, ())
    else:
        pairs = tuple(
            (k, sla) for k in estate.contracts if node.id in {k.supplier, k.customer}
            for sla in k.slas
        )  # fmt: skip
    rows = [
        {
            "SLA": sla.id, "service": sla.service, "supplier": contract.supplier,
            "customer": contract.customer, "until": str(contract.end or ""),
            "promises": ", ".join(f"{o.metric} {o.target}" for o in sla.objectives),
        }
        for contract, sla in pairs
    ]  # fmt: skip
    if rows:
        plain_table(rows, hide_index=True, width="stretch")
    else:
        st.info("No contract covers it.")


def _value(value: object) -> str:
    """A field's value as estate files write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _record(catalogue: Catalogue, state: ExploreState, node: Node) -> None:
    """The record as given, what was found about it, and its incidents."""
    if state.hide_names:
        st.info("Records are not shown while names are hidden.")
        return
    estate = catalogue.estate
    records = {"service": estate.service, "location": estate.location,
               "organization": estate.organization}  # fmt: skip
    record: Record = records[node.kind][node.id]
    given = record.model_dump(mode="json", exclude_defaults=True)
    fields = type(record).model_fields
    plain_table(
        [
            {"field": name, "value": _value(value), "meaning": fields[name].description or ""}
            for name, value in given.items()
        ],
        hide_index=True,
        width="stretch",
    )
    found = [f for f in catalogue.findings if (f.kind, f.subject) == (node.kind, node.id)]
    if found:
        st.markdown("**Findings**")
        plain_table(
            [{"level": f.level, "finding": f.message, "what to do": f.hint} for f in found],
            hide_index=True, width="stretch",
        )  # fmt: skip
    incidents = [i for i in estate.incidents if i.affects in {node.id, node_key(node)}]
    if incidents:
        st.markdown("**Incidents**")
        plain_table(
            [
                {"id": i.id, "start": str(i.start), "end": str(i.end or "open"), "cause": i.cause}
                for i in incidents
            ],
            hide_index=True, width="stretch",
        )  # fmt: skip


def _several(catalogue: Catalogue, state: ExploreState, keys: list[str]) -> None:
    """Several things at once."""
    st.header(counted(len(keys), "thing"), divider="gray")
    chosen = tuple(keys)
    offered: list[tuple[str, str, Callable[[ExploreState], ExploreState]]] = [
        ("Only these", "filter_center_focus", lambda s: acts.only(s, *chosen)),
        ("Hide", "visibility_off", lambda s: acts.hidden(s, *chosen)),
    ]
    if len(keys) == 2:  # noqa: PLR2004 - a path has two ends
        start, end = keys
        offered.append(("Path", "route", partial(acts.path, start=start, end=end)))
    _buttons(offered)
    _members(catalogue, state, [n for key in keys for n in members_of(catalogue, state, key)])


def _group(catalogue: Catalogue, state: ExploreState, key: str) -> None:
    """Things drawn as one."""
    _heading(name_of(catalogue, state, key))
    graph = visible(catalogue, state).graph
    members = list(members_of(catalogue, state, key))
    st.caption(f"{kind_of(key)} of {counted(len(members), 'thing')}, drawn together")
    named = not key.startswith("rest:")
    can_open = named or key not in state.opened
    _buttons(
        [
            *([("Open", "unfold_more", lambda s: acts.expanded(s, key))] if can_open else []),
            *([("Only this", "filter_center_focus", lambda s: acts.only(s, key))] if named else []),
            ("Hide", "visibility_off", lambda s: acts.hidden(s, key)),
        ]
    )
    if key in graph:
        _implied(catalogue, state, graph, key)
    _members(catalogue, state, members)


def _implied(catalogue: Catalogue, state: ExploreState, graph: nx.DiGraph[str], key: str) -> None:
    """Edges of a group, with how many they stand for."""
    sides = [("needs", b, d) for _, b, d in graph.out_edges(key, data=True)]
    sides += [("needed by", a, d) for a, _, d in graph.in_edges(key, data=True)]
    sides.sort(key=lambda side: (-side[2]["implied"], side[0], side[1]))
    plain_table(
        [
            {"side": word, "other": name_of(catalogue, state, other), "stands for": d["implied"]}
            for word, other, d in sides[:_MOST_ROWS]
        ],
        hide_index=True,
        width="stretch",
    )


def _members(catalogue: Catalogue, state: ExploreState, members: list[Node]) -> None:
    rows = [
        {
            "id": name_of(catalogue, state, node_key(node)),
            "kind": node.kind,
            "state": catalogue.status(node),
            "availability": availability_text(row) if (row := row_of(catalogue, node)) else "",
        }
        for node in members[:_MOST_ROWS]
    ]
    if rows:
        _picked(catalogue, rows, [node_key(node) for node in members], "explore_members")
