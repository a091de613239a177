"""Edits of an estate: what they make, what they leave alone, and what they refuse (W1, W3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from depgraph.engine.availability import assessed
from depgraph.engine.scenario import edited
from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Edit
from tests.estates import estates

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "us", "own": True}, {"id": "cloud"}, {"id": "buyer"}],
        "locations": [{"id": "dublin"}],
        "services": [
            {"id": "web", "provider": "us", "availability": 0.999, "located_in": ["dublin"],
             "depends_on": ["db", {"service": "mail", "soft": 0.2}, {"at_least": 1, "of": ["pay-a", "pay-b"], "name": "payments"}]},
            {"id": "db", "provider": "cloud", "mtbf_hours": 999, "mttr_hours": 1},
            {"id": "mail"}, {"id": "pay-a"}, {"id": "pay-b", "unavailability": 1e-3},
        ],
        "contracts": [
            {"id": "k", "supplier": "cloud", "customer": "us", "annual_value": "12 EUR",
             "pass_through": {"clause": "share", "share": 0.5},
             "slas": [{"id": "k-db", "service": "db", "monthly_fee": "1 EUR"}, {"id": "k-mail", "service": "mail"}]},
        ],
        "incidents": [{"id": "i", "affects": "mail", "start": "2026-01-01T00:00:00Z"}],
    }
)  # fmt: skip


def _made(*edits: dict[str, Any]) -> Estate:
    return edited(ESTATE, edits)


def _refused(*edits: dict[str, Any]) -> list[str]:
    before = ESTATE.model_dump()
    with pytest.raises(RegisterError) as caught:
        edited(ESTATE, edits)
    assert ESTATE.model_dump() == before
    return [str(problem) for problem in caught.value.problems]


def test_records_are_added() -> None:
    after = _made(
        {"add": {"services": [{"id": "cache", "availability": "99.9%"}], "organizations": [{"id": "o"}]}},
        {"add": {"slas": [{"id": "k-cache", "service": "cache", "contract": "k"}]}},
    )  # fmt: skip

    assert after.service["cache"].availability == Decimal("0.999")
    assert after.sla["k-cache"][0].id == "k"
    assert ESTATE.service.keys() == after.service.keys() - {"cache"}


def test_records_are_removed_with_what_they_hold() -> None:
    after = _made({"remove": {"contracts": ["k"], "incidents": ["i"]}})

    assert (after.contracts, after.incidents, dict(after.sla)) == ((), (), {})


def test_fields_are_replaced_and_the_others_stay() -> None:
    after = _made(
        {
            "replace": {
                "slas": [{"id": "k-db", "monthly_fee": "250.50 EUR"}],
                "contracts": [{"id": "k", "pass_through": {"clause": "back_to_back"}}],
                "services": [{"id": "web", "criticality": "critical"}],
            }
        }
    )
    contract, sla = after.sla["k-db"]

    assert str(sla.monthly_fee) == "250.50 EUR"
    assert contract.pass_through.clause == "back_to_back"
    assert contract.pass_through.share is None
    assert str(contract.annual_value) == "12 EUR"
    assert len(contract.slas) == 2
    assert after.service["web"] == ESTATE.service["web"].replace(criticality="critical")


@pytest.mark.parametrize(
    ("service", "figure"),
    [
        ("db", {"availability": "0.9999"}),
        ("pay-b", {"availability": "0.9999"}),
        ("web", {"mtbf_hours": 9999, "mttr_hours": 1}),
        ("web", {"unavailability": "0.0001"}),
    ],
)
def test_a_new_figure_takes_the_place_of_the_old_one(service: str, figure: dict[str, Any]) -> None:
    after = _made({"replace": {"services": [{"id": service, **figure}]}})

    assert after.service[service].own_unavailability == Decimal("0.0001")


def test_null_takes_a_field_back_to_its_default() -> None:
    after = _made({"replace": {"services": [{"id": "web", "depends_on": None, "provider": None}]}})

    assert after.service["web"].depends_on == ()
    assert after.service["web"].provider is None


def test_dependencies_are_added_removed_and_replaced() -> None:
    after = _made(
        {"remove": {"dependencies": [{"service": "web", "on": "mail"}, {"service": "web", "on": "pay-a"}]}},
        {"replace": {"dependencies": [{"service": "web", "on": "db", "with": {"at_least": 1, "of": ["db", "pay-a"]}}]}},
        {"add": {"dependencies": [{"service": "mail", "on": "db"}, {"service": "mail", "on": "pay-a", "soft": 0.1}]}},
    )  # fmt: skip
    group, payments = after.service["web"].placements, after.service["web"].requirements

    assert [getattr(r, "of", None) for r in payments] == [("db", "pay-a"), ("pay-b",)]
    assert [p.of for p in group] == [("dublin",)]
    assert after.service["mail"].requirements[1].model_dump() == {
        "service": "pay-a", "soft": Decimal("0.1"),
    }  # fmt: skip


def test_a_group_is_removed_by_its_name() -> None:
    after = _made({"remove": {"dependencies": [{"service": "web", "on": "payments"}]}})

    assert len(after.service["web"].depends_on) == 2


def test_edits_are_made_in_order() -> None:
    after = _made(
        {"remove": {"services": ["pay-a"]}},
        {"add": {"services": [{"id": "pay-a", "availability": 0.5}]}},
        {"replace": {"services": [{"id": "pay-a", "name": "Again"}]}},
    )

    assert after.service["pay-a"].availability == Decimal("0.5")
    assert after.service["pay-a"].name == "Again"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            {"remove": {"services": ["dbb"]}},
            "edits[0].remove.services[0]: none of the services has the id 'dbb' (did you mean 'db'?)",
            id="removing nothing",
        ),
        pytest.param(
            {"replace": {"slas": [{"id": "k-bd"}]}},
            "edits[0].replace.slas[0].id: none of the slas has the id 'k-bd' (did you mean 'k-db'?)",
            id="replacing nothing",
        ),
        pytest.param(
            {"add": {"slas": [{"id": "x", "service": "db", "contract": "kk"}]}},
            "edits[0].add.slas[0].contract: none of the contracts has the id 'kk' (did you mean 'k'?)",
            id="SLA of no contract",
        ),
        pytest.param(
            {"add": {"slas": [{"id": "x", "service": "db"}]}},
            "edits[0].add.slas[0].contract: contract is missing: which of the contracts is meant? (add contract)",
            id="SLA without its contract",
        ),
        pytest.param(
            {"replace": {"services": [{"availability": 0.5}]}},
            "edits[0].replace.services[0].id: id is missing: which of the services is meant? (add id)",
            id="replacing without an id",
        ),
        pytest.param(
            {"add": {"services": [{"id": "web"}]}},
            "edits[0].add.services[0]: the estate has 'web' among its services already (rename it, or use replace)",
            id="adding twice",
        ),
        pytest.param(
            {"add": {"services": [{"id": "x", "availability": 99.9}]}},
            'edits[0].add.services[0].availability: 99.9 is outside [0, 1] (for 99.9 % write 0.999 or "99.9%")',
            id="bad share",
        ),
        pytest.param(
            {"replace": {"services": [{"id": "db", "availabilty": 0.9}]}},
            "edits[0].replace.services[0].availabilty: unknown key 'availabilty' (did you mean 'availability'?)",
            id="unknown key",
        ),
        pytest.param(
            {"add": {"services": [{"name": "x"}]}},
            "edits[0].add.services[0].id: id is missing (add id)",
            id="no id",
        ),
        pytest.param(
            {"replace": {"services": [{"id": "db", "depends_on": ["wbe"]}]}},
            "edits[0].replace.services[0].depends_on[0]: no service has the id 'wbe' (did you mean 'web'?)",
            id="dangling reference",
        ),
        pytest.param(
            {"remove": {"dependencies": [{"service": "web", "on": "pay-c"}]}},
            "edits[0].remove.dependencies[0].on: the dependency of 'web' on 'pay-c' is not there (did you mean 'pay-b'?)",
            id="no such dependency",
        ),
        pytest.param(
            {"add": {"dependencies": [{"service": "web", "on": "db"}]}},
            "edits[0].add.dependencies[0].on: the dependency of 'web' on 'db' is there already (leave it out)",
            id="dependency twice",
        ),
        pytest.param(
            {"replace": {"dependencies": [{"service": "web", "on": "db"}]}},
            "edits[0].replace.dependencies[0]: \"{'service': 'web', 'on': 'db'}\" does not name a dependency "
            "(write {service: …, on: …, with: …})",
            id="shape of a dependency",
        ),
        pytest.param(
            {"add": {"services": []}, "remove": {"services": []}},
            "edits[0]: an edit needs exactly one of add, remove, replace (write one edit for each)",
            id="two things at once",
        ),
    ],
)  # fmt: skip
def test_a_wrong_edit_gets_its_place_and_its_fix(edit: dict[str, Any], expected: str) -> None:
    assert _refused(edit) == [expected]


def test_a_removed_thing_that_is_still_named_is_named() -> None:
    found = _refused({"remove": {"services": ["mail"]}})
    named = {
        "services 'web'": "depends_on.service",
        "slas 'k-mail'": "service",
        "incidents 'i'": "affects",
    }

    assert found == [
        f"edits[0].remove.services[0]: 'mail' is removed, but {owner} still names it under {field} (change or remove that too)"
        for owner, field in named.items()
    ]


def test_a_group_that_could_not_be_met_is_refused() -> None:
    both = {"service": "web", "on": "payments", "with": {"at_least": 2, "of": ["pay-a", "pay-b"], "name": "payments"}}  # fmt: skip
    [found] = _refused(
        {"replace": {"dependencies": [both]}},
        {"remove": {"dependencies": [{"service": "web", "on": "pay-a"}]}},
    )

    assert "is one of 2 of which 2 are needed" in found
    assert found.startswith("edits[1].remove.dependencies[0].on: ")


def test_all_problems_come_at_once_and_faulty_additions_lend_their_ids() -> None:
    found = _refused(
        {"add": {"services": [{"id": "x", "availability": 7}]}},
        {"add": {"dependencies": [{"service": "db", "on": "x"}]}},
        {"remove": {"locations": ["dublin"]}},
        {"remove": {"services": ["nil"]}},
    )

    assert [text.split(":")[0] for text in found] == [
        "edits[3].remove.services[0]", "edits[0].add.services[0].availability", "edits[2].remove.locations[0]",
    ]  # fmt: skip


def test_no_edits_give_the_estate_itself() -> None:
    assert edited(ESTATE, ()) is ESTATE


@settings(max_examples=40, deadline=None)
@given(estate=estates())
def test_renaming_and_back_gives_an_equal_estate(estate: Estate) -> None:
    first = estate.services[0]
    there = edited(estate, [{"replace": {"services": [{"id": first.id, "name": "other"}]}}])
    back = edited(there, [{"replace": {"services": [{"id": first.id, "name": first.name}]}}])

    assert there.service[first.id].name == "other"
    assert back == estate


@settings(max_examples=40, deadline=None)
@given(estate=estates())
def test_adding_and_removing_gives_an_equal_estate(estate: Estate) -> None:
    new = {"id": "new thing", "depends_on": [estate.services[0].id]}
    there = edited(estate, [Edit.model_validate({"add": {"services": [new]}})])

    assert edited(there, [{"remove": {"services": ["new thing"]}}]) == estate


def test_edits_show_in_the_assessment() -> None:
    pair = {"service": "web", "on": "db", "with": {"at_least": 1, "of": ["db", "db-2"]}}
    after = _made(
        {"add": {"services": [{"id": "db-2", "availability": 0.9}]}},
        {"replace": {"dependencies": [pair]}},
    )
    low = {a.id: a.single_points_of_failure for a in assessed(after).services}

    assert "db" not in low["web"]


def test_many_records_are_edited_at_once() -> None:
    services = [{"id": f"s{n}", "depends_on": [f"s{n - 1}"] if n else []} for n in range(5_000)]
    estate = Estate.model_validate({"services": services})
    named = [{"id": f"s{n}", "name": "x"} for n in range(500)]

    after = edited(estate, [{"replace": {"services": named}}])

    assert [s.name for s in after.services] == ["x"] * 500 + [""] * 4_500
    assert [s.depends_on for s in after.services] == [s.depends_on for s in estate.services]
