"""Lists of a record joined item by item: nothing overwritten unsaid, nothing lost unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.folder import opened_folder, write_folder
from ingest.items import joined
from ingest.merge import draft_for, merged
from ingest.provenance import ImportReport
from tests.ingest.formats.bench import whats


def _import(out: Path, source: str, *slas: dict[str, object], needs: list[str]) -> ImportReport:
    folder = opened_folder(out)
    draft = draft_for(folder, source)
    draft.put("services", "web", source, depends_on=needs, name="Web" if needs else "")
    draft.put("contracts", "k", source, supplier="a", customer="b", slas=slas)
    _, report = merged(folder, draft)
    write_folder(folder)
    return report


def test_a_service_level_is_not_overwritten_unsaid(tmp_path: Path) -> None:
    def sla(target: str, **more: object) -> dict[str, object]:
        objective = {"metric": "availability", "target": target}
        return {"id": "s", "service": "web", "objectives": [objective], **more}

    _import(tmp_path, "one", sla("0.999"), needs=["db", "net"])
    file = tmp_path / "estate.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("service: web\n", "service: web\n    name: By hand\n"), "utf-8")
    report = _import(tmp_path, "one", sla("0.99"), needs=[])
    again = opened_folder(tmp_path).data["contracts"][0]["slas"]
    other = _import(
        tmp_path, "two", sla("0.5", exclusions=[{"kind": "force_majeure"}]), needs=["db"]
    )
    last = opened_folder(tmp_path).data["contracts"][0]["slas"]

    assert again == [{"id": "s", "name": "By hand", "service": "web",
                      "objectives": [{"metric": "availability", "target": 0.99}]}]  # fmt: skip
    assert "services/web: name stands no longer in the source; kept" in whats(report, "stale")
    assert last[0]["objectives"][0]["target"] == 0.99
    assert last[0]["exclusions"] == [{"kind": "force_majeure"}]
    assert "slas s: objectives" in whats(other, "conflict")


def test_needs_that_left_the_source_are_told(tmp_path: Path) -> None:
    _import(tmp_path, "one", needs=["db", "net"])
    report = _import(tmp_path, "one", needs=["db"])

    assert opened_folder(tmp_path).data["services"][0]["depends_on"] == ["db", "net"]
    what = "services web: depends_on 'net' stands no longer in the source; kept"
    assert what in whats(report, "stale")
    assert "'db' stands no longer" not in whats(report, "stale")


def test_exclusions_are_told_by_their_clauses() -> None:
    def sla(*grounds: Mapping[str, object]) -> dict[str, object]:
        return {"id": "s", "service": "web", "exclusions": list(grounds)}

    def ground(clause: str) -> dict[str, object]:
        return {"kind": "planned_maintenance", "clause": clause, "windows": []}

    one, two = ground("1"), ground("2")
    plain = {"kind": "force_majeure"}
    fresh = {"kind": "planned_maintenance", "clause": "1", "quota_hours": 2}
    own = joined("slas", [sla(one, two, plain)], [sla(fresh)], own=True)
    other = joined("slas", [sla(one, two, plain)], [sla(fresh)], own=False)

    kept = [(g["clause"], g.get("quota_hours")) for g in own.items[0]["exclusions"]]
    assert kept == [("2", None), ("1", 2)]
    assert [g["kind"] for g in other.items[0]["exclusions"]] == [
        "planned_maintenance", "force_majeure", "planned_maintenance",
    ]  # fmt: skip
    assert own.conflicts == other.conflicts == []


def test_fields_of_a_service_level_that_left_the_source_are_told(tmp_path: Path) -> None:
    """A fee that is kept goes on earning credits: not without a word."""
    objective = {"metric": "availability", "target": "0.99"}
    sla: dict[str, object] = {"id": "s", "service": "web", "objectives": [objective]}
    fee = {"monthly_fee": "100 EUR", "exclusions": [{"kind": "force_majeure"}]}
    _import(tmp_path, "one", {**sla, **fee}, needs=[])
    report = _import(tmp_path, "one", sla, needs=[])
    other = _import(tmp_path, "two", sla, needs=[])

    assert opened_folder(tmp_path).data["contracts"][0]["slas"][0]["monthly_fee"] == "100 EUR"
    assert whats(report, "stale").splitlines() == [
        "contracts k: slas s: monthly_fee is not in the source; kept",
        "contracts k: slas s: exclusions is not in the source; kept",
    ]
    assert whats(other, "stale") == ""
