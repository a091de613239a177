"""A Cypher script that builds the estate's graph in any Neo4j; running it twice changes nothing.

Data stand only inside quoted strings; labels and relationship types are fixed words.
"""

from __future__ import annotations

from depgraph.model.estate import Estate
from ingest.formats.graph_exports import estate_graph

_LABELS = {"organization": "Organization", "location": "Location", "service": "Service",
           "function": "Function", "contract": "Contract"}  # fmt: skip


def cypher_text(estate: Estate) -> str:
    """One statement per line: nodes, SLAs, then edges."""
    graph = estate_graph(estate)
    lines = []
    for _, properties in graph.nodes(data=True):
        label = _LABELS[properties["kind"]]
        key, name = literal(properties["record"]), literal(properties["label"])
        lines.append(f"MERGE (n:{label} {{id: {key}}}) SET n.name = {name};")
    for contract in estate.contracts:
        for sla in contract.slas:
            objective = sla.availability_objective
            target = f" SET s.target = {objective.target}" if objective else ""
            lines.append(
                f"MATCH (c:Contract {{id: {literal(contract.id)}}}), "
                f"(v:Service {{id: {literal(sla.service)}}}) "
                f"MERGE (s:SLA {{id: {literal(sla.id)}}}){target} "
                "MERGE (c)-[:HOLDS]->(s) MERGE (s)-[:COVERS]->(v);"
            )
    for start, end, properties in graph.edges(data=True):
        if properties["type"] == "COVERS":
            continue
        ends = [(_LABELS[n.partition(":")[0]], literal(n.partition(":")[2])) for n in (start, end)]
        extra = ", ".join(f"{k}: {v}" for k, v in properties.items() if k != "type")
        shown = f" {{{extra}}}" if extra else ""
        lines.append(
            f"MATCH (a:{ends[0][0]} {{id: {ends[0][1]}}}), (b:{ends[1][0]} {{id: {ends[1][1]}}}) "
            f"MERGE (a)-[:{properties['type']}{shown}]->(b);"
        )
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    r"""Text as a Cypher string that nothing can leave.

    >>> literal("it's")
    "'it\\'s'"
    """
    signs = []
    for sign in text:
        if sign in "'\\":
            signs.append(f"\\{sign}")
        elif sign.isprintable():
            signs.append(sign)
        else:
            # Characters beyond the basic plane are escaped as two halves, as Cypher reads them.
            pairs = sign.encode("utf-16-be").hex()
            signs += [f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4)]
    return f"'{''.join(signs)}'"
