"""Regulatory clocks that an incident starts, anchored as the law says (rule D4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from depgraph.errors import DomainError
from depgraph.record import Record


class Clock(Record):
    """One duty to report, and when it is due."""

    regulation: str
    """Short name of the law."""
    duty: str
    """What is due."""
    article: str
    """Where the law says so."""
    anchor: str
    """What the time is counted from."""
    due: datetime | None
    """Last instant; None while the report that it is counted from is not submitted."""


class _Rule(NamedTuple):
    """One duty that is counted from an earlier one."""

    regulation: str
    duty: str
    article: str
    after: str
    span: relativedelta


_FOLLOWING = (
    _Rule("DORA", "intermediate report", "(EU) 2025/301 Art. 5(1)", "DORA initial notification",
          relativedelta(hours=72)),
    _Rule("DORA", "final report", "(EU) 2025/301 Art. 5(1)", "DORA intermediate report",
          relativedelta(months=1)),
    _Rule("NIS2", "final report", "(EU) 2022/2555 Art. 23(4)(d)", "NIS2 incident notification",
          relativedelta(months=1)),
)  # fmt: skip


def clocks(
    aware: datetime,
    classified: datetime | None = None,
    submitted: Mapping[str, datetime] | None = None,
) -> tuple[Clock, ...]:
    """Clocks that start when an organization becomes aware of an incident (rule D4).

    Which laws apply is the reader's to say: DORA binds financial entities, NIS2 essential and
    important ones, GDPR whoever lost personal data.

    Parameters
    ----------
    aware : datetime
        When the organization became aware.
    classified : datetime, optional
        When the incident was classified as major; taken as the moment of awareness when absent,
        which gives the earliest due time.
    submitted : mapping of str to datetime, optional
        When reports were submitted, by "REGULATION duty"; later ones count from them.

    Raises
    ------
    DomainError
        If an instant has no zone, or the classification comes before awareness.
    """
    sent = _instants({"aware": aware, "classified": classified or aware, **(submitted or {})})
    aware, classified = sent["aware"], sent["classified"]
    day = timedelta(hours=24)
    initial = min(classified + timedelta(hours=4), aware + day)
    first = [
        Clock(regulation="DORA", duty="initial notification", article="(EU) 2025/301 Art. 5(1)",
              anchor="4 h from classification, 24 h from awareness at most", due=initial),
        Clock(regulation="NIS2", duty="early warning", article="(EU) 2022/2555 Art. 23(4)(a)",
              anchor="24 h from awareness", due=aware + day),
        Clock(regulation="NIS2", duty="incident notification",
              article="(EU) 2022/2555 Art. 23(4)(b)",
              anchor="72 h from awareness", due=aware + 3 * day),
        Clock(regulation="GDPR", duty="notification of a personal data breach",
              article="(EU) 2016/679 Art. 33(1)",
              anchor="72 h from awareness", due=aware + 3 * day),
    ]  # fmt: skip
    later = [
        Clock(
            regulation=rule.regulation,
            duty=rule.duty,
            article=rule.article,
            anchor=f"submission of the {rule.after.removeprefix(rule.regulation).strip()}",
            due=sent[rule.after] + rule.span if rule.after in sent else None,
        )
        for rule in _FOLLOWING
    ]
    return tuple(sorted((*first, *later), key=lambda c: (c.due is None, c.due or aware)))


def _instants(given: Mapping[str, datetime]) -> dict[str, datetime]:
    """Instants in UTC, so that hours stay hours where clocks change; refuses impossible ones."""
    for name, moment in given.items():
        if moment.utcoffset() is None:
            raise DomainError(f"{name} is {moment.isoformat()}, without a time zone: add Z for UTC")
    if given["classified"] < given["aware"]:
        raise DomainError(
            f"classified at {given['classified'].isoformat()}, before awareness at "
            f"{given['aware'].isoformat()}: correct one of them"
        )
    return {name: moment.astimezone(UTC) for name, moment in given.items()}
