"""Explore: the graph, what is known about the picked thing, and its neighbours."""

from __future__ import annotations

import csv
import io

import networkx as nx
import streamlit as st

from depgraph.engine.graph import Node, failure_graph, needed_by, needs, paths_between
from depgraph.record import Record
from ui.figures_text import availability_text, minutes_text, percent_text, verdict_text
from ui.graph_view import GraphEvent, graph_view
from ui.layout import Spacing, layered_positions
from ui.picture import (
    KIND_COLOURS,
    STATE_COLOURS,
    Filters,
    network_of,
    node_key,
    node_of,
    visible_graph,
)
from ui.session import Shown, shown
from ui.spreadsheet import escaped_cell

_ROOM = Spacing(column=180.0, row=60.0)
_KINDS = ["service", "location", "organization"]


def show() -> None:
    """Draw the view."""
    data = shown()
    _take_focus()
    filters = _filters(data)
    graph = visible_graph(data, filters)
    picture, facts = st.columns([0.68, 0.32], gap="medium")
    with picture:
        _legend(graph, data)
        network = network_of(data, graph, layered_positions(graph, _ROOM), filters)
        select = [filters.focus] if filters.focus in graph else []
        event = graph_view(network, key="explore_graph", height=580, select=select)
        _exports(data, graph)
    _react(event)
    with facts:
        node = node_of(filters.focus)
        if node is None or node not in data.graph:
            st.info("Click a node, or search above, to see everything known about it.")
        else:
            _facts(data, node)
    with st.expander("The picture as a table"):
        st.dataframe(_table(data, graph), width="stretch", hide_index=True)


def _take_focus() -> None:
    """Focus on what another view asked for."""
    wanted = st.session_state.pop("explore_focus", None)
    if wanted:
        st.query_params["focus"] = wanted


def _filters(data: Shown) -> Filters:
    """Filters from the page's address, and the controls that change it."""
    query = st.query_params
    keys = sorted(node_key(node) for node in data.graph)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        focus = query.get("focus", "")
        place = keys.index(focus) + 1 if focus in keys else 0
        found = st.selectbox(
            "Search", ["", *keys], index=place, format_func=lambda k: k or "anything"
        )
        kinds = st.pills(
            "Kinds", _KINDS, selection_mode="multi",
            default=[k for k in query.get_all("kind") if k in _KINDS] or _KINDS[:2],
        )  # fmt: skip
        vendors = sorted({s.provider for s in data.estate.services if s.provider})
        chosen = st.multiselect(
            "Vendors", vendors, placeholder="all",
            default=[v for v in query.get_all("vendor") if v in vendors],
        )  # fmt: skip
        levels = ["critical", "important", "standard"]
        criticality = st.multiselect(
            "Criticality", levels, placeholder="all",
            default=[v for v in query.get_all("criticality") if v in levels],
        )  # fmt: skip
        depths = ["all", "1", "2", "3"]
        depth = st.selectbox(
            "Steps around it",
            depths,
            index=max(
                0,
                depths.index(query.get("depth", "all"))
                if query.get("depth", "all") in depths
                else 0,
            ),
        )
        hide_names = st.toggle("Hide names", value=query.get("names") == "hidden")
    if found != focus:
        query["focus"] = found
    _remember({"kind": kinds if set(kinds) != set(_KINDS[:2]) else [], "vendor": chosen,
               "criticality": criticality, "depth": [] if depth == "all" else [depth],
               "names": ["hidden"] if hide_names else []})  # fmt: skip
    return Filters(
        kinds=tuple(kinds) or ("service",),
        vendors=tuple(chosen),
        criticality=tuple(criticality),
        focus=found,
        depth=0 if depth == "all" else int(depth),
        hidden=tuple(query.get_all("hidden")),
        expanded=tuple(query.get_all("expanded")),
        hide_names=hide_names,
    )


def _remember(values: dict[str, list[str]]) -> None:
    """Keep the whole view in the page's address, so that the address reopens it."""
    for name, chosen in values.items():
        if chosen and st.query_params.get_all(name) != chosen:
            st.query_params[name] = chosen
        elif not chosen and name in st.query_params:
            del st.query_params[name]


def _react(event: GraphEvent) -> None:
    """Follow what was done in the picture; the page's address keeps it."""
    if event.action and event.node:
        _act(event.action, event.node)
    last = st.session_state.get("explore_selected", ())
    if event.selected != last:
        st.session_state["explore_selected"] = event.selected
        if len(event.selected) == 1 and st.query_params.get("focus") != event.selected[0]:
            st.query_params["focus"] = event.selected[0]
            st.rerun()


def _act(action: str, key: str) -> None:
    """Carry out a double click or an entry of the picture's menu."""
    query = st.query_params
    if action == "hide":
        query["hidden"] = [*query.get_all("hidden"), key]
    elif action == "focus" and key.startswith("vendor:"):
        query["expanded"] = [*query.get_all("expanded"), key.removeprefix("vendor:")]
    elif action == "focus":
        query["focus"], query["depth"] = key, "1"
    elif action == "path_to":
        st.session_state["explore_path"] = key
    else:
        query["focus"] = key
    st.rerun()


def _legend(graph: nx.DiGraph[str], data: Shown) -> None:
    """What colours and lines mean, and what is drawn."""
    signs = {"service": "●", "location": "■", "organization": "◆"}
    entries = [(sign, KIND_COLOURS[kind], kind) for kind, sign in signs.items()]
    entries += [("○", colour, state) for state, colour in STATE_COLOURS.items() if state != "fine"]
    # Our own words and colours only; nothing of the estate goes through this.
    shown_entries = "".join(
        f'<span style="color:{colour}">{sign}</span> {word} &nbsp; '
        for sign, colour, word in entries
    )
    st.html(f"<small>{shown_entries} ┄ group &nbsp; ⋯ soft</small>")
    st.caption(
        f"{graph.number_of_nodes()} of {data.graph.number_of_nodes()} things, "
        f"{graph.number_of_edges()} edges, consumer on the left, provider on the right"
    )


def _facts(data: Shown, node: Node) -> None:
    """Everything known about one thing."""
    records = {"service": data.estate.service, "location": data.estate.location,
               "organization": data.estate.organization}  # fmt: skip
    record: Record = records[node.kind][node.id]
    st.subheader(_plain(node.id), divider="gray")
    row = data.by_service.get(node.id) if node.kind == "service" else None
    if row is not None:
        st.metric("Composite availability", availability_text(row), border=True,
                  help=type(row).model_fields["availability"].description)  # fmt: skip
        promised = row.committed is not None
        figures = {
            "minutes down a month": minutes_text(row.downtime_minutes_per_month),
            "naive product": percent_text(row.naive),
            "worst case": percent_text(row.worst_case),
            f"own component ({row.basis})": percent_text(row.own_availability),
            "promised": percent_text(row.committed) if promised else "",
            "carried by suppliers": verdict_text(row.carried, promised=promised),
            "met": verdict_text(row.met, promised=promised),
            "single points of failure": ", ".join(row.single_points_of_failure),
            "unknown": ", ".join(row.unknown),
            "method": row.method,
        }
        st.dataframe(
            [{"figure": name, "value": value} for name, value in figures.items()],
            hide_index=True,
            width="stretch",
        )
    given = record.model_dump(mode="json", exclude_defaults=True, exclude={"depends_on"})
    st.dataframe(
        [{"field": name, "value": _cell(value)} for name, value in given.items()],
        hide_index=True,
        width="stretch",
    )
    _neighbours(data, node)
    _paths(data, node)
    hidden = st.query_params.get_all("hidden")
    with st.container(horizontal=True):
        if st.button("Hide this"):
            st.query_params["hidden"] = [*hidden, node_key(node)]
            st.rerun()
        if hidden and st.button(f"Undo hide ({len(hidden)})"):
            st.query_params["hidden"] = hidden[:-1]
            st.rerun()


def _neighbours(data: Shown, node: Node) -> None:
    """What it needs and what needs it."""
    graph = failure_graph(data.graph)
    direct = st.toggle("Direct only", value=True, key="explore_direct")
    if node not in graph:
        return
    down = set(graph.successors(node)) if direct else needs(graph, node)
    up = set(graph.predecessors(node)) if direct else needed_by(graph, node)
    for title, found in (("Needs", down), ("Needed by", up)):
        st.markdown(f"**{title}** ({len(found)})")
        if found:
            st.dataframe(
                [{"kind": other.kind, "id": other.id} for other in sorted(found)],
                hide_index=True, width="stretch", height=min(38 + 35 * len(found), 220),
            )  # fmt: skip


def _paths(data: Shown, node: Node) -> None:
    """Paths to another thing."""
    graph = failure_graph(data.graph)
    others = [node_key(other) for other in sorted(graph) if other != node]
    target = node_of(st.selectbox("Path to", ["", *others], key="explore_path") or "")
    if target is None or node not in graph:
        return
    found = list(paths_between(graph, node, target))[:20]
    if not found:
        found = list(paths_between(graph, target, node))[:20]
    st.dataframe(
        [{"steps": len(path) - 1, "path": " → ".join(step.id for step in path)} for path in found]
        or [{"steps": 0, "path": "no path in either direction"}],
        hide_index=True,
        width="stretch",
    )


def _table(data: Shown, graph: nx.DiGraph[str]) -> list[dict[str, object]]:
    """The drawn things as rows, for readers of tables and screen readers."""
    rows: list[dict[str, object]] = []
    for key in graph:
        node = node_of(key)
        answer = data.by_service.get(node.id) if node and node.kind == "service" else None
        rows.append(
            {
                "kind": key.partition(":")[0],
                "id": key.partition(":")[2],
                "availability": availability_text(answer) if answer else "",
                "needs": ", ".join(k.partition(":")[2] for k in graph.successors(key)),
                "needed by": ", ".join(k.partition(":")[2] for k in graph.predecessors(key)),
            }
        )
    return rows


def _exports(data: Shown, graph: nx.DiGraph[str]) -> None:
    """The drawn part as files."""
    table = io.StringIO()
    rows = _table(data, graph)
    if rows:
        writer = csv.DictWriter(table, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({k: escaped_cell(str(v)) for k, v in row.items()} for row in rows)
    plain: nx.DiGraph[str] = nx.DiGraph()
    plain.add_nodes_from(graph)
    plain.add_edges_from(graph.edges)
    with st.container(horizontal=True):
        st.download_button("CSV", table.getvalue(), "graph.csv", "text/csv")
        st.download_button("GraphML", lambda: _graphml(plain), "graph.graphml", "application/xml")


def _graphml(graph: nx.DiGraph[str]) -> bytes:
    held = io.BytesIO()
    nx.write_graphml(graph, held)
    return held.getvalue()


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to act on."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>~$:" else c for c in text)
