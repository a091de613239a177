"""Third-party failure left out, counted, or always excluded; each side's own customers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from depgraph.engine.exclusions import Promise, ThirdParty
from depgraph.engine.measurement import LevelMeter
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

APRIL = (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


def world(attribution: str = "but_for", concurrent: str = "any_excluded") -> Estate:
    """V's app needs U's db. db fails 10:00 to 11:00, app itself 10:30 to 11:30."""
    return Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["db"]},
                {"id": "db", "provider": "U"},
            ],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "attribution": attribution, "slas": [
                {"id": "s", "service": "app", "exclusions": [{"kind": "third_party"}],
                 "objectives": [{"metric": "availability", "target": "0.999", "concurrent": concurrent}]}]}],
            "incidents": [
                {"id": "theirs", "affects": "db", "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T11:00:00Z"},
                {"id": "ours", "affects": "app", "start": "2026-04-10T10:30:00Z", "end": "2026-04-10T11:30:00Z"},
            ],
        }
    )  # fmt: skip


def counted(estate: Estate, third_party: ThirdParty = "as_agreed") -> float:
    contract, sla = estate.sla["s"]
    [objective] = sla.objectives
    meter = LevelMeter(structure_of(estate), estate.incidents, (), APRIL[1])
    return float(
        meter.level(Promise(contract, sla, objective), *APRIL, third_party=third_party).counted
    )


@pytest.mark.parametrize(
    ("policy", "minutes"),
    [
        # Worked by hand: 30 min theirs alone, 30 min both, 30 min ours alone.
        ("but_for", 60),
        ("equal_split", 45),
        ("first_cause", 30),
        ("sole_cause_only", 60),
    ],
)
def test_who_answers_for_the_half_hour_of_both(policy: str, minutes: float) -> None:
    assert counted(world(policy)) == minutes


def test_sole_cause_counts_every_minute_in_which_we_took_part() -> None:
    assert counted(world("first_cause", "sole_cause")) == 60


def test_settlement_asks_for_the_other_worlds() -> None:
    assert counted(world(), "counted") == 90
    assert counted(world(), "excluded") == 60
