"""Regulatory clocks: worked examples F06 and F08."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from depgraph.engine.clocks import clocks
from depgraph.errors import DomainError


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_f06_dora() -> None:
    found = clocks(
        at("2025-10-20T07:48"),
        at("2025-10-20T20:00"),
        {
            "DORA initial notification": at("2025-10-20T23:30"),
            "DORA intermediate report": at("2025-10-23T20:00"),
        },
    )
    due = {c.duty: c.due for c in found if c.regulation == "DORA"}

    assert due == {
        "initial notification": at("2025-10-21T00:00"),
        "intermediate report": at("2025-10-23T23:30"),
        "final report": at("2025-11-23T20:00"),
    }


def test_f08_nis2_clamps_to_the_end_of_the_month() -> None:
    sent = {"NIS2 incident notification": at("2026-01-31T09:00")}
    due = {
        c.duty: c.due for c in clocks(at("2026-01-30T10:00"), None, sent) if c.regulation == "NIS2"
    }

    assert due["early warning"] == at("2026-01-31T10:00")
    assert due["incident notification"] == at("2026-02-02T10:00")
    assert due["final report"] == at("2026-02-28T09:00")


def test_reports_that_wait_for_another_have_no_due_time_yet() -> None:
    assert {c.duty for c in clocks(at("2026-01-30T10:00")) if c.due is None} == {
        "intermediate report",
        "final report",
    }


def test_a_late_classification_does_not_move_the_limit() -> None:
    """Rule D4: the earlier of the two, whatever comes later."""
    due = {c.duty: c.due for c in clocks(at("2025-10-20T07:48"), at("2025-10-22T20:00"))}

    assert due["initial notification"] == at("2025-10-21T07:48")


def test_hours_are_hours_where_clocks_change() -> None:
    sent = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Dublin"))
    found = clocks(at("2026-03-28T09:00"), None, {"DORA initial notification": sent})

    assert next(c.due for c in found if c.duty == "intermediate report") == at("2026-03-31T12:00")


def test_impossible_instants_are_refused() -> None:
    aware = at("2026-01-30T10:00")
    with pytest.raises(DomainError, match="before awareness"):
        clocks(aware, aware - timedelta(minutes=1))
    with pytest.raises(DomainError, match="without a time zone"):
        clocks(aware.replace(tzinfo=None))
