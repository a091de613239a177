"""OpenSLO YAML, v1alpha, v1 and v2alpha: services and objectives.

An SLO names no parties. Its objectives stand in one contract per source between two placeholder
organizations, which the report lists as missing.
"""

from __future__ import annotations

from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.promises import add_promise, is_latency
from ingest.formats.tree import Cursor, fitting_trees
from ingest.provenance import Draft

VERSIONS = {"openslo/v1alpha", "openslo/v1", "openslo.com/v2alpha"}


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
            _read_slo(top.at("spec"), name, shown, draft)
        else:
            draft.note("left_out", f"a {kind or 'document without kind'}", top.place)
        top.tree.account()


def _read_slo(spec: Cursor, name: str, shown: str, draft: Draft) -> None:
    """Take each objective as an SLA of its own."""
    service = spec.text("service")
    if not service:
        draft.note("missing", f"service of SLO {name!r}; left out", spec.place)
        return
    draft.put("services", service, spec.place)
    window = next(iter(spec.items("timeWindow") or spec.items("timeWindows")), None)
    length = ""
    if window is not None:
        length = window.text("duration") or f"{window.text('count')} {window.text('unit')}".strip()
    method = spec.text("budgetingMethod").lower()
    objectives = spec.items("objectives")
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
        if method == "ratiotimeslices":
            draft.note("inferred", f"SLO {label!r}: a mean of slices (RatioTimeslices)", spec.place)
        measure = "request_ratio" if method in {"", "occurrences"} else "interval_mean"
        add_promise(draft, objective.place, service, label, (target, length, measure))


def _is_latency(spec: Cursor, words: str) -> bool:
    """Whether an SLO speaks of speed, by its own words or those of its indicator."""
    inline = next((key for key in ("indicator", "sli") if key in spec), "indicator")
    named = [spec.text("indicatorRef"), spec.text("sliRef"), spec.text(inline, "metadata", "name"),
             spec.text(inline, "metadata", "displayName")]  # fmt: skip
    text = " ".join([words, *named])
    return "availab" not in text.lower() and is_latency(text)
