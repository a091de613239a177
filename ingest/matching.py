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
COMMON = 200
"""Most records that a word may name and still be looked up."""
EQUAL = 100.0
"""Score of equal names."""
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
    held: Mapping[str, Mapping[str, Any]],
    fresh: Mapping[str, Mapping[str, Any]],
    kind: str = "organizations",
) -> list[Pair]:
    """Records of a source that may be ones we hold under another id.

    Parameters
    ----------
    held, fresh : mapping
        Records by id: those of the estate, and those just read.
    kind : {"organizations", "services", "contracts"}
        List of the estate. Services of different providers, and contracts of different parties,
        are looked at only where their names are equal.

    Examples
    --------
    >>> held, fresh = {"a": {"name": "Mail"}}, {"b": {"name": "mail"}, "c": {"name": "Shop"}}
    >>> [(pair.keep, pair.other) for pair in candidate_pairs(held, fresh, "services")]
    [('a', 'b')]
    """
    new = {other: record for other, record in fresh.items() if other not in held}
    if not held or not new:
        return []
    pairs = {(pair.keep, pair.other): pair for pair in _by_identifier(held, new, kind)}
    names = {i: normalised_name(str(r.get("name") or i)) for i, r in held.items()}
    by_word: dict[str, list[str]] = {}
    for keep in sorted(names):
        for word in set(names[keep].split()):
            by_word.setdefault(word, []).append(keep)
    for other, record in new.items():
        name = normalised_name(str(record.get("name") or other))
        lists = [by_word.get(word, []) for word in name.split()]
        # A word that many share says nothing; the rarest is looked at in any case.
        rarest = min((len(found) for found in lists if found), default=0)
        near = sorted(
            {i for found in lists if len(found) <= max(COMMON, rarest) for i in found[:COMMON]}
        )
        for keep, score in _alike(name, {keep: names[keep] for keep in near}):
            if kind == "organizations" or _may_be_one(kind, held[keep], record, score):
                pair = Pair(kind, keep, other, round(score, 1), "like names")
                pairs.setdefault((keep, other), pair)
    return list(pairs.values())


def _by_identifier(
    held: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]], kind: str
) -> Iterator[Pair]:
    """Pairs with an equal LEI, EUID, VAT or other number, or an equal domain."""
    by_value = {value: keep for keep, record in held.items() for value in _identifiers(record)}
    for other, record in new.items():
        for field, value in _identifiers(record):
            keep = by_value.get((field, value))
            if keep:
                yield Pair(kind, keep, other, 100.0, f"same {field} {value}")
                break


def _identifiers(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What identifies a record in every source, the surest first: kind and value."""
    given = [("lei", record.get("lei"))]
    given += [(str(entry.get("kind", "")).lower(), entry.get("value"))
              for entry in record.get("identifiers", ()) if isinstance(entry, Mapping)]  # fmt: skip
    for field, value in given:
        if value and field:
            yield field, re.sub(r"[\s.-]", "", str(value)).upper()
    if record.get("domain"):
        yield "domain", str(record["domain"]).lower().removeprefix("www.")


def _may_be_one(kind: str, held: Mapping[str, Any], fresh: Mapping[str, Any], score: float) -> bool:
    """Whether two services or contracts may be one: parties alike, numbers in the names equal."""
    parties = ("provider",) if kind == "services" else ("supplier", "customer")
    differ = any(
        held.get(party) and fresh.get(party) and held[party] != fresh[party] for party in parties
    )
    digits = [re.findall(r"\d+", str(r.get("name") or r.get("id") or "")) for r in (held, fresh)]
    return digits[0] == digits[1] and (score == EQUAL or not differ)


def _alike(name: str, names: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Ids whose names are like one, with the score; the order of words does not matter."""
    for keep, other in names.items():
        score = fuzz.token_sort_ratio(name, other, score_cutoff=LEAST_SCORE)
        if score:
            yield keep, score
