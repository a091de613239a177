"""What a graph address looks like; the driver is not needed to tell."""

from __future__ import annotations

from depgraph.errors import StoreError

SCHEMES = ("bolt://", "bolt+s://", "bolt+ssc://", "neo4j://", "neo4j+s://", "neo4j+ssc://")


def is_graph_address(text: str) -> bool:
    """Whether a text names a graph database: ``local``, or an address with a scheme."""
    return text == "local" or text.startswith(SCHEMES)


def require_graph_address(text: str) -> str:
    """The address, if it is one that can be connected to.

    Raises
    ------
    StoreError
        If it is none, or holds a password, which would stand in logs and histories.
    """
    if not is_graph_address(text):
        raise StoreError(
            f"{text!r} is not a graph address: write local, bolt://HOST:7687 or neo4j+s://HOST"
        )
    scheme, _, rest = text.partition("://")
    if "@" in rest:
        host = rest.rpartition("@")[2]
        raise StoreError(
            f"leave user and password out of the address ({scheme}://{host}): set NEO4J_USERNAME "
            "and NEO4J_PASSWORD in the environment"
        )
    return text
