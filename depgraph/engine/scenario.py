"""An estate with a scenario's changes made (rules W1, W3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Edit


def edited(estate: Estate, edits: Sequence[Edit]) -> Estate:
    """Make the changes of a scenario; the estate itself stays as it is.

    Parameters
    ----------
    estate : Estate
        The estate before.
    edits : sequence of Edit
        Changes, in order.

    Raises
    ------
    RegisterError
        With every problem: ids that do not exist, records that are not valid, things removed that
        others still name.
    """
    if not edits:
        return estate
    data: dict[str, Any] = estate.model_dump(mode="json", by_alias=True)
    problems: list[Problem] = []
    for place, edit in enumerate(edits):
        problems += _Change(data, place).made(edit)
    if problems:
        raise RegisterError(f"{len(problems)} change(s) cannot be made", problems)
    try:
        return Estate.model_validate(data)
    except ValidationError as error:
        found = [_as_problem(detail) for detail in error.errors(include_url=False)]
        raise RegisterError("the estate does not hold together after the changes", found) from None


def _as_problem(detail: Any) -> Problem:  # noqa: ANN401 - pydantic's error details
    context = detail.get("ctx", {})
    return Problem(
        code=str(context.get("code", detail["type"])),
        what=f"after the changes: {detail['msg']}",
        hint=str(context.get("hint", "")),
        path=tuple(detail["loc"]),
    )


class _Change:
    """Makes one edit on the written form of an estate."""

    def __init__(self, data: dict[str, Any], place: int) -> None:
        self._data = data
        self._place = place

    def made(self, edit: Edit) -> Iterator[Problem]:
        """Change the data; yield what could not be done."""
        for kind, records in (edit.add or {}).items():
            for record in records:
                yield from self._add(kind, record)
        for kind, names in (edit.remove or {}).items():
            for name in names:
                yield from self._remove(kind, name)
        for kind, records in (edit.replace_fields or {}).items():
            for record in records:
                yield from self._replace(kind, record)

    def _lists(self, kind: str) -> list[list[dict[str, Any]]]:
        """Lists that hold records of a kind; SLAs stand inside their contracts."""
        if kind == "slas":
            return [contract["slas"] for contract in self._data["contracts"]]
        return [self._data[kind]]

    def _add(self, kind: str, record: dict[str, Any]) -> Iterator[Problem]:
        if kind != "slas":
            self._data[kind].append(record)
            return
        contract = record.get("contract")
        for held in self._data["contracts"]:
            if held["id"] == contract:
                held["slas"].append({k: v for k, v in record.items() if k != "contract"})
                return
        yield self._unknown("contracts", str(contract))

    def _remove(self, kind: str, name: str) -> Iterator[Problem]:
        for records in self._lists(kind):
            for record in records:
                if record["id"] == name:
                    records.remove(record)
                    return
        yield self._unknown(kind, name)

    def _replace(self, kind: str, record: dict[str, Any]) -> Iterator[Problem]:
        for records in self._lists(kind):
            for place, old in enumerate(records):
                if old["id"] == record.get("id"):
                    records[place] = {**old, **record}
                    return
        yield self._unknown(kind, str(record.get("id")))

    def _unknown(self, kind: str, name: str) -> Problem:
        known = [record["id"] for records in self._lists(kind) for record in records]
        close = get_close_matches(name, known, n=1)
        return Problem(
            code="unknown-reference",
            what=f"none of the {kind} has the id {name!r}",
            hint=f"did you mean {close[0]!r}?" if close else "correct the id",
            value=name,
            path=("edits", self._place),
        )
