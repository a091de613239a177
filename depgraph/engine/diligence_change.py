"""Two suppliers side by side, and our suppliers before → after taking one on (rules D2, W3)."""

from __future__ import annotations

from depgraph.engine.comparison import Comparison, compared
from depgraph.engine.concentration import Concentration, Level
from depgraph.engine.diligence import Diligence, DiligenceOptions, diligence
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import share_text


class ConcentrationChange(Record):
    """One index before and after."""

    dimension: str
    """What the shares are of."""
    weight: str
    """What they are weighted by."""
    currency: str
    """Currency of the fees; empty for other weights."""
    before_low: float | None
    """Index before, at least [1]; None when there was none."""
    before_high: float | None
    """Index before, at most [1]."""
    after_low: float | None
    """Index after, at least [1]; None when there is none."""
    after_high: float | None
    """Index after, at most [1]."""
    before_level: Level | None
    """Level before."""
    after_level: Level | None
    """Level after."""


class DiligenceChange(Record):
    """What a change does to our suppliers."""

    parties_added: tuple[str, ...]
    """Parties that come, direct or further down."""
    parties_removed: tuple[str, ...]
    """Parties that go."""
    undisclosed_added: tuple[str, ...]
    """Parties that come and that no contract shows."""
    ranks_changed: dict[str, tuple[int, int]]
    """Parties that come nearer or go further: rank before and after."""
    concentrations: tuple[ConcentrationChange, ...]
    """Every index, those that rise most first."""
    critical_shares: dict[str, tuple[float, float]]
    """Share of critical functions that must pass through a thing, where it changes, as
    ``kind:id``: before and after [1]."""
    availability: Comparison
    """Availability, single points of failure and promises."""
    before: Diligence
    """Everything before."""
    after: Diligence
    """Everything after."""


def diligence_change(
    before: Estate, after: Estate, options: DiligenceOptions | None = None
) -> DiligenceChange:
    """Compare our suppliers before and after a change, such as taking one on.

    Parameters
    ----------
    before, after : Estate
        The two estates.
    options : DiligenceOptions, optional
        What to look at; the same for both.
    """
    old, new = (diligence(structure_of(estate), options) for estate in (before, after))
    ranks = [{p.organization: p.rank for p in answer.nth_parties.parties} for answer in (old, new)]
    was, becomes = ranks
    added = tuple(name for name in becomes if name not in was)
    shares = [
        {f"{d.kind}:{d.id}": d.critical_share or 0.0 for d in answer.dominators}
        for answer in (old, new)
    ]
    points = dict.fromkeys([*shares[0], *shares[1]])
    pairs = {p: (shares[0].get(p, 0.0), shares[1].get(p, 0.0)) for p in points}
    return DiligenceChange(
        parties_added=added,
        parties_removed=tuple(name for name in was if name not in becomes),
        undisclosed_added=tuple(n for n in new.nth_parties.undisclosed if n in added),
        ranks_changed={
            name: (was[name], becomes[name])
            for name in was
            if name in becomes and was[name] != becomes[name]
        },
        concentrations=_index_changes(old, new),
        critical_shares={p: pair for p, pair in pairs.items() if pair[0] != pair[1]},
        availability=compared(before, after),
        before=old,
        after=new,
    )


def _index_changes(old: Diligence, new: Diligence) -> tuple[ConcentrationChange, ...]:
    """Indexes of both, those that rise most first."""
    found: dict[tuple[str, str, str], list[Concentration | None]] = {}
    for place, answer in enumerate((old, new)):
        for row in answer.concentrations:
            key = (row.dimension, row.weight, row.currency)
            found.setdefault(key, [None, None])[place] = row
    rows = [
        ConcentrationChange(
            dimension=key[0],
            weight=key[1],
            currency=key[2],
            before_low=a.hhi_low if a else None,
            before_high=a.hhi_high if a else None,
            after_low=b.hhi_low if b else None,
            after_high=b.hhi_high if b else None,
            before_level=a.level if a else None,
            after_level=b.level if b else None,
        )
        for key, (a, b) in found.items()
    ]
    rows.sort(key=lambda row: (row.before_low or 0.0) - (row.after_low or 0.0))
    return tuple(rows)


class VendorComparison(Record):
    """Two suppliers, fact by fact."""

    organizations: tuple[str, str]
    """The two."""
    facts: tuple[tuple[str, str, str], ...]
    """What is compared, then the fact of each."""


def vendors_compared(answer: Diligence, one: str, other: str) -> VendorComparison:
    """Put two suppliers side by side.

    Raises
    ------
    DomainError
        If one of them is no supplier of ours.
    """
    columns = [_facts(answer, name) for name in (one, other)]
    rows = tuple((what, value, columns[1][what]) for what, value in columns[0].items())
    return VendorComparison(organizations=(one, other), facts=rows)


def _facts(answer: Diligence, name: str) -> dict[str, str]:
    """Facts of one supplier, as text."""
    party = next((p for p in answer.nth_parties.parties if p.organization == name), None)
    if party is None:
        raise DomainError(f"{name!r} is no supplier of ours, direct or further down")
    vendor = next((v for v in answer.vendors if v.organization == name), None)
    point = next((d for d in answer.dominators if (d.kind, d.id) == ("organization", name)), None)
    facts = {
        "rank": str(party.rank),
        "disclosed": "yes" if party.disclosed else "NO",
        "country": party.country or "unknown",
        "ultimate owner": party.ultimate_owner,
        "ways from us to it": str(party.paths_count),
        "services we rest on": ", ".join(party.services) or "none",
        "critical functions that rest on it": ", ".join(party.critical_functions) or "none",
        "critical functions that must pass through it": (
            ", ".join(point.must_pass_critical) or "none" if point else "none"
        ),
    }
    for row in answer.concentrations:
        if row.dimension in {"vendor", "nth_party"}:
            share = next((h.share for h in row.holders if h.id == name), 0.0)
            facts[f"share as {row.dimension} by {row.weight} {row.currency}".strip()] = share_text(
                share, 1
            )
    facts["contracts in force"] = ", ".join(vendor.contracts) or "none" if vendor else "none"
    facts["alternatives"] = ", ".join(vendor.alternatives) or "none" if vendor else "none"
    facts["its own suppliers"] = ", ".join(vendor.suppliers) or "none known" if vendor else "–"
    facts["clauses required / present / absent / unknown"] = (
        f"{vendor.terms_required} / {vendor.terms_present} / {vendor.terms_absent}"
        f" / {vendor.terms_unknown}"
        if vendor
        else "–"
    )
    facts["assessments"] = (
        "; ".join(row.in_words for row in vendor.assessments) or "none" if vendor else "–"
    )
    facts["gaps"] = ", ".join(sorted({g.code for g in vendor.gaps})) or "none" if vendor else "–"
    return facts
