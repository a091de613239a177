"""Sloth YAML, the plain file and the Kubernetes resource: objectives in percent."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.promises import Terms, add_promise, is_latency
from ingest.formats.tree import Cursor, fitting_trees
from ingest.provenance import Draft

_RESOURCE = "PrometheusServiceLevel"


def _is_latency(name: str, description: str) -> bool:
    """Whether an SLO speaks of speed, its name counting first."""
    return "availab" not in name.lower() and is_latency(f"{name} {description}")


def _fits(top: Cursor) -> bool:
    """Whether a document is a Sloth file or resource."""
    return top.text("kind") == _RESOURCE or top.text("version").startswith("prometheus/")


def read_sloth(path: Path, draft: Draft) -> None:
    """Read the service and its objectives.

    Raises
    ------
    RegisterError
        If a document is no Sloth file.
    """
    wrong = "version is not prometheus/v1", "give a Sloth file"
    for top in fitting_trees(path, draft, _fits, wrong):
        resource = top.text("kind") == _RESOURCE
        top.text("version")
        top.text("apiVersion")
        body = top.at("spec") if resource else top
        service = body.text("service")
        if not service:
            draft.note("missing", "the service; its objectives are left out", body.place)
            continue
        draft.put("services", service, body.place)
        for entry in body.items("slos"):
            name = entry.text("name")
            target = share_at(entry.at("objective"), "percent")
            if not name or target is None:
                draft.note("missing", f"name or objective of {name or 'an SLO'!r}", entry.place)
            elif _is_latency(name, entry.text("description")):
                what = f"SLO {name!r} promises latency, not availability"
                draft.note("left_out", what, entry.place)
            else:
                if "availab" not in name.lower():
                    draft.note("inferred", f"SLO {name!r} read as availability", entry.place)
                draft.note("inferred", "window not stated: Sloth's default of 30 days", entry.place)
                label = f"{service}-{name}"
                add_promise(
                    draft, entry.place, service, label, Terms(target, "30d", "request_ratio")
                )
        top.tree.account()
