"""Ids that people cannot tell apart: other Unicode forms, invisible characters, other case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator


def seen_as(name: str) -> str:
    r"""What an id looks like: in composed form, without invisible characters.

    >>> seen_as("cafe\u0301") == seen_as("caf\u00e9") == seen_as("caf\u00e9\u200b")
    True
    """
    if name.isascii():
        return name
    composed = unicodedata.normalize("NFC", name)
    return "".join(c for c in composed if unicodedata.category(c) != "Cf")


def in_any_case(name: str) -> str:
    """An id without its capitals.

    >>> in_any_case("Pay-A") == in_any_case("PAY-a")
    True
    """
    return seen_as(name).casefold()


def alike_in_case(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of ids that differ in nothing but capitals: each with the first one like it."""
    first: dict[str, str] = {}
    for name in names:
        earlier = first.setdefault(in_any_case(name), name)
        if earlier != name:
            yield earlier, name
