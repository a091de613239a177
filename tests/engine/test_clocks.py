"""Regulatory clocks: worked examples F06 and F08."""

from __future__ import annotations

from datetime import UTC, datetime

from depgraph.engine.clocks import clocks


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
