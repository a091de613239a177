"""Ends of contracts, by the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from depgraph.engine.expiry import expiring_contracts
from depgraph.errors import DomainError
from depgraph.model.estate import Estate

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "a"}, {"id": "b"}],
        "services": [{"id": "s"}],
        "contracts": [
            {"id": "later", "supplier": "a", "customer": "b", "end": "2026-07-01"},
            {"id": "soon", "supplier": "a", "customer": "b", "end": "2026-06-30",
             "termination_notice_days": 30, "slas": [{"id": "k", "service": "s"}]},
            {"id": "ended", "supplier": "a", "customer": "b", "end": "2026-05-31"},
            {"id": "open", "supplier": "a", "customer": "b"},
        ],
    }
)  # fmt: skip


def test_the_last_day_counts_and_open_ends_never_do() -> None:
    found = expiring_contracts(ESTATE, date(2026, 6, 1), 29)

    assert [(row.contract, row.days_left) for row in found] == [("ended", -1), ("soon", 29)]
    assert found[1].notice_by == date(2026, 5, 31)
    assert found[1].services == ("s",)
    assert found[0].notice_by is None


def test_the_day_after_is_one_more() -> None:
    assert [r.contract for r in expiring_contracts(ESTATE, date(2026, 6, 1), 30)][-1] == "later"


def test_days_in_the_past_are_refused() -> None:
    with pytest.raises(DomainError, match="-1 days"):
        expiring_contracts(ESTATE, date(2026, 6, 1), -1)
