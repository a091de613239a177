"""Recurrence of a calendar event as windows that the model holds.

A window has a rule and no single dates: a rule with exceptions becomes one window for each stretch
between them, and each single date becomes a window of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import ValidationError

from depgraph.model.exclusion import RecurringWindow

MAX_EXCEPTIONS = 200
"""Most single dates taken out of one rule."""
ONCE = "FREQ=DAILY;COUNT=1"
"""Rule of what happens once."""
_WRITTEN = "X-DEPGRAPH-WRITTEN"
_DURATION = re.compile(
    r"^(DURATION)((?:;[^:\r\n]*)?):([+-]?P[0-9DWTHMS]+)(?=\s*$)", re.MULTILINE | re.IGNORECASE
)
_HORIZON = timedelta(days=36_600)


@cache
def known_zones() -> frozenset[str]:
    """Names of the zones that this machine knows; looking them up walks through folders."""
    return frozenset(available_timezones())


def zone_name(value: Any) -> str | None:  # noqa: ANN401 - a time of icalendar
    """IANA name of the zone of a time; empty where none is written, None where it is unknown."""
    start, named = value.dt, str(value.params.get("TZID", ""))
    if not isinstance(start, datetime):
        return ""
    if start.tzinfo is None:
        return None if named else ""
    key = getattr(start.tzinfo, "key", None)
    if key is None and start.tzinfo == UTC:
        return "UTC"
    if key is None:
        # The calendar defines the zone itself under a name of Windows.
        key = WINDOWS_TO_OLSON.get(named)
        if key is None or start.replace(tzinfo=ZoneInfo(key)).utcoffset() != start.utcoffset():
            return None
    return str(key) if key in known_zones() else None


def rule_text(recurrence: Any, start: date, zone: tzinfo) -> str:  # noqa: ANN401 - a vRecur
    """Rule in local time: hours and minutes of the start written out, the end without zone."""
    if recurrence is None:
        return with_time(ONCE, start)
    parts = []
    for part in recurrence.to_ical().decode().split(";"):
        name, _, value = part.partition("=")
        if name.upper() == "UNTIL":
            [last] = recurrence["UNTIL"]
            if not isinstance(last, datetime):
                last = datetime.combine(last, time(23, 59, 59))
            elif last.tzinfo is not None:
                last = last.astimezone(zone).replace(tzinfo=None)
            value = f"{last:%Y%m%dT%H%M%S}"
        parts.append(f"{name}={value}")
    return with_time(";".join(parts), start)


def with_time(rule: str, start: date) -> str:
    """Rule with the time of day of its start."""
    begin = start.time() if isinstance(start, datetime) else time.min
    known = {part.partition("=")[0].upper() for part in rule.split(";")}
    hourly = "HOURLY" in rule.upper()
    rule += "" if "BYHOUR" in known or hourly else f";BYHOUR={begin.hour}"
    rule += "" if "BYMINUTE" in known else f";BYMINUTE={begin.minute}"
    exact = "BYSECOND" in known or not begin.second
    return rule + ("" if exact else f";BYSECOND={begin.second}")


def windows(
    rule: str, first: datetime, length: timedelta, without: list[datetime]
) -> list[dict[str, str]]:
    """Windows of a rule, some dates taken out.

    Parameters
    ----------
    rule : str
        Rule in local time.
    first : datetime
        Its first local start.
    length : timedelta
        Length of each occurrence.
    without : list of datetime
        Local starts that do not occur.

    Raises
    ------
    ValueError
        If the rule is none, or more dates are taken out than `MAX_EXCEPTIONS`.
    """
    hours = f"{length.total_seconds() / 3600:.6f}".rstrip("0").rstrip(".")
    found = [(first.date(), rule)]
    try:
        RecurringWindow.model_validate({"rule": rule, "hours": hours})
        if without:
            found = list(_stretches(rule, first, sorted(set(without))))
    except (ValidationError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(str(error)) from None
    return [{"rule": text, "hours": hours, "since": day.isoformat()} for day, text in found]


def _stretches(rule: str, first: datetime, without: list[datetime]) -> Iterator[tuple[date, str]]:
    """First day and rule of each stretch between dates taken out."""
    if len(without) > MAX_EXCEPTIONS:
        raise ValueError(f"more than {MAX_EXCEPTIONS} dates are taken out")
    anchor = datetime.combine(first.date(), time.min)
    occurrences = rrulestr(rule, dtstart=anchor)
    ends = ("COUNT=", "UNTIL=")
    bare = ";".join(part for part in rule.split(";") if not part.upper().startswith(ends))
    edges = [*(d for d in without if d >= first), None]
    for low, high in pairwise([first - timedelta(microseconds=1), *edges]):
        begin = occurrences.after(low) if low else None
        if begin is None or begin == high:
            continue
        if high is None:
            last = _last(occurrences, rule, anchor)
        else:
            last = occurrences.before(high)
            if last is None or last < begin:
                continue
        yield begin.date(), bare if last is None else f"{bare};UNTIL={last:%Y%m%dT%H%M%S}"


def _last(occurrences: Any, rule: str, start: datetime) -> datetime | None:  # noqa: ANN401 - dateutil is untyped
    """Last start of a rule that ends; None for one that does not."""
    if "COUNT=" not in rule.upper() and "UNTIL=" not in rule.upper():
        return None
    last: datetime | None = occurrences.before(start + _HORIZON)
    return last


def local(moment: date, zone: str) -> datetime:
    """A time of a calendar as a local time without zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return moment


def elapsed(start: date, end: date, zone: str) -> timedelta:
    """Time that passes between two moments: where clocks change, not what they show.

    Parameters
    ----------
    start, end : date or datetime
        Moments of a calendar; a day begins at midnight, and a time without a zone is local.
    zone : str
        IANA zone of what is local.

    Raises
    ------
    ValueError
        If none does.

    >>> elapsed(date(2026, 10, 25), date(2026, 10, 26), "Europe/Dublin").total_seconds() / 3600
    25.0
    """
    length = _instant(end, zone) - _instant(start, zone)
    if length <= timedelta(0):
        raise ValueError("it does not end after its start")
    return length


def _instant(moment: date, zone: str) -> datetime:
    """A time of a calendar as an instant; what its zone does not say, lies in this one."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def after(start: date, length: timedelta, text: str) -> date:
    """The end of a duration: its days are those of the calendar, its hours pass (RFC 5545, 3.3.6).

    Parameters
    ----------
    start : date or datetime
        Where it begins.
    length : timedelta
        How long it is, a day taken as 24 hours.
    text : str
        How it is written, such as ``P1DT2H``: 24 hours are no day.
    """
    sign = -1 if text.startswith("-") else 1
    days = sum(
        sign * int(count) * (7 if unit == "W" else 1)
        for count, unit in re.findall(r"(\d+)([WD])", text.partition("T")[0])
    )
    if not isinstance(start, datetime) or start.tzinfo is None:
        return start + length
    day = start + timedelta(days=days)
    return (day.astimezone(UTC) + length - timedelta(days=days)).astimezone(start.tzinfo)


def with_durations_kept(text: str) -> str:
    r"""A calendar whose durations carry how they are written, as a parameter.

    The parser turns each into an amount of time, in which 24 hours and a day are one.

    >>> with_durations_kept("DTSTART:20261024T120000\nDURATION:PT24H\n")
    'DTSTART:20261024T120000\nDURATION;X-DEPGRAPH-WRITTEN=PT24H:PT24H\n'
    """
    return _DURATION.sub(rf"\1\2;{_WRITTEN}=\3:\3", text)


def written_duration(value: Any) -> str:  # noqa: ANN401 - a vDuration
    """How a duration is written in a text from `with_durations_kept`."""
    return str(value.params.get(_WRITTEN) or value.to_ical().decode())


def dates(event: Any, name: str) -> list[Any]:  # noqa: ANN401 - an icalendar component
    """All values of a property that lists dates or periods."""
    held = event.get(name)
    if held is None:
        return []
    return [
        value.dt
        for one in (held if isinstance(held, list) else [held])
        for value in getattr(one, "dts", [])
    ]
