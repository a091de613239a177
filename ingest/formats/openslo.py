"""OpenSLO YAML, v1alpha, v1 and v2alpha: services and objectives.

An SLO names no parties. Its objectives stand in one contract per source between two placeholder
organizations, which the report lists as missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import get_args
from zoneinfo import available_timezones

from depgraph.model.sla import Measure
from ingest.formats.figures import share_at
from ingest.formats.promises import Terms, add_promise, is_latency, slice_minutes
from ingest.formats.tree import Cursor, fitting_trees
from ingest.provenance import Draft

VERSIONS = {"openslo/v1alpha", "openslo/v1", "openslo.com/v2alpha", "openslo.com/v2alpha1"}
_MEASURES = get_args(Measure)
MEASURE = "depgraph/measure"
"""Annotation in which our own export keeps how an objective is measured."""
_MINUTES = {"": 1, "m": 1, "h": 60, "d": 1440}


def read_openslo(path: Path, draft: Draft) -> None:
    """Read services and SLOs of one file.

    Raises
    ------
    RegisterError
        If a document has another apiVersion.
    """
    wrong = "no document has an apiVersion of OpenSLO", f"one of {', '.join(sorted(VERSIONS))}"
    for top in fitting_trees(path, draft, lambda t: t.text("apiVersion") in VERSIONS, wrong):
        kind, name = top.text("kind"), top.text("metadata", "name")
        shown = top.text("metadata", "displayName")
        if kind == "Service" and name:
            draft.put("services", name, top.place, name=shown)
        elif kind == "SLO" and name:
            _read_slo(top, name, shown, draft)
        else:
            draft.note("left_out", f"a {kind or 'document without kind'}", top.place)
        top.tree.account()


def _read_slo(top: Cursor, name: str, shown: str, draft: Draft) -> None:
    """Take each objective as an SLA of its own."""
    spec, annotated = top.at("spec"), top.text("metadata", "annotations", MEASURE)
    method = spec.text("budgetingMethod")
    service = spec.text("service") or spec.text("serviceRef")
    if not service:
        draft.note("missing", f"service of SLO {name!r}; left out", spec.place)
        return
    draft.put("services", service, spec.place)
    window = next(iter(spec.items("timeWindow") or spec.items("timeWindows")), None)
    length = ""
    if window is not None:
        length = window.text("duration") or f"{window.text('count')} {window.text('unit')}".strip()
    objectives = spec.items("objectives")
    zone = _zone(window, name)
    composite = any("compositeWeight" in item or "indicator" in item for item in objectives)
    for at, objective in enumerate(objectives):
        if "targetPercent" in objective:
            target = share_at(objective.at("targetPercent"), "percent")
        else:
            target = share_at(objective.at("target"), "share")
        if target is None:
            draft.note("missing", f"target of SLO {name!r}", objective.place)
            continue
        label = f"{name}-{at + 1}" if len(objectives) > 1 else name
        if composite:
            draft.note("left_out", f"weight and indicator of {label!r}: a composite", spec.place)
            continue
        if _is_latency(spec, f"{name} {shown} {objective.text('displayName')}"):
            draft.note("left_out", f"SLO {label!r} promises latency, not availability", spec.place)
            continue
        if "availab" not in f"{name} {shown}".lower():
            draft.note("inferred", f"SLO {label!r} read as availability", spec.place)
        measure, more = _measure((method, annotated), objective, label)
        terms = Terms(target, length, measure, zone, more)
        add_promise(draft, objective.place, service, label, terms)


def _measure(
    methods: tuple[str, str], objective: Cursor, label: str
) -> tuple[str, Mapping[str, object]]:
    """How a budgeting method, or our own annotation, measures (rules M7, M8), with its slices.

    Slices of one minute that are good from a share of good requests on are minutes that are down
    above an error rate. Longer ones have no such counterpart.
    """
    method, annotated = methods[0].lower(), methods[1] if methods[1] in _MEASURES else ""
    match = re.fullmatch(r"(\d{1,6})\s*([mhd]?)", objective.text("timeSliceWindow"))
    minutes = slice_minutes(int(match[1]) * _MINUTES[match[2]] * 60) if match else None
    good = share_at(objective.at("timeSliceTarget"), "share")
    kind = "request_ratio" if method in {"", "occurrences"} else "interval_mean"
    if method == "timeslices" and minutes == 1 and good is not None:
        kind = "threshold_minutes"
    elif kind == "interval_mean" and not annotated:
        _note_slices(label, objective, minutes, whole=method == "timeslices")
    kind = annotated or kind
    if kind == "threshold_minutes" and good is not None:
        return kind, {"error_threshold": f"{1 - Decimal(good):f}"}
    held = minutes is not None and kind in {"interval_mean", "interval_all_fail"}
    return kind, {"interval_minutes": minutes} if held else {}


def _note_slices(label: str, objective: Cursor, minutes: int | None, *, whole: bool) -> None:
    """Say what a mean of slices stands for."""
    note = objective.tree.draft.note
    if minutes is None:
        what = f"SLO {label!r} states no slice of whole minutes: 5 minutes taken"
        note("inferred", what, objective.place)
    if whole:
        what = f"SLO {label!r}: slices that are good or bad as a whole read as a mean of slices"
        note("inferred", what, objective.place)


def _zone(window: Cursor | None, name: str) -> str:
    """Zone in which a calendar's periods begin; UTC where none is stated."""
    zone = window.text("calendar", "timeZone") if window is not None else ""
    if window is None or not zone:
        return "UTC"
    if zone not in available_timezones():
        what = f"zone {zone!r} of {name!r} is no IANA zone: UTC taken"
        window.tree.draft.note("inferred", what, window.place)
        return "UTC"
    return zone


def _is_latency(spec: Cursor, words: str) -> bool:
    """Whether an SLO speaks of speed, by its own words or those of its indicator."""
    inline = next((key for key in ("indicator", "sli") if key in spec), "indicator")
    named = [spec.text("indicatorRef"), spec.text("sliRef"), spec.text(inline, "metadata", "name"),
             spec.text(inline, "metadata", "displayName")]  # fmt: skip
    text = " ".join([words, *named])
    return "availab" not in text.lower() and is_latency(text)
