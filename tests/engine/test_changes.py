"""Differences of estates, by hand and by law."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from depgraph.engine.changes import estate_changes, removed_share
from depgraph.model.estate import Estate
from tests.estates import estates

BEFORE = Estate.model_validate(
    {
        "name": "x",
        "organizations": [{"id": "a"}, {"id": "b"}],
        "services": [{"id": "s", "availability": 0.9}, {"id": "gone"}],
        "contracts": [{"id": "k", "supplier": "a", "customer": "b",
                       "slas": [{"id": "k1", "service": "s"}]}],
        "claims": [{"sla": "k1", "period": "2026-04", "filed": "2026-05-01"}],
    }
)  # fmt: skip


def test_every_kind_of_change_is_named_once() -> None:
    after = Estate.model_validate(
        {
            "name": "y",
            "organizations": [{"id": "b"}, {"id": "a"}],
            "services": [{"id": "s", "availability": 0.95, "rto_hours": 1}, {"id": "new"}],
            "contracts": [{"id": "k", "supplier": "a", "customer": "b",
                           "slas": [{"id": "k1", "service": "new"}]}],
        }
    )  # fmt: skip
    found = estate_changes(BEFORE, after)

    assert [(c.what, c.list, c.id) for c in found] == [
        ("removed", "services", "gone"),
        ("changed", "services", "s"),
        ("added", "services", "new"),
        ("changed", "slas", "k1"),
        ("removed", "claims", '{"filed": "2026-05-01", "period": "2026-04", "sla": "k1"}'),
        ("changed", "estate", "estate"),
    ]
    assert [(f.field, f.before, f.after) for f in found[1].fields] == [
        ("availability", "0.9", "0.95"),
        ("rto_hours", None, "1"),
    ]


def test_the_share_removed_counts_every_record() -> None:
    """Seven records before: two organizations, two services, contract, SLA, claim; all go."""
    assert removed_share(BEFORE, estate_changes(BEFORE, Estate())) == 1.0
    assert removed_share(Estate(), ()) == 0.0
    some = BEFORE.replace(services=BEFORE.services[:1])
    assert removed_share(BEFORE, estate_changes(BEFORE, some)) == pytest.approx(1 / 7)


@settings(max_examples=60, deadline=None)
@given(estates(), estates())
def test_no_change_means_equal_and_the_way_back_mirrors(one: Estate, two: Estate) -> None:
    assert estate_changes(one, one) == ()
    there, back = estate_changes(one, two), estate_changes(two, one)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}

    assert {(c.list, c.id, turned[c.what]) for c in there} == {(c.list, c.id, c.what) for c in back}
