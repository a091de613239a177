"""Counterfactuals in the estate worked by hand (rule P3)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from depgraph.engine.but_for import but_for
from depgraph.engine.structure import structure_of
from depgraph.engine.whatif import what_if
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from ingest import require_estate
from sample_data import sample_path

STRUCTURE = structure_of(require_estate(sample_path("by_hand")))


def outage(name: str, affects: str, start: str, end: str) -> Incident:
    day = "2026-04-10T"
    return Incident.model_validate(
        {"id": name, "affects": affects, "start": f"{day}{start}:00Z", "end": f"{day}{end}:00Z", "cause": "supplier"}
    )  # fmt: skip


def test_one_cause_bears_everything() -> None:
    [answer] = but_for(STRUCTURE, [outage("x", "ledger", "10:00", "10:50")])

    assert {row.id: (row.minutes, row.entirely) for row in answer.spared} == dict.fromkeys(
        ("ledger", "pay-a", "pay-b", "shop"), (50, True)
    )
    assert answer.owed_less == {"EUR": Decimal("12000.00")}
    assert "would have stayed up" in answer.text
    assert "12,000.00 EUR would not be owed" in answer.text


def test_a_long_list_of_services_is_cut_in_the_sentence_alone() -> None:
    services = [{"id": "root", "availability": 0.9}]
    services += [{"id": f"s{n:02}", "depends_on": ["root"]} for n in range(20)]
    structure = structure_of(Estate.model_validate({"services": services}))
    [answer] = but_for(structure, [outage("x", "root", "10:00", "10:50")])

    assert len(answer.spared) == 21
    assert "and 13 more would have stayed up" in answer.text


def test_causes_that_coincide_spare_the_shop_only_where_they_stand_alone() -> None:
    """The ledger from 10:00 to 11:00, the region from 10:30 to 11:30: half an hour each."""
    ledger, region = but_for(
        STRUCTURE,
        [outage("x", "ledger", "10:00", "11:00"), outage("y", "region", "10:30", "11:30")],
    )
    shop = (
        {row.id: row for row in ledger.spared}["shop"],
        {row.id: row for row in region.spared}["shop"],
    )

    assert [row.minutes for row in shop] == [30, 30]
    assert not any(row.entirely for row in shop)
    assert "shop 30 min" in ledger.text


def test_a_redundant_member_alone_changes_nothing_above_it() -> None:
    [answer] = but_for(STRUCTURE, [outage("x", "pay-b", "10:00", "11:00")])

    assert [row.id for row in answer.spared] == ["pay-b"]
    one, other = but_for(
        STRUCTURE,
        [outage("x", "ledger", "10:00", "11:00"), outage("y", "ledger", "10:00", "11:00")],
    )
    assert one.spared == other.spared == ()
    assert "nothing would have been different" in one.text


def test_each_cause_bears_what_is_owed_beyond_the_others() -> None:
    """By definition: owed with all causes less owed with the rest, days apart (rule P3)."""
    causes = [
        outage("y", "ledger", "01:00", "13:00"),
        outage("x", "ledger", "10:00", "10:50").replace(
            start="2026-04-13T10:00:00Z", end="2026-04-13T10:50:00Z"
        ),
    ]

    def owed(incidents: list[Incident]) -> Decimal:
        after = datetime(2026, 4, 20, tzinfo=UTC)
        contracts = what_if(STRUCTURE, incidents, after).settlement.contracts
        return sum((row.owed for row in contracts), Decimal(0))

    answers = but_for(STRUCTURE, causes)
    whole = owed(causes)
    for answer, rest in zip(answers, (causes[1:], causes[:1]), strict=True):
        less = whole - owed(rest)
        assert owed(rest)
        assert answer.owed_less == ({"EUR": less} if less else {})
        minutes = [row.minutes for row in answer.spared]
        assert minutes == sorted(minutes, reverse=True)
    assert {row.id: row.minutes for row in answers[1].spared}["ledger"] == 50


def test_words_of_what_is_spared_in_part_and_whole() -> None:
    """The shop is down from 10:00 to 11:30; without the ledger's failure for an hour of it."""
    ledger, region = but_for(
        STRUCTURE,
        [outage("x", "ledger", "10:00", "11:00"), outage("y", "region", "10:30", "11:30")],
    )
    for answer in (ledger, region):
        whole = [row.id for row in answer.spared if row.entirely]
        part = [row.id for row in answer.spared if not row.entirely]
        said, _, rest = answer.text.partition("spared in part: ")
        assert [name for name in whole if name not in said] == []
        assert [name for name in part if f"{name} " not in rest] == []
        assert [name for name in whole if f"{name} " in rest] == []
        assert ("would have stayed up" in answer.text) == bool(whole)


def test_outages_of_days_count_in_full_and_those_spared_most_stand_first() -> None:
    """Without the first cause the store is spared all three days, the shop all but one (P3)."""
    services = [{"id": "shop", "depends_on": ["store"]}, {"id": "store"}]
    structure = structure_of(Estate.model_validate({"services": services}))
    first, other = (
        outage(name, affects, "10:00", "11:00").replace(end=f"2026-04-{day}T10:00:00Z")
        for name, affects, day in (("x", "store", 13), ("y", "shop", 11))
    )
    [store, shop] = but_for(structure, [first, other])

    assert [(row.id, row.minutes, row.entirely) for row in store.spared] == [
        ("store", 3 * 1440, True), ("shop", 2 * 1440, False),
    ]  # fmt: skip
    assert shop.spared == ()
