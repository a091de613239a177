"""What validation found, as problems with a fix."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from depgraph.errors import Problem
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import did_you_mean

_TAGS = {"id", "dependency", "group", "schedule", "published"}

_KEY = "[key]"
"""What pydantic calls a key that is at fault itself."""


def validation_problems(
    error: ValidationError,
    data: Any,  # noqa: ANN401 - raw file content
    record: type[Record] = Estate,
) -> list[Problem]:
    """Every fault of a validation, with its path in `data` and a fix where there is one.

    Parameters
    ----------
    error : ValidationError
        What validating found.
    data : dict
        Content of the files.
    record : type of Record
        What the content was read as; its keys are suggested for unknown ones.
    """
    return [_problem(details, data, record) for details in error.errors(include_url=False)]


def _problem(
    details: ErrorDetails,
    data: Any,  # noqa: ANN401 - raw file content
    record: type[Record],
) -> Problem:
    path, tags = _path(details["loc"], data)
    kind, context = details["type"], details.get("ctx", {})
    value = details["input"]
    shown = "" if isinstance(value, (dict, list)) else _short(value)
    name = str(path[-1]) if path else ""
    code, what, hint = kind.replace("_", "-"), "", ""
    if kind == "missing":
        code, what = "missing-field", f"{name} is missing"
        hint = f"add {name}"
    elif kind == "extra_forbidden":
        code, what = "unknown-key", f"unknown key {name!r}"
        allowed = sorted(_allowed(record, tuple(details["loc"][:-1])))
        hint = did_you_mean(name, allowed, "remove it")
    elif kind == "literal_error" and name == _KEY:
        choices = re.findall(r"'([^']*)'", context["expected"])
        code, what, path = "unknown-key", f"unknown key {_short(value)}", path[:-1]
        hint = did_you_mean(str(value), choices, f"choose from {', '.join(choices)}")
    elif kind == "depgraph":
        code, what, hint = context["code"], context["message"], context["hint"]
    elif kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        code, what = "unknown-value", f"{name} cannot be {_short(value)}"
        hint = did_you_mean(str(value), choices, f"choose from {', '.join(choices)}")
    elif kind.startswith("date") and shown:
        what, hint = f"{name}: {shown} {_no_date(kind)}", _wish(kind, value)
    else:
        where = f"{name}: " if name and not isinstance(path[-1], int) else ""
        message = details["msg"].replace("Input should be", "should be")
        message = re.sub(r"Decimal\('([^']*)'\)", r"\1", message)
        message = re.sub(r"a valid string", "a text", message)
        message = re.sub(r"a valid (tuple|list)", "a list", message)
        message = re.sub(
            r"(Tuple|List) should have (.*) after validation, not", r"needs \2, has", message
        )
        message = re.sub(r"a valid dictionary( or instance of \w+)?", "a mapping", message)
        what = f"{where}{message}" + (f", found {shown}" if shown else "")
        hint = _wish(kind, value)
    del tags
    return Problem(code=code, what=what, hint=hint, value=shown, path=path)


def _no_date(kind: str) -> str:
    """What is wrong with a day or a time, in words."""
    if kind == "date_from_datetime_inexact":
        return "is a time, and a day is meant"
    if kind.startswith("datetime"):
        return "is not a time"
    return "is not a day of the calendar, year first"


def _wish(kind: str, value: object) -> str:
    """Fix for the usual type faults."""
    if kind == "string_type" and isinstance(value, (int, bool)):
        return f'write it in quotes: "{value}"'
    if kind in {"tuple_type", "list_type"}:
        return "write a list: [a, b], or one item per line after a dash"
    if kind == "too_short":
        return "add one"
    if kind.startswith("datetime"):
        return "write it as 2026-04-10T10:00:00Z"
    if kind.startswith("date"):
        return "write it as 2026-04-10"
    return ""


def _path(
    location: tuple[int | str, ...],
    data: Any,  # noqa: ANN401 - raw file content
) -> tuple[tuple[str | int, ...], list[str]]:
    """Path in the data: pydantic's location without the names of union members."""
    path: list[str | int] = []
    tags: list[str] = []
    here = data
    last = len(location) - 1
    for place, step in enumerate(location):
        inside = isinstance(here, dict) and step in here
        inside = inside or (isinstance(here, list) and isinstance(step, int) and step < len(here))
        if inside:
            here = here[step]
            path.append(step)
        elif step in _TAGS and not (place == last and isinstance(here, dict)):
            tags.append(str(step))
        else:
            path.append(step)
            here = None
    return tuple(path), tags


@cache
def _schema(record: type[Record]) -> dict[str, Any]:
    return record.model_json_schema()


@cache
def _allowed(record: type[Record], location: tuple[int | str, ...]) -> frozenset[str]:
    """Keys that a record at a location may have, from the JSON Schema."""
    places = [_schema(record)]
    for step in location:
        following = []
        for place in places:
            for option in _options(record, place):
                if isinstance(step, int):
                    following += [option["items"]] if "items" in option else []
                elif step in option.get("properties", {}):
                    following.append(option["properties"][step])
        places = following or (places if step in _TAGS else [])
    return frozenset(
        key
        for place in places
        for option in _options(record, place)
        for key in option.get("properties", {})
    )


def _options(record: type[Record], place: dict[str, Any]) -> list[dict[str, Any]]:
    """Schemas that a place may be, references followed."""
    if "$ref" in place:
        return _options(record, _schema(record)["$defs"][place["$ref"].rsplit("/", 1)[-1]])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in place:
            return [option for part in place[word] for option in _options(record, part)]
    return [place]


def _short(value: object) -> str:
    text = str(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal
