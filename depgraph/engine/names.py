"""Recognising providers and places by their names, however a source writes them (rule W1).

Names are compared by their words, without case, punctuation, legal forms and countries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from depgraph.model.preset import KnownProvider

_FORMS = frozenset({
    "inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "plc", "gmbh",
    "ag", "sarl", "sas", "sa", "bv", "nv", "ab", "oy", "as", "srl", "group", "holding",
    "holdings", "operations", "services", "international", "emea", "europe", "eu", "uk", "usa",
    "us", "ireland", "luxembourg", "deutschland", "germany", "france", "netherlands",
})  # fmt: skip
"""Words that tell companies of one group apart and nothing else."""


def names_place(text: str, region: str) -> bool:
    """Whether a text names a region, or a zone written as the region and a letter.

    Examples
    --------
    >>> names_place("AWS us-east-1a", "us-east-1"), names_place("us-east-10", "us-east-1")
    (True, False)
    """
    words, wanted = words_of(text), words_of(region)
    if holds(words, wanted):
        return True
    zone = bool(words) and re.fullmatch(r"\d+[a-z]", words[-1]) is not None
    return zone and holds((*words[:-1], words[-1][:-1]), wanted)


def is_provider(provider: KnownProvider, names: Sequence[str], domain: str) -> bool:
    """Whether an organization is a provider, by one of its names or by its domain.

    Parameters
    ----------
    provider : KnownProvider
        The provider, with other names and domains.
    names : sequence of str
        Id, name and aliases of the organization.
    domain : str
        Its internet domain; empty when unknown.
    """
    known = {_core(name) for name in (provider.id, provider.name, *provider.aliases)}
    if any(_core(name) in known for name in names if name):
        return True
    host = domain.casefold().strip().rstrip(".")
    return any(host == d or host.endswith(f".{d}") for d in provider.domains)


def words_of(text: str) -> tuple[str, ...]:
    """Words of a text without case and punctuation.

    Examples
    --------
    >>> words_of("AWS us_east-1")
    ('aws', 'us', 'east', '1')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return tuple(re.findall(r"[^\W_]+", plain))


def _core(name: str) -> str:
    """Name without legal forms and countries; all of it where nothing else is there."""
    words = words_of(name)
    # "Amazon Web Services" keeps its last word: forms are dropped behind a name only.
    kept = list(words)
    while len(kept) > 1 and kept[-1] in _FORMS:
        kept.pop()
    return "".join(kept)


def holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted words stand in the others, one after another."""
    count = len(wanted)
    return count > 0 and any(
        tuple(words[at : at + count]) == tuple(wanted) for at in range(len(words) - count + 1)
    )
