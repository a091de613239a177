"""Flow-down edges in the graph, and promises without an agreement under them. All synthetic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cypher.flow_rows import flow_down_rows
from cypher.store import Store
from depgraph.engine.flow_down import flow_down
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path

DAY = date(2026, 4, 1)
RETAILER = require_estate(sample_path("retailer"))


def _estate() -> Estate:
    """A reseller, an affiliate's service, a path through own services, and one that is backed."""

    def contract(name: str, supplier: str, customer: str, *services: str) -> dict[str, object]:
        slas = [
            {
                "id": f"{name}-{s}", "service": s,
                "objectives": [{"metric": "availability", "target": "0.999"}],
            }
            for s in services
        ]  # fmt: skip
        return {"id": name, "supplier": supplier, "customer": customer, "slas": slas}

    return Estate.model_validate(
        {
            "name": "flow",
            "organizations": [
                {"id": "V"}, {"id": "V-labs", "parent": "V"}, {"id": "C"}, {"id": "U"}, {"id": "W"},
            ],
            "services": [
                {"id": "shop", "provider": "V", "depends_on": ["inner", "a"]},
                {"id": "inner", "provider": "V-labs", "depends_on": ["b"]},
                {"id": "a", "provider": "U", "depends_on": ["b"]},
                {"id": "b", "provider": "W"},
                {"id": "resold", "provider": "U"},
                {"id": "soft", "provider": "V", "depends_on": [{"service": "b", "soft": "0.5"}]},
            ],
            "contracts": [
                contract("VC", "V", "C", "shop", "resold", "soft"),
                contract("UV", "U", "V-labs", "a"),
                contract("WU", "W", "U", "b"),
            ],
        }
    )  # fmt: skip


def test_the_query_finds_what_the_engine_finds(store: Store) -> None:
    for name, estate in (("flow", _estate()), ("retailer", RETAILER)):
        answer = flow_down(estate, DAY)
        store.push(estate, name, flows_down=flow_down_rows(answer), remove_many=True)
        found = store.query("promises_without_backing", name)
        expected = {(u.promise, service) for u in answer.unbacked for service in u.services}
        assert {(row["sla"], row["needs"]) for row in found} == expected
        assert len(found) == len(expected)
    assert ("VC-shop", "b") in {
        (row["sla"], row["needs"]) for row in store.query("promises_without_backing", "flow")
    }


def test_edges_are_written_and_follow_what_changes(store: Store) -> None:
    estate = _estate()
    rows = flow_down_rows(flow_down(estate, DAY))
    assert {(row["from"], row["to"]) for row in rows} == {("VC-shop", "UV-a"), ("UV-a", "WU-b")}
    assert not store.push(estate, "flow", flows_down=rows).unchanged
    assert store.push(estate, "flow", flows_down=rows).unchanged
    changed = [{**row, "status": "UNKNOWN"} for row in rows]
    assert not store.push(estate, "flow", flows_down=changed).unchanged
    with store._driver.session() as session:
        written = session.run(
            "MATCH (a:SLA)-[r:FLOWS_DOWN]->(b:SLA) WHERE a.estate = 'flow' "
            "RETURN a.id AS a, b.id AS b, r.obligation AS obligation, r.status AS status"
        ).data()
    assert len(written) == len(rows)
    assert {row["status"] for row in written} == {"UNKNOWN"}


def test_values_are_what_the_driver_can_carry() -> None:
    rows = flow_down_rows(flow_down(RETAILER, DAY))
    assert all(row["to"] for row in rows)
    assert not any(isinstance(value, Decimal) for row in rows for value in row.values())
    assert {"availability", "claim_deadline"} <= {row["obligation"] for row in rows}
