"""The `.cypher` files: statements that the store runs, and queries for people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from depgraph.errors import StoreError


@dataclass(frozen=True)
class NamedQuery:
    """One documented query."""

    name: str
    """Name, as in `depgraph graph query NAME`."""
    purpose: str
    """What it answers, in one line."""
    parameters: tuple[str, ...]
    """Parameters that it needs, apart from the estate."""
    help: str
    """What the parameters mean."""
    text: str
    """The Cypher."""


@cache
def statement(name: str) -> str:
    """Text of a statement that the store runs."""
    text = (files("cypher") / "statements" / f"{name}.cypher").read_text(encoding="utf-8")
    return _without_comments(text)


def schema_statements() -> list[str]:
    """Constraints and indexes, one statement each."""
    return [part.strip() for part in statement("schema").split(";") if part.strip()]


@cache
def named_queries() -> dict[str, NamedQuery]:
    """Every documented query by name."""
    found = {}
    for file in sorted((files("cypher") / "queries").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".cypher"):
            continue
        name = file.name.removesuffix(".cypher")
        first, second, *_ = file.read_text(encoding="utf-8").splitlines()
        described = second.removeprefix("// Parameters: ")
        words = [part.split(":")[0].strip() for part in described.split(";")]
        found[name] = NamedQuery(
            name=name,
            purpose=first.removeprefix("// "),
            parameters=tuple(word.removeprefix("$") for word in words if word.startswith("$")),
            help=described,
            text=_without_comments(file.read_text(encoding="utf-8")),
        )
    return found


def named_query(name: str) -> NamedQuery:
    """One documented query.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    try:
        return named_queries()[name]
    except KeyError:
        known = ", ".join(named_queries())
        raise StoreError(f"no query is called {name!r}; there are: {known}") from None


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("//")).strip()
