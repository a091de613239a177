"""A lint over the Cypher: only what both servers take the same way (see `docs/decisions/`)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from cypher.statements_text import named_queries, named_query
from depgraph.errors import StoreError

FILES = sorted(
    (item for folder in ("statements", "queries") for item in (files("cypher") / folder).iterdir()),
    key=lambda item: item.name,
)
FORBIDDEN = {
    r"\$\(": "labels or types from values",
    r"\bshortestPath\(|\bSHORTEST\s+\d": "shortest paths",
    r"(?i)\bCALL\s+db\.": "procedures of one server",
    r"(?i)\belementId\b|\bid\(": "internal ids",
    r"(?i)\bLOAD\s+CSV\b": "files of the server",
    r"(?i)^\s*CYPHER\b": "a version prefix",
    r"(?i)\bIN\s+TRANSACTIONS\b": "transactions of its own",
}


def test_there_are_at_least_twelve_queries() -> None:
    assert len(named_queries()) >= 12


@pytest.mark.parametrize("file", FILES, ids=lambda item: item.name)
def test_only_the_common_subset_is_used(file: object) -> None:
    text = file.read_text(encoding="utf-8")  # type: ignore[attr-defined]  # a Traversable

    assert text.startswith("// ")
    for pattern, what in FORBIDDEN.items():
        assert not re.search(pattern, text, re.MULTILINE), what


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_projections_use_fresh_names_before_they_are_ordered(name: str) -> None:
    text = named_query(name).text
    for alias in re.findall(r"\bAS (\w+)", text):
        # An argument of a function, such as collect(x), is a use of the name, not a new variable.
        assert not re.search(rf"(?<!\w)[(\[]{alias}[:)\]]", text), f"{alias} is also a variable"


def test_only_managed_transactions_run_in_the_package() -> None:
    for item in files("cypher").iterdir():
        if item.name.endswith(".py"):
            text = item.read_text(encoding="utf-8")
            assert "session.run(" not in text
            assert not re.search(r"\.run\(\s*f[\"']", text)


def test_an_unknown_query_names_the_known_ones() -> None:
    with pytest.raises(StoreError, match="blast_radius"):
        named_query("nothing")
