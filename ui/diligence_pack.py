"""The diligence pack: every statement with what it rests on (rules D1 to D3, L12, A5)."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from depgraph.engine.concentration import Concentration
from depgraph.engine.data_quality import ResultQuality
from depgraph.engine.diligence import Diligence, total_value
from depgraph.engine.nth_parties import NthParty
from depgraph.engine.vendor_assessments import HARD
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import counted, share_text
from ui.document import Document, Evidence, Section, Statement

_LEVELS = {"high": "bad", "moderate": "warn", "low": "good", "undecided": "warn"}
_STATUS = {"present": "good", "absent": "bad", "unknown": "warn"}
_LISTS = {
    "contract": "contracts",
    "service": "services",
    "function": "services",
    "location": "locations",
    "incident": "incidents",
}


def diligence_pack(estate: Estate, answer: Diligence) -> Document:
    """The pack of an estate, or of one supplier."""
    sections = (
        _summary(answer),
        _parties(answer),
        _paths(answer),
        _concentration(answer),
        _points(answer),
        _assessments(answer),
        _vendors(answer),
        _terms(answer),
        _quality(answer),
        _sources(answer),
    )
    named = {each.record for s in sections for row in s.statements for each in row.evidence}
    about = estate.name or "Estate without a name"
    if answer.organization:
        about = f"{answer.organization} – {about}"
    return Document(
        title="Due diligence of suppliers",
        subtitle=f"{about}; contracts in force on {answer.as_of.isoformat()}",
        introduction=(
            f"From the standpoint of {', '.join(answer.nth_parties.standpoint)}.",
            "Each statement opens to what it rests on; unknown is never taken as good.",
        ),
        sections=sections,
        records=_records(estate, named),
    )


def _records(estate: Estate, named: Iterable[str]) -> dict[str, str]:
    """Records that evidence names, written as in estate files."""
    found = {}
    for name in sorted(filter(None, named)):
        kind, _, identifier = name.partition("/")
        record = getattr(estate, kind[:-1]).get(identifier) if kind in _MAPPED else None
        if kind == "incidents":
            record = next((i for i in estate.incidents if i.id == identifier), None)
        if isinstance(record, Record):
            data = record.model_dump(mode="json", exclude_defaults=True, by_alias=True)
            found[name] = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return found


_MAPPED = frozenset({"organizations", "locations", "services", "functions", "contracts"})


def _summary(answer: Diligence) -> Section:
    """The few statements to read first."""
    parties = answer.nth_parties
    ranks = ", ".join(
        f"{count} of rank {rank}" for rank, count in sorted(parties.by_rank().items())
    )
    undisclosed = counted(len(parties.undisclosed), "organization is", "organizations are")
    rows = [
        Statement(
            (f"We rest on {counted(len(parties.parties), 'organization')}: {ranks}.",),
            tuple(Evidence(f"rank {p.rank}", f"organizations/{p.organization}")
                  for p in parties.parties),
        ),
        Statement(
            (f"{undisclosed} in no contract on record.",),
            tuple(Evidence("found otherwise", f"organizations/{name}")
                  for name in parties.undisclosed),
            "bad" if parties.undisclosed else "good",
        ),
    ]  # fmt: skip
    rows += [
        Statement((_index_text(row),), _holders(row), "bad")
        for row in answer.concentrations
        if row.level == "high"
    ]
    if answer.dominators and (share := answer.dominators[0].critical_share):
        point = answer.dominators[0]
        said = f"{share_text(share)} of critical functions must pass through"
        rows.append(
            Statement(
                (f"{said} {point.kind} {point.id}.",),
                tuple(Evidence("is down with it", f"functions/{name}")
                      for name in point.must_pass_critical),
                "bad",
            )
        )  # fmt: skip
    gaps = [(vendor, gap) for vendor in answer.vendors for gap in vendor.gaps if gap.critical]
    concern = counted(len(gaps), "gap concerns", "gaps concern")
    rows.append(
        Statement(
            (f"{concern} suppliers of critical functions.",),
            tuple(Evidence(gap.message, f"organizations/{vendor.organization}")
                  for vendor, gap in gaps),
            "bad" if gaps else "good",
        )
    )  # fmt: skip
    return Section("In short", ("statement",), tuple(rows))


def _index_text(row: Concentration) -> str:
    unit = f" in {row.currency}" if row.currency else ""
    what = f"{row.dimension.replace('_', ' ')}, weighted by {row.weight}{unit}"
    return f"Concentration by {what}: {index_text(row)}, {row.level}."


def index_text(row: Concentration) -> str:
    """The index with its effective number, or its bracket."""
    if row.hhi is not None:
        return f"HHI {row.hhi:.4f}, like {row.effective_number:.2f} equal ones"
    silent = f", fees of {len(row.unpriced)} not stated" if row.unpriced else ""
    unknown = share_text(row.unknown_share, 1)
    return f"HHI {row.hhi_low:.4f} to {row.hhi_high:.4f}, {unknown} unknown{silent}"


def _holders(row: Concentration) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(f"{holder.id} {share_text(holder.share, 1)}: {'; '.join(holder.exposures)}")
        for holder in row.holders
    )


def _parties(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                str(p.rank),
                p.organization,
                p.name,
                p.country or "unknown",
                "by contract" if p.disclosed else "NO – found otherwise",
                _count(p),
                p.only_through or "",
                ", ".join(p.critical_functions),
            ),
            _evidence(p),
            "" if p.disclosed else "bad",
        )
        for p in answer.nth_parties.parties
    )
    columns = (
        "rank", "organization", "name", "country", "disclosed", "ways", "only through",
        "critical functions",
    )  # fmt: skip
    text = "Rank 1 is a direct supplier. A way runs through organizations, none twice."
    left_out = answer.nth_parties.contracts_not_in_force
    if left_out:
        text += f" Not in force and left out: {', '.join(left_out)}."
    return Section("Suppliers and theirs", columns, rows, text)


def _count(party: NthParty) -> str:
    return f"{party.paths_count}" if party.paths_count_exact else f"at least {party.paths_count}"


def _evidence(party: NthParty) -> tuple[Evidence, ...]:
    """Evidence of a party, with links to the records."""
    found = []
    for each in party.evidence:
        record = f"{_LISTS[each.kind]}/{each.id}" if each.kind in _LISTS else ""
        text = f"{each.kind} {each.note}".strip() if record else f"import {each.id}: {each.note}"
        found.append(Evidence(text, record))
    return (*found, Evidence("organization", f"organizations/{party.organization}"))


def _paths(answer: Diligence) -> Section:
    rows = []
    for party in answer.nth_parties.parties:
        if party.rank == 1 and party.paths_count == 1:
            continue
        for path in party.paths:
            grounds = tuple(
                Evidence(f"{link.kind}, {link.consumer}", f"{_LISTS[link.kind]}/{link.id}")
                for step in path.links
                for link in step
            )
            shown = " → ".join(("us", *path.organizations))
            rows.append(
                Statement((party.organization, str(len(path.organizations)), shown), grounds)
            )
    text = "The shortest ways first; where there are more than listed, the count above is of all."
    return Section("Every way", ("to", "links", "way"), tuple(rows), text)


def _concentration(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                row.dimension.replace("_", " "),
                f"{row.weight} {row.currency}".strip(),
                f"{row.hhi_low:.4f}",
                f"{row.hhi_high:.4f}",
                "" if row.hhi is None else f"{row.effective_number:.2f}",
                share_text(row.unknown_share, 1) if row.hhi is None else "",
                row.level,
                ", ".join(f"{h.id} {share_text(h.share, 1)}" for h in row.holders[:5]),
                ", ".join((*row.unknown, *(f"fee of {name}" for name in row.unpriced))),
            ),
            _holders(row),
            _LEVELS[row.level],
        )
        for row in answer.concentrations
    )
    limits = answer.thresholds
    text = (
        f"Moderate from {limits.moderate:g}, high above {limits.high:g}, or when one alone holds"
        f" more than {share_text(limits.largest_share)}. Where part of the weight is unknown, the"
        " index is a bracket."
    )
    columns = (
        "of", "weighted by", "HHI at least", "HHI at most", "like so many equal ones",
        "share unknown", "level", "largest", "what is unknown",
    )  # fmt: skip
    return Section("Concentration", columns, rows, text)


def _points(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                d.kind,
                d.id,
                "" if d.critical_share is None else share_text(d.critical_share),
                ", ".join(d.must_pass_critical),
                ", ".join(name for name in d.rests_on if name not in d.must_pass),
                str(len(d.services_down)),
                str(len(d.gate_of)),
            ),
            (
                *(Evidence("down with it", f"services/{name}") for name in d.services_down),
                *(Evidence(f"reached only through it: {name}") for name in d.gate_of),
            ),
            "bad" if d.must_pass_critical else "",
        )
        for d in answer.dominators
        if d.must_pass or d.gate_of
    )
    columns = (
        "kind", "id", "critical functions that must pass", "which", "others that rest on it",
        "services down", "only through it",
    )  # fmt: skip
    text = (
        "Must pass: down when it alone fails, redundancy respected (minimal cut set of order 1)."
        " Only through it: every path runs through it, redundancy not asked about (dominator)."
    )
    return Section("What all must pass through", columns, rows, text)


def _assessments(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                vendor.organization, row.contract, row.service_type or "",
                row.substitutability or "unknown", row.obstacle or "",
                {True: "yes", False: "no", None: "unknown"}[row.exit_plan],
                str(row.last_audit or "unknown"), row.reintegration or "unknown",
                row.alternatives_identified or "unknown", row.alternatives,
                row.impact or "unknown",
            ),
            (
                Evidence("supplier", f"organizations/{vendor.organization}"),
                Evidence("assessed in", f"contracts/{row.contract}"),
            ),
            "warn" if row.substitutability in HARD or row.exit_plan is False else "",
        )
        for vendor in answer.vendors
        for row in vendor.assessments
    )  # fmt: skip
    columns = ("supplier", "contract", "service", "substitutability", "reason", "exit plan",
               "last audit", "reintegration", "alternatives", "which", "impact")  # fmt: skip
    text = "As in template B_07.01 of the register of information under DORA (rule D3)."
    return Section("Substitution, exit, audit", columns, rows, text)


def _vendors(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                vendor.organization, gap.code, gap.message, gap.record,
                total_value(vendor.annual_value), ", ".join(vendor.alternatives),
            ),
            (
                Evidence("supplier", f"organizations/{vendor.organization}"),
                *(Evidence("contract", f"contracts/{name}") for name in vendor.contracts),
                *(Evidence("rests on it", f"functions/{f}") for f in vendor.critical_functions),
            ),
            "bad" if gap.critical else "warn",
        )
        for vendor in answer.vendors
        for gap in vendor.gaps
    )  # fmt: skip
    columns = (
        "supplier", "gap", "what is missing", "where to write it", "value a year", "alternatives"
    )  # fmt: skip
    return Section("Gaps in substitution, exit, audit", columns, rows)


def _terms(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (
                contract.contract, contract.supplier, f"{row.regulation} {row.article}",
                row.in_words, row.requirement.replace("_", " "), row.status,
                f"{row.note}{f' ({row.clause})' if row.clause else ''}",
            ),
            (
                Evidence("contract", f"contracts/{contract.contract}"),
                *(Evidence(proof) for proof in row.proof),
            ),
            _STATUS[row.status] if row.requirement == "required" else "",
        )
        for contract in answer.contracts
        for row in contract.rows
        if row.requirement != "not_required"
    )  # fmt: skip
    columns = ("contract", "supplier", "article", "asks for", "needed", "status", "what was found")
    text = "Which of these laws apply to you is yours to say; unknown means that nobody has looked."
    return Section("Contract terms against the law", columns, rows, text)


def _quality(answer: Diligence) -> Section:
    rows = tuple(_quality_row(row) for row in answer.quality.results if row.width or row.score < 1)
    columns = ("result", "of", "score", "width", "rests on missing", "what would help most")
    return Section("What the results rest on", columns, rows, "The worst first (rule A5).")


def _quality_row(row: ResultQuality) -> Statement:
    fact = row.best_fact
    return Statement(
        (
            row.kind,
            row.subject,
            share_text(row.score),
            f"{row.width:.4g}",
            ", ".join(row.missing),
            str(fact or ""),
        ),
        tuple(
            Evidence(f"{what}: {name}")
            for what, names in (("default", row.defaulted), ("inferred", row.inferred),
                                ("promise", row.promised))
            for name in names
        ),
        "warn",
    )  # fmt: skip


def _sources(answer: Diligence) -> Section:
    rows = tuple(
        Statement(
            (row.source, str(row.values), str(row.given), str(row.inferred), str(row.defaulted),
             share_text(row.score))
        )
        for row in answer.quality.sources
    )  # fmt: skip
    return Section("Sources", ("source", "values", "given", "inferred", "defaulted", "score"), rows)
