"""Datadog SLOs and corrections: targets in percent; the service stands in a tag alone.

A correction of planned work becomes an exclusion window of its SLO, of the same file or of one
imported before. Times are those of UTC; a recurring correction in another zone is left out, since
its hours would shift.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.ical_rules import ONCE, with_time
from ingest.formats.promises import Terms, add_promise, is_latency, slice_minutes
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, Origin

Held = dict[str, dict[str, tuple[str, str]]]
"""SLO → service level → contract and service."""
_HOLDERS = ("data", "slos", "corrections", "slo")
_PLANNED = {"scheduled maintenance", "deployment"}


def read_datadog(path: Path, draft: Draft) -> None:
    """Read SLOs and corrections, from one file or a list of answers.

    Raises
    ------
    RegisterError
        If the file holds neither.
    """
    tops = opened_trees(path, draft)
    entries: list[Cursor] = []
    for top in tops:
        found = [top] if "thresholds" in top or "slo_id" in top else []
        for key in _HOLDERS:
            found += top.items(key)
        if not found and not any(key in top for key in _HOLDERS):
            raise wrong_format(path, "there are neither SLOs nor corrections")
        for entry in found:
            entries += _opened(entry)
    corrections = [e for e in entries if e.text("type") == "correction" or "slo_id" in e]
    held = _held(draft)
    for entry in entries:
        if not any(entry.node is other.node for other in corrections):
            _take_slo(entry, draft, held)
    for correction in corrections:
        _take_correction(correction, draft, held)
    for top in tops:
        top.tree.account()


def _held(draft: Draft) -> Held:
    """Service levels of SLOs that were imported before, so that corrections find them."""
    found: Held = {}
    for identifier, (contract, service) in draft.held_slas.items():
        match = re.fullmatch(rf"{re.escape(contract)}-(.+)-[^-]+", identifier)
        if match and contract.startswith("objectives-datadog"):
            found.setdefault(match[1], {})[identifier] = (contract, service)
    return found


def _opened(entry: Cursor) -> list[Cursor]:
    """SLOs of an entry: itself, those of a search's answer, or that of a history's answer."""
    inner = [*entry.items("attributes", "slos"), *entry.items("slos"), *entry.items("slo")]
    if not inner:
        return [entry]
    return [one.at("data") if "data" in one else one for one in inner]


def _take_slo(entry: Cursor, draft: Draft, held: Held) -> None:
    """Take each threshold of an SLO for the services of its tags."""
    identifier = entry.text("id")
    entry = entry.at("attributes") if "attributes" in entry else entry
    name = entry.text("name")
    tags = [tag.text() for key in ("tags", "all_tags") for tag in entry.items(key)]
    tags += [f"service:{tag.text()}" for tag in entry.items("service_tags")]
    services = [tag.partition(":")[2].removeprefix("service:")
                for tag in tags if tag.startswith("service:")]  # fmt: skip
    services = list(dict.fromkeys(services))
    if len(services) != 1 or not services[0]:
        what = f"SLO {name!r} has {len(services)} service tags, not one; left out"
        draft.note("missing", what, entry.place)
        return
    if is_latency(name):
        draft.note("left_out", f"SLO {name!r} promises latency, not availability", entry.place)
        return
    if "availab" not in name.lower():
        draft.note("inferred", f"SLO {name!r} read as availability", entry.place)
    service = draft.put("services", services[0], entry.place)
    kind = entry.text("slo_type") or entry.text("type")
    measure = {"metric": "request_ratio", "time_slice": "interval_mean"}.get(kind, "time")
    more = _slice_length(entry, name) if kind == "time_slice" else {}
    for at, threshold in enumerate(_thresholds(entry)):
        target = share_at(threshold.at("target"), "percent")
        if target is None:
            draft.note("missing", f"target of SLO {name!r}", threshold.place)
            continue
        label = f"{identifier or name}-{threshold.text('timeframe') or at}"
        terms = Terms(target, threshold.text("timeframe"), measure, more=more)
        contract, sla = add_promise(draft, threshold.place, service, label, terms)
        held.setdefault(identifier, {})[sla] = (contract, service)


def _slice_length(entry: Cursor, name: str) -> Mapping[str, object]:
    """Length of the slices of a time-slice SLO, each good or bad as a whole."""
    what = f"SLO {name!r}: slices that are good or bad as a whole read as a mean of slices"
    entry.tree.draft.note("inferred", what, entry.place)
    seconds = _seconds(entry.text("sli_specification", "time_slice", "query_interval_seconds"))
    minutes = slice_minutes(float(seconds)) if seconds and seconds.is_finite() else None
    return {} if minutes is None else {"interval_minutes": minutes}


def _thresholds(entry: Cursor) -> list[Cursor]:
    """Thresholds, as a list or by timeframe."""
    found = entry.at("thresholds")
    if "target" in found or isinstance(found.node.value, list):
        return entry.items("thresholds")
    return [threshold for _, threshold in entry.entries("thresholds")]


def _take_correction(entry: Cursor, draft: Draft, held: Held) -> None:
    """Take a correction as an exclusion window."""
    body = entry.at("attributes") if "attributes" in entry else entry
    slo, category = body.text("slo_id"), body.text("category")
    zone, rule = body.text("timezone") or "UTC", body.text("rrule")
    start, end = _instant(body.text("start")), _instant(body.text("end"))
    length = _seconds(body.text("duration"))
    if length is None and start and end:
        length = Decimal((end - start).total_seconds())
    if slo not in held:
        what = f"SLO {slo!r} of a correction is in no file read so far; import it first"
        draft.note("missing", what, entry.place)
    elif category.lower() not in _PLANNED:
        what = f"a correction for {category or 'no reason'!r}: no ground for exclusion"
        draft.note("left_out", what, entry.place)
    elif start is None or not length or length <= 0:
        draft.note("missing", "start or length of a correction; left out", entry.place)
    elif rule and zone.upper() not in {"UTC", "ETC/UTC"}:
        what = f"a recurring correction in {zone}: its contract counts in UTC"
        draft.note("left_out", what, entry.place)
    else:
        hours = str(length / 3600)[:30]
        rule = with_time(rule.removeprefix("RRULE:") or ONCE, start)
        window = {"rule": rule, "hours": hours, "since": start.date().isoformat()}
        number = entry.text("id") or f"{slo} {start.isoformat()}"
        ground = {"kind": "planned_maintenance", "windows": [window],
                  "clause": f"Datadog correction {number}"}  # fmt: skip
        for sla, (contract, service) in held[slo].items():
            _exclude((contract, sla, service), ground, entry.place, draft)


def _exclude(
    about: tuple[str, str, str], ground: Mapping[str, object], place: str, draft: Draft
) -> None:
    """Add an exclusion to an SLA, of this file or of one read before."""
    contract, identifier, service = about
    record = draft.records["contracts"].setdefault(contract, {"id": contract})
    slas = record.setdefault("slas", [])
    sla = next((one for one in slas if one["id"] == identifier), None)
    if sla is None:
        sla = {"id": identifier, "service": service}
        slas.append(sla)
    sla.setdefault("exclusions", []).append(ground)
    draft.origins.setdefault(("slas", identifier, "exclusions"), Origin(draft.source, place))


def _instant(text: str) -> datetime | None:
    """Seconds since 1970 as an instant."""
    seconds = _seconds(text)
    try:
        return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _seconds(text: str) -> Decimal | None:
    """A number of seconds."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
