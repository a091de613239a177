"""One outage, answered: periods in other zones, quarters, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from depgraph.engine.structure import structure_of
from depgraph.engine.whatif import WhatIf, what_if
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def played(start: datetime, hours: float, *, period: str = "month", **contract: Any) -> WhatIf:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C", "own": True}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", **contract, "slas": [
                {"id": "s", "service": "app", "monthly_fee": "1000 EUR",
                 "objectives": [{"metric": "availability", "target": "0.999", "period": period}],
                 "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}]}}]}],
        }
    )  # fmt: skip
    outage = Incident(id="x", affects="app", start=start, end=start + timedelta(hours=hours))
    return what_if(structure_of(estate), [outage], NOW)


def rows(answer: WhatIf) -> dict[str, tuple[float, str, bool]]:
    return {
        r.period: (r.counted_minutes, str(r.owed), r.provisional) for r in answer.settlement.slas
    }


def test_the_month_is_that_of_the_contracts_zone() -> None:
    """02:00 UTC on 1 May is still April in New York."""
    start = datetime(2026, 5, 1, 2, tzinfo=UTC)

    assert rows(played(start, 1, timezone="America/New_York")) == {"2026-04": (60, "100.00", False)}


def test_the_month_begins_on_the_anchor_day() -> None:
    start = datetime(2026, 5, 3, 2, tzinfo=UTC)

    assert rows(played(start, 1, anchor_day=15)) == {"2026-04": (60, "100.00", False)}


def test_a_quarter_is_shown_whole() -> None:
    start = datetime(2026, 4, 10, tzinfo=UTC)

    assert rows(played(start, 4, period="quarter")) == {"2026-Q2": (240, "300.00", False)}


def test_an_outage_over_the_border_falls_into_both_months() -> None:
    start = datetime(2026, 4, 30, 23, tzinfo=UTC)

    assert rows(played(start, 2)) == {
        "2026-04": (60, "100.00", False),
        "2026-05": (60, "100.00", False),
    }


@pytest.mark.parametrize(
    ("rate", "loss"),
    [("0.30 EUR", "0.01"), ("0.90 EUR", "0.02"), ("1000 JPY", "17"), ("0.03 KWD", "0.001")],
)
def test_a_loss_is_rounded_once_half_up_to_the_minor_unit(rate: str, loss: str) -> None:
    """Rule K4: a minute at 0.30 an hour is half a cent; the yen has no hundredths."""
    estate = Estate.model_validate(
        {
            "services": [{"id": "app", "supports": ["sales"]}],
            "functions": [{"id": "sales", "loss_per_hour": rate}],
        }
    )
    outage = Incident(id="x", affects="app", start=NOW, end=NOW + timedelta(minutes=1))

    assert [str(f.loss) for f in what_if(structure_of(estate), [outage], NOW).functions] == [loss]


def test_what_cannot_be_played_is_refused() -> None:
    structure = structure_of(Estate.model_validate({"services": [{"id": "app"}]}))
    open_one = Incident(id="x", affects="app", start=NOW)

    with pytest.raises(DomainError, match="nothing fails"):
        what_if(structure, [], NOW)
    with pytest.raises(DomainError, match="needs its end; without one: x"):
        what_if(structure, [open_one], NOW)
    ages = Incident(id="x", affects="app", start=NOW.replace(year=1901), end=NOW)
    with pytest.raises(DomainError, match="longer than 100 years"):
        what_if(structure, [ages], NOW)


@pytest.mark.parametrize(
    ("objective", "figure"),
    [
        ({"measure": "request_ratio"}, {"good": 1000, "valid": 1000}),
        ({"source_of_record": "probe"}, {"availability": 1}),
    ],
)
def test_monitoring_and_claims_on_record_are_not_the_outages(
    objective: dict[str, Any], figure: dict[str, Any]
) -> None:
    """W2: a day of April's 30 down is 29/30, whatever the real April was measured at."""
    claim = {"mode": "by_claim", "within_days": 10}
    terms = {
        "id": "s", "service": "app", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999", **objective}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}], "claim": claim},
    }  # fmt: skip
    month = {"start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"}
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C", "own": True}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [terms]}],
            "measurements": [{"service": "app", "source": "probe", **month, **figure}],
            "claims": [{"sla": "s", "period": "2026-04", "filed": "2026-12-31"}],
        }
    )
    start = datetime(2026, 4, 10, tzinfo=UTC)
    outage = Incident(id="x", affects="app", start=start, end=start + timedelta(days=1))
    [row] = what_if(structure_of(estate), [outage], NOW).settlement.slas

    assert row.measured == pytest.approx(29 / 30)
    assert (str(row.owed), row.claim.status) == ("100.00", "claimable")
