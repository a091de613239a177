"""Which records of two sources may be one thing: by identifier, then by name, for a person to say.

Nothing is merged by likeness alone: pairs go to a review list whose decisions are remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz import fuzz

_FORMS = """ab ag aps as asa bv co company corp corporation dac eood gmbh inc incorporated kft kg
limited llc llp lp ltd mbh nv oy oyj plc pte pty sa sarl sas se sl slu spa srl sro zrt"""
LEGAL_FORMS = frozenset(_FORMS.split())
"""Words that say what sort of company it is, as in the package cleanco."""
LEAST_SCORE = 90.0
"""Likeness of names, in 0 to 100, from which a pair that shares a word is worth a look."""
Decision = Literal["accept", "reject", ""]


@dataclass(frozen=True)
class Pair:
    """Two records that may be one."""

    kind: str
    """List of the estate."""
    keep: str
    """Id that stays when accepted."""
    other: str
    """Id that is replaced when accepted."""
    score: float
    """Likeness, 0 to 100; 100 for an equal identifier."""
    why: str
    """What is alike."""
    decision: Decision = ""
    """Empty until a person writes accept or reject."""


def normalised_name(name: str) -> str:
    """Name without legal forms, marks and case.

    >>> normalised_name("CloudCo EMEA S.à r.l.") == normalised_name("CLOUDCO EMEA Sarl")
    True
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"\.(?=\s|$|[a-z]\b)", "", plain)).split()
    text = re.sub(r"\bsa rl$", "sarl", " ".join(words))
    kept = text.split()
    while len(kept) > 1 and kept[-1] in LEGAL_FORMS:
        kept.pop()
    return " ".join(kept) or unicodedata.normalize("NFKC", name).casefold().strip()


def candidate_pairs(
    held: Mapping[str, Mapping[str, Any]], fresh: Mapping[str, Mapping[str, Any]]
) -> list[Pair]:
    """Organizations of a source that may be ones we hold under another id.

    Parameters
    ----------
    held, fresh : mapping
        Organizations by id: those of the estate, and those just read.
    """
    if not held or not fresh:
        return []
    pairs: dict[tuple[str, str], Pair] = {}
    for field in ("lei", "domain"):
        by_value = {r[field].lower(): i for i, r in held.items() if r.get(field)}
        for other, record in fresh.items():
            keep = by_value.get(str(record.get(field) or "").lower())
            if keep and keep != other and other not in held:
                why = f"same {field} {record[field]}"
                pairs.setdefault((keep, other), Pair("organizations", keep, other, 100.0, why))
    names = {i: normalised_name(str(r.get("name") or i)) for i, r in held.items()}
    by_word: dict[str, set[str]] = {}
    for keep, name in names.items():
        for word in name.split():
            by_word.setdefault(word, set()).add(keep)
    for other, record in fresh.items():
        if other in held:
            continue
        name = normalised_name(str(record.get("name") or other))
        near = set().union(*(by_word.get(word, ()) for word in name.split()))
        for keep, score in _alike(name, {keep: names[keep] for keep in sorted(near)}):
            pair = Pair("organizations", keep, other, round(score, 1), "like names")
            pairs.setdefault((keep, other), pair)
    return list(pairs.values())


def _alike(name: str, names: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Ids whose names are like one, with the score; the order of words does not matter."""
    for keep, other in names.items():
        score = fuzz.token_sort_ratio(name, other, score_cutoff=LEAST_SCORE)
        if score:
            yield keep, score
