"""Laws of settlement on random contract chains: conservation, caps, monotony, shifts, sums."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 6, 1, tzinfo=UTC)
PARTIES = ("A", "B", "C", "D")
CLAUSES = [
    {"clause": "absorb"}, {"clause": "back_to_back"}, {"clause": "limited_to_recovered"},
    {"clause": "limited_to_recovered", "share": "0.5"}, {"clause": "share", "share": "0.3"},
    {"clause": "excluded_if_third_party"},
]  # fmt: skip
ZONES = ["UTC", "UTC", "Europe/Dublin", "America/New_York"]
BORDERS = [datetime(2026, month, 1, 2, tzinfo=UTC) for month in (2, 3, 4)]
LADDER = [("0.999", "0.1"), ("0.99", "0.25"), ("0.95", "1")]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Four parties, each with a service or two; contracts along the needs; a quarter of outages."""
    services: list[dict[str, Any]] = []
    for place in range(draw(st.integers(2, 6))):
        earlier = [s["id"] for s in services]
        needs: list[Any] = (
            draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        )
        if len(needs) == 2 and draw(st.booleans()):
            needs = [{"at_least": 1, "of": needs}]
        services.append(
            {"id": f"s{place}", "provider": draw(st.sampled_from(PARTIES)), "depends_on": needs}
        )
    contracts = []
    for service in services:
        for customer in draw(st.lists(st.sampled_from(PARTIES), max_size=2, unique=True)):
            if customer == service["provider"]:
                continue
            name = f"{service['id']}-{customer}"
            credit: dict[str, Any] = {
                "tiers": [{"below": b, "credit": c} for b, c in LADDER],
                "period_cap": draw(st.sampled_from(["0.2", "1"])),
            }
            contracts.append(
                {
                    "id": name,
                    "supplier": service["provider"],
                    "customer": customer,
                    "pass_through": draw(st.sampled_from(CLAUSES)),
                    "recovery_allocation": draw(st.sampled_from(["owed", "fee", "priority"])),
                    "slas": [
                        {
                            "id": f"{name}.1",
                            "service": service["id"],
                            "credits": credit,
                            "monthly_fee": f"{draw(st.integers(1, 9999))}.37 EUR",
                            "objectives": [
                                {
                                    "metric": "availability",
                                    "target": draw(st.sampled_from(["0.999", "0.9995"])),
                                }
                            ],
                            "exclusions": draw(st.sampled_from([[], [{"kind": "third_party"}]])),
                        }
                    ],
                }
            )
    incidents = [
        {
            "id": f"i{n}",
            "affects": draw(st.sampled_from(services))["id"],
            "start": (start := FIRST + timedelta(minutes=draw(st.integers(0, 89 * 1440)))),
            "end": start + timedelta(minutes=draw(st.integers(1, 3000))),
        }
        for n in range(draw(st.integers(0, 5)))
    ]
    return {"organizations": [{"id": p} for p in PARTIES], "services": services,
            "contracts": contracts, "incidents": incidents}  # fmt: skip


def settled(world: dict[str, Any], period: str = "2026-01..2026-04") -> Settlement:
    return settlement(structure_of(Estate.model_validate(world)), period, NOW)


def owed(answer: Settlement) -> dict[tuple[str, str], Decimal]:
    return {(row.id, row.period): row.owed for row in answer.slas}


def _agreement(service: str, supplier: str, customer: str, terms: Any) -> dict[str, Any]:
    level = {
        "id": f"{service}.1",
        "service": service,
        "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999"}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}]},
    }
    ends = {"id": service, "supplier": supplier, "customer": customer}
    return {**ends, "slas": [level], **terms}


def sums(answer: Settlement) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    return {(row.id, row.period): (row.owed, row.recovered) for row in answer.slas}


laws = settings(max_examples=60, deadline=None)


@given(worlds())
@laws
def test_net_positions_sum_to_exactly_zero(world: dict[str, Any]) -> None:
    positions = settled(world).net_positions

    assert sum((amounts.get("EUR", Decimal(0)) for amounts in positions.values()), Decimal(0)) == 0


@given(worlds())
@laws
def test_caps_are_never_exceeded(world: dict[str, Any]) -> None:
    caps = {
        s["id"]: Decimal(s["credits"]["period_cap"]) for c in world["contracts"] for s in c["slas"]
    }

    for row in settled(world).slas:
        assert row.owed <= caps[row.id] * row.credit.base + Decimal("0.005")


@given(worlds())
@laws
def test_a_recovery_is_never_allotted_twice(world: dict[str, Any]) -> None:
    """What all promises of a party recover is no more than what the party is owed."""
    answer = settled(world)
    for party in PARTIES:
        received = sum((c.owed for c in answer.contracts if c.customer == party), Decimal(0))
        recovered = sum((c.recovered for c in answer.contracts if c.supplier == party), Decimal(0))
        assert recovered <= received


@given(worlds())
@laws
def test_differences_are_explained_and_add_up(world: dict[str, Any]) -> None:
    for contract in settled(world).contracts:
        assert contract.owed - contract.recovered == contract.absorbed - contract.windfall
        explained = sum((g.amount for g in contract.gaps if g.difference == "absorbed"), Decimal(0))
        assert explained <= contract.absorbed


@given(worlds(), st.data())
@laws
def test_removing_an_outage_raises_nobodys_debt(world: dict[str, Any], data: st.DataObject) -> None:
    """Absorb, share and exclusion only: what is recovered may be spread otherwise afterwards."""
    assume(world["incidents"])
    for contract in world["contracts"]:
        contract["pass_through"] = {"clause": "absorb"}
        for sla in contract["slas"]:
            sla["exclusions"] = []
    gone = data.draw(st.sampled_from(world["incidents"]))
    before = owed(settled(world))
    rest = [incident for incident in world["incidents"] if incident is not gone]
    after = owed(settled({**world, "incidents": rest}))

    assert all(after[key] <= before[key] for key in before)


@given(worlds())
@laws
def test_history_is_the_sum_of_its_months(world: dict[str, Any]) -> None:
    whole = owed(settled(world))
    months: dict[tuple[str, str], Decimal] = {}
    for label in ("2026-01", "2026-02", "2026-03", "2026-04"):
        months |= owed(settled(world, label))

    assert months == whole


@given(worlds(), st.data())
@laws
def test_a_year_is_its_months_also_across_zones_and_quarters(
    world: dict[str, Any], data: st.DataObject
) -> None:
    """What a promise recovers does not hang on how much else is asked for (rules M1, P6)."""
    for contract in world["contracts"]:
        contract["timezone"] = data.draw(st.sampled_from(ZONES))
        contract["anchor_day"] = data.draw(st.sampled_from([1, 1, 15]))
        for sla in contract["slas"]:
            sla["objectives"][0]["period"] = data.draw(st.sampled_from(["month", "quarter"]))
    for incident in world["incidents"]:
        # Near the end of a month, where zones tell periods apart.
        length = incident["end"] - incident["start"]
        incident["start"] = data.draw(st.sampled_from(BORDERS)) - length / 2
        incident["end"] = incident["start"] + length
    whole = sums(settled(world, "2026"))
    months: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for month in range(1, 13):
        months |= sums(settled(world, f"2026-{month:02}"))

    assert months == whole


def test_a_month_recovers_nothing_for_an_outage_of_the_month_before() -> None:
    """July in Dublin begins an hour before June ends in UTC; by hand (rules M1, P6)."""
    world: dict[str, Any] = {
        "organizations": [{"id": party} for party in ("cloud", "us", "customer")],
        "services": [
            {"id": "cdn", "provider": "cloud"},
            {"id": "spare", "provider": "cloud"},
            {"id": "shop", "provider": "us", "depends_on": [{"at_least": 1, "of": ["cdn", "spare"]}]},
        ],
        "contracts": [
            _agreement("cdn", "cloud", "us", {"timezone": "UTC"}),
            _agreement("shop", "us", "customer", {"timezone": "Europe/Dublin"}),
        ],
        "incidents": [
            {"id": "i", "affects": "cdn", "start": "2026-06-18T11:00:00Z", "end": "2026-06-18T14:00:00Z"}
        ],
    }  # fmt: skip

    for period in ("2026-06", "2026-07", "2026"):
        shop = [row for row in settled(world, period).slas if row.id == "shop.1"]
        recovered = {row.period: row.recovered for row in shop if row.recovered}
        assert recovered == ({} if period == "2026-07" else {"2026-06": Decimal("100.00")})


@given(worlds())
@laws
def test_time_shift_of_equal_months_changes_nothing(world: dict[str, Any]) -> None:
    """July and August have 31 days, like January's and March's neighbours: shift Jan to Jul."""
    world["incidents"] = [
        i for i in world["incidents"] if i["end"] < datetime(2026, 2, 1, tzinfo=UTC)
    ]
    shift = datetime(2026, 7, 1, tzinfo=UTC) - FIRST
    moved = [
        {**i, "start": i["start"] + shift, "end": i["end"] + shift} for i in world["incidents"]
    ]

    first = [row.owed for row in settled(world, "2026-01").slas]
    second = [row.owed for row in settled({**world, "incidents": moved}, "2026-07").slas]
    assert first == second


@given(worlds())
@laws
def test_scaling_the_currency_scales_the_sums(world: dict[str, Any]) -> None:
    """In a currency of a hundred times the value, with amounts that need no rounding."""
    for contract in world["contracts"]:
        contract["pass_through"] = {"clause": "absorb"}
        for sla in contract["slas"]:
            sla["monthly_fee"] = f"{int(float(sla['monthly_fee'].split()[0]))}00 EUR"
    small = owed(settled(world))
    for contract in world["contracts"]:
        for sla in contract["slas"]:
            amount = int(sla["monthly_fee"].split()[0])
            sla["monthly_fee"] = f"{amount * 100} EUR"
    large = owed(settled(world))

    assert large == {key: value * 100 for key, value in small.items()}
