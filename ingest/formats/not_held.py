"""What an export leaves out, as its format has no place for it."""

from __future__ import annotations

from depgraph.model.estate import Estate
from depgraph.wording import counted

_GRAPH = frozenset({"organizations", "locations", "services", "functions", "contracts", "slas"})
_HOLDS = {
    "cyclonedx": ("services with providers, figures and needs", {"organizations", "services"}),
    "openslo": ("ids of services and availability targets", {"services", "slas"}),
    "mermaid": ("a picture of services and places", {"locations", "services"}),
    **dict.fromkeys(
        ("dot", "gexf", "graphml", "json-graph"), ("what is joined to what, no terms", _GRAPH)
    ),
}
"""What formats hold that do not hold a whole estate: in words, and the lists that it is of."""
_WORDS = {
    "organizations": "organization",
    "locations": "place",
    "services": "service",
    "functions": "business function",
    "contracts": "contract",
    "slas": "service level",
    "incidents": "incident",
    "measurements": "measurement",
    "claims": "claim",
    "conversions": "exchange rate",
}


def not_held(format_name: str, estate: Estate) -> str:
    """A sentence on what a format holds of an estate, and what not; empty where it holds all.

    Parameters
    ----------
    format_name : str
        As in `export`.
    estate : Estate
        What was exported.
    """
    if format_name not in _HOLDS:
        return ""
    what, lists = _HOLDS[format_name]
    sizes = {
        name: len(estate.sla) if name == "slas" else len(getattr(estate, name)) for name in _WORDS
    }
    missing = [
        counted(size, _WORDS[name]) for name, size in sizes.items() if size and name not in lists
    ]
    left = f"; left out: {', '.join(missing)}" if missing else ""
    return f"{format_name} holds {what}{left}"
