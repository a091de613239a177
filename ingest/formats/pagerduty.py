"""PagerDuty service dependencies: the dependent service needs the supporting one."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.tree import opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id


def read_pagerduty(path: Path, draft: Draft) -> None:
    """Read relationships, and the services' names where they are listed.

    Raises
    ------
    RegisterError
        If the file has neither relationships nor services.
    """
    for top in opened_trees(path, draft):
        entries = [top] if "supporting_service" in top else top.items("relationships")
        services = [*top.items("services"), *top.items("business_services")]
        if not (entries or services or "relationships" in top):
            raise wrong_format(path, "there are no relationships", "export service dependencies")
        for service in services:
            if service.text("id"):
                name = service.text("name") or service.text("summary")
                draft.put("services", service.text("id"), service.place, name=name)
            else:
                draft.note("left_out", "a service without id", service.place)
        for entry in entries:
            sides = [entry.at("dependent_service"), entry.at("supporting_service")]
            ids = [cleaned_id(side.text("id")) for side in sides]
            if "unnamed" in ids or ids[0] == ids[1]:
                draft.note("left_out", "a relationship that joins no two services", entry.place)
                continue
            for side, identifier in zip(sides, ids, strict=True):
                draft.put("services", identifier, side.place, name=side.text("summary"))
            draft.put("services", ids[0], entry.place, depends_on=[ids[1]])
        top.tree.account()
