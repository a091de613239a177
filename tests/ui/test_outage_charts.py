"""What the charts of an outage say in figures."""

from __future__ import annotations

from datetime import datetime

from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ui.views.outage_charts import meter_rows

_OFFICE = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0"


def test_what_a_target_allows_is_of_the_time_that_counts() -> None:
    """Rule M5, by hand: June 2026 has 22 working days of 10 hours; 1 % of them is 132 minutes."""
    estate = Estate.model_validate({
        "organizations": [{"id": "us", "name": "Us", "own": True}, {"id": "it", "name": "It"}],
        "services": [{"id": "desk", "provider": "it"}],
        "contracts": [{"id": "k", "supplier": "it", "customer": "us", "start": "2026-01-01",
                       "slas": [{"id": "k1", "service": "desk",
                                 "service_hours": {"windows": [{"rule": _OFFICE, "hours": 10}]},
                                 "objectives": [{"metric": "availability", "target": 0.99,
                                                 "denominator": "service_hours"}]}]}],
        "incidents": [{"id": "i", "affects": "desk", "start": "2026-06-03T09:00:00Z",
                       "end": "2026-06-03T10:06:00Z", "cause": "supplier"}],
    })  # fmt: skip
    answer = settlement(
        structure_of(estate), "2026-06", datetime.fromisoformat("2026-07-01T00:00Z")
    )
    [row] = meter_rows(answer.slas)

    assert row["words"] == "66 of 132 min"
    assert answer.slas[0].budget_used is not None
    assert round(answer.slas[0].budget_used, 9) == 0.5
