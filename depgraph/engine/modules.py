"""Modules of a gate graph: parts whose components appear nowhere else.

Y. Dutuit and A. Rauzy, "A linear-time algorithm to find modules of fault trees", IEEE Transactions
on Reliability 45 (1996) 422-425. A module is solved alone and then stands as one component.
"""

from __future__ import annotations

from depgraph.engine.gates import GateGraph


def modules(graph: GateGraph, root: int) -> set[int]:
    """Gates below `root`, itself included, whose parts are used only through them.

    Linear in the number of arguments.
    """
    entered, left, first, last = _visits(graph, root)
    earliest: dict[int, int] = {}
    latest: dict[int, int] = {}
    found = {root}
    for node in graph.below(root):
        arguments = graph.arguments[node]
        if not arguments:
            earliest[node], latest[node] = first[node], last[node]
            continue
        low = min(min(earliest[a], first[a]) for a in arguments)
        high = max(max(latest[a], last[a]) for a in arguments)
        earliest[node], latest[node] = low, high
        if low > entered[node] and high < left[node]:
            found.add(node)
    return found


def _visits(
    graph: GateGraph, root: int
) -> tuple[dict[int, int], dict[int, int], dict[int, int], dict[int, int]]:
    """Time of entering, leaving, first and last visit of each node in one depth-first walk."""
    clock = 1
    entered = {root: clock}
    first, last = {root: clock}, {root: clock}
    left: dict[int, int] = {}
    stack = [(root, 0)]
    while stack:
        node, position = stack.pop()
        arguments = graph.arguments[node]
        clock += 1
        if position == len(arguments):
            left[node] = clock
            last[node] = max(last[node], clock)
            continue
        stack.append((node, position + 1))
        argument = arguments[position]
        if argument in first:
            last[argument] = clock
        else:
            first[argument] = last[argument] = entered[argument] = clock
            if graph.arguments[argument]:
                stack.append((argument, 0))
            else:
                left[argument] = clock
    return entered, left, first, last


def contracted(graph: GateGraph, root: int, passes: int = 50) -> tuple[GateGraph, int]:
    """Join components and modules that the same gates of one kind use into one new gate each.

    The new gate is a module, so that the next step sees fewer variables. Repeated until nothing
    changes. Variables keep their node numbers.
    """
    graph = _copy(graph)
    for _ in range(passes):
        groups = _joinable(graph, root)
        if not groups:
            break
        for users, members, serial in groups:
            inside = set(members)
            joined = graph.all_of(members) if serial else graph.any_of(members)
            for user in users:
                kept = [a for a in graph.arguments[user] if a not in inside]
                graph.arguments[user] = (*kept, joined)
                graph.need[user] = len(kept) + 1 if serial else 1
    return graph, root


def _joinable(graph: GateGraph, root: int) -> list[tuple[tuple[int, ...], list[int], bool]]:
    """Find members with the same users, all of one kind, where joining makes a gate smaller."""
    alone = modules(graph, root)
    order = graph.below(root)
    users: dict[int, list[int]] = {}
    for node in order:
        for argument in dict.fromkeys(graph.arguments[node]):
            users.setdefault(argument, []).append(node)
    groups: dict[tuple[tuple[int, ...], bool], list[int]] = {}
    for node in order:
        if node == root or not (graph.is_variable(node) or node in alone):
            continue
        kinds = {_kind(graph, user) for user in users[node]}
        if kinds in ({"all"}, {"any"}):
            key = (tuple(sorted(users[node])), kinds == {"all"})
            groups.setdefault(key, []).append(node)
    return [
        (by, members, serial)
        for (by, serial), members in groups.items()
        if len(members) > 1 and not (len(by) == 1 and len(graph.arguments[by[0]]) == len(members))
    ]


def _kind(graph: GateGraph, gate: int) -> str:
    need, size = graph.need[gate], len(graph.arguments[gate])
    return "all" if need == size else "any" if need == 1 else "vote"


def _copy(graph: GateGraph) -> GateGraph:
    copy = GateGraph()
    copy.need = list(graph.need)
    copy.arguments = list(graph.arguments)
    return copy
