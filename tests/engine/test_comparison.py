"""Before → after: by hand, and laws (rule W3)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from depgraph.engine.availability import assessed
from depgraph.engine.comparison import compared
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from tests.estates import estates


def _estate(web_needs: list[Any], *more: dict[str, Any], target: str = "0.995") -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "buyer"}],
            "services": [
                {"id": "web", "provider": "us", "availability": "0.999", "depends_on": web_needs},
                {"id": "db", "availability": "0.99"},
                {"id": "mail", "availability": "0.9"},
                *more,
            ],
            "contracts": [
                {
                    "id": "k", "supplier": "us", "customer": "buyer",
                    "slas": [{"id": "k-web", "service": "web", "objectives": [{"metric": "availability", "target": target}]}],
                }
            ],
        }
    )  # fmt: skip


BEFORE = _estate(["db"])
AFTER = _estate([{"at_least": 1, "of": ["db", "db2"]}], {"id": "db2", "availability": "0.99"})


def test_a_second_database_by_hand() -> None:
    """0.999 × 0.99 = 0.98901 becomes 0.999 × (1 − 0.01²) = 0.9989001."""
    found = compared(BEFORE, AFTER)
    web, db2 = found.changes

    assert (web.id, db2.id) == ("web", "db2")
    assert web.before is not None
    assert web.after is not None
    assert web.before.availability == pytest.approx(0.98901, abs=1e-12)
    assert web.after.availability == pytest.approx(0.9989001, abs=1e-12)
    assert web.gained_minutes_per_month == pytest.approx((0.9989001 - 0.98901) * 43_200)
    assert web.before.single_points_of_failure == ("db", "web")
    assert (web.single_points_added, web.single_points_removed) == ((), ("db",))
    assert (web.before.unbacked, web.after.unbacked) == (True, False)
    assert db2.before is None
    assert found.unchanged == 2


def test_totals_by_hand() -> None:
    found = compared(BEFORE, AFTER)

    assert (found.before.services, found.after.services) == (3, 4)
    assert (found.before.unbacked, found.after.unbacked) == (("web",), ())
    # web, db and mail each rest on themselves; db2 comes.
    assert found.before.single_points_of_failure == 3
    assert found.after.single_points_of_failure == 4
    assert found.before.downtime_minutes_per_month == pytest.approx((0.01099 + 0.01 + 0.1) * 43_200)


def test_a_changed_promise_is_a_change() -> None:
    found = compared(BEFORE, _estate(["db"], target="0.98"))

    assert [row.id for row in found.changes] == ["web"]
    assert found.after.unbacked == ()
    assert found.changes[0].gained_minutes_per_month == 0.0


def test_losses_come_first() -> None:
    worse = _estate([{"at_least": 1, "of": ["db", "mail"]}]).replace(
        services=[
            service.replace(availability="0.5") if service.id == "mail" else service
            for service in _estate([{"at_least": 1, "of": ["db", "mail"]}]).services
        ]
    )
    found = compared(BEFORE, worse)

    assert [row.id for row in found.changes] == ["mail", "web"]
    assert found.changes[0].gained_minutes_per_month == pytest.approx(-0.4 * 43_200)


def test_a_service_without_a_figure_is_bracketed_and_not_summed() -> None:
    found = compared(BEFORE, _estate(["db"], {"id": "x"}))

    assert found.after.bracketed == ("x",)
    assert found.after.downtime_minutes_per_month is None
    assert found.changes[0].gained_minutes_per_month is None


def test_chosen_services_and_removed_ones() -> None:
    assert compared(BEFORE, AFTER, ["mail"]).changes == ()
    back = compared(AFTER, BEFORE, ["db2", "db2"])

    assert [(row.id, row.after) for row in back.changes] == [("db2", None)]
    assert back.after.services == 0
    with pytest.raises(DomainError, match="'nil', before or after"):
        compared(BEFORE, AFTER, ["nil"])


def test_nothing_against_something() -> None:
    found = compared(Estate(), BEFORE)

    assert found.before.services == 0
    assert len(found.changes) == 3


@settings(max_examples=25, deadline=None)
@given(estate=estates())
def test_an_estate_does_not_differ_from_itself(estate: Estate) -> None:
    found = compared(estate, estate)

    assert found.changes == ()
    assert found.before == found.after


@settings(max_examples=25, deadline=None)
@given(old=estates(), new=estates())
def test_states_are_those_of_the_assessments(old: Estate, new: Estate) -> None:
    found = compared(old, new)
    answers = {answer.id: answer for answer in assessed(new).services}
    for row in found.changes:
        if row.after is not None:
            assert (row.after.low, row.after.high) == (answers[row.id].low, answers[row.id].high)
    assert len(found.changes) + found.unchanged == len(old.service.keys() | new.service.keys())
