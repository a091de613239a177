"""The library of published schedules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from depgraph.engine.schedule_check import schedule_faults
from depgraph.errors import RegisterError
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
from ingest.published import published_schedules, with_published


def estate(name: str) -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "a"}, {"id": "b"}],
            "services": [{"id": "s", "provider": "a"}],
            "contracts": [{"id": "k", "supplier": "a", "customer": "b", "slas": [
                {"id": "k1", "service": "s", "monthly_fee": "100 USD", "credits": {"published": name},
                 "objectives": [{"metric": "availability", "target": "0.9999"}]}]}],
        }
    )  # fmt: skip


def test_published_defects_are_the_known_ones() -> None:
    """Worked examples C08 and C09: GitHub's gap and its credit for a met target."""
    library = published_schedules()
    defects = {
        name: {fault.code for fault in schedule_faults(row.credits, row.target)}
        for name, row in library.items()
    }

    assert defects["github-ghec"] == {"GAP", "PAYS_WHEN_MET"}
    assert not any(found for name, found in defects.items() if name.startswith("aws-"))


def test_names_are_written_out() -> None:
    found = with_published(estate("aws-ec2-region")).sla["k1"][1].credits

    assert isinstance(found, CreditSchedule)
    assert found.tiers[1].credit == Decimal("0.3")


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(RegisterError) as caught:
        with_published(estate("aws-ec2-regoin"))

    assert caught.value.problems[0].hint == "did you mean 'aws-ec2-region'?"


def test_every_row_says_where_it_is_from() -> None:
    for row in published_schedules().values():
        assert row.source
        assert row.confidence.startswith(("verified", "formula verified"))
