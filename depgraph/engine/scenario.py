"""An estate with a scenario's changes made (rules W1, W3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from depgraph.engine.dependency_edits import (
    added_dependency,
    replaced_dependency,
    without_dependency,
)
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import NAMED_RECORDS, Estate
from depgraph.model.scenario import Edit
from depgraph.record import Record
from depgraph.wording import counted, did_you_mean

Path = tuple[str | int, ...]
_FIGURES = frozenset({"availability", "unavailability", "mtbf_hours"})


def edited(estate: Estate, edits: Sequence[Edit | Mapping[str, Any]]) -> Estate:
    """Make the changes of a scenario; the estate itself stays as it is.

    Parameters
    ----------
    estate : Estate
        The estate before.
    edits : sequence of Edit or mapping
        Changes, in order; a mapping is read as in a scenario file.

    Returns
    -------
    Estate
        Validated like any other. A record that is replaced keeps the fields that the change does
        not name; a figure given for its own availability takes the place of the old one.

    Raises
    ------
    RegisterError
        With every problem, each with its path from ``edits``: ids that do not exist, records that
        are not valid, things removed that others still name.
    """
    if not edits:
        return estate
    work = _Work(estate)
    for place, edit in enumerate(edits):
        try:
            work.make(edit if isinstance(edit, Edit) else Edit.model_validate(edit), place)
        except ValidationError as error:
            work.problems += [_fault(d, Edit, ("edits", place)) for d in error.errors()]
    made = work.estate()
    if isinstance(made, Estate):
        return made
    raise RegisterError(f"the changes have {counted(len(made), 'problem')}", made)


@dataclass
class _Entry:
    """A record on its way, where it came from, and what it was before a change."""

    value: dict[str, Any]
    """Fields of the record, or its written form."""
    kind: str
    """The list that it belongs to."""
    origin: Path | None = None
    """The edit that made it what it is; None when none did."""
    record: Record | None = None
    """The record before any change; None when it is new."""
    holder: str = ""
    """For an SLA, its contract."""

    @property
    def name(self) -> str:
        """Its id; the edit's place where none is given, which validation then refuses."""
        return str(self.value.get("id", self.origin))

    @property
    def current(self) -> Record | dict[str, Any]:
        """The record itself while nothing has changed it, so that it is not validated again."""
        return self.value if self.origin is not None or self.record is None else self.record


class _Work:
    """Makes edits one after the other, then puts the estate together again."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.problems: list[Problem] = []
        self._removed: dict[str, Path] = {}
        self._entries: dict[str, dict[str, _Entry]] = {kind: {} for kind in NAMED_RECORDS}
        for kind in NAMED_RECORDS:
            for record in () if kind == "slas" else getattr(estate, kind):
                self._entries[kind][record.id] = _entry(record, kind)
        for contract in estate.contracts:
            for sla in contract.slas:
                self._entries["slas"][sla.id] = _entry(sla, "slas", contract.id)

    def make(self, edit: Edit, place: int) -> None:
        """Make one edit."""
        parts: tuple[tuple[str, Mapping[Any, tuple[Any, ...]] | None, _Maker], ...] = (
            ("add", edit.add, self._add),
            ("remove", edit.remove, self._remove),
            ("replace", edit.replace_fields, self._replace),
        )
        for word, lists, maker in parts:
            for kind, items in (lists or {}).items():
                for number, item in enumerate(items):
                    path = ("edits", place, word, kind, number)
                    if kind == "dependencies":
                        self._depend(word, item, path)
                    else:
                        maker(kind, item, path)

    def _add(self, kind: str, item: Any, path: Path) -> None:  # noqa: ANN401 - raw file content
        fields = dict(item)
        holder = str(fields.pop("contract", "")) if kind == "slas" else ""
        entry = _Entry(fields, kind, path, holder=holder)
        if entry.name in self._entries[kind]:
            what = f"the estate has {entry.name!r} among its {kind} already"
            self._refuse("duplicate-id", what, "rename it, or use replace", (path, entry.name))
        elif kind == "slas" and holder not in self._entries["contracts"]:
            self._unknown("contracts", holder, (*path, "contract"))
        else:
            self._entries[kind][entry.name] = entry
            self._removed.pop(entry.name, None)

    def _remove(self, kind: str, item: Any, path: Path) -> None:  # noqa: ANN401 - raw file content
        name = str(item)
        if name not in self._entries[kind]:
            self._unknown(kind, name, path)
            return
        gone = [self._entries[kind].pop(name)]
        if kind == "contracts":
            held = self._entries["slas"]
            gone += [held.pop(entry.name) for entry in list(held.values()) if entry.holder == name]
        self._removed.update(dict.fromkeys((entry.name for entry in gone), path))

    def _replace(self, kind: str, item: Any, path: Path) -> None:  # noqa: ANN401 - raw file content
        fresh = dict(item)
        name = str(fresh.pop("id", ""))
        entry = self._entries[kind].get(name)
        if entry is None:
            self._unknown(kind, name, (*path, "id"))
            return
        fields = dict(entry.value)
        if any(fresh.get(figure) is not None for figure in _FIGURES):
            # Records take one figure for their own availability: the new one is meant.
            fields = {key: value for key, value in fields.items() if key not in _FIGURES}
        if kind == "contracts" and "slas" in fresh:
            self._put_slas(name, fresh.pop("slas"), path)
        fields.update(fresh)
        for key in [key for key, value in fresh.items() if value is None]:
            del fields[key]
        entry.value, entry.origin = fields, path

    def _put_slas(self, contract: str, items: Any, path: Path) -> None:  # noqa: ANN401 - raw file content
        """Put other SLAs in place of all of a contract's."""
        held = self._entries["slas"]
        for entry in [entry for entry in held.values() if entry.holder == contract]:
            self._removed[entry.name] = path
            del held[entry.name]
        if not isinstance(items, (list, tuple)) or not all(isinstance(i, dict) for i in items):
            self._refuse("bad-edit", "slas is not a list of SLAs", "write a list", (path, "slas"))
            return
        for number, item in enumerate(items):
            self._add("slas", {**item, "contract": contract}, (*path, "slas", number))

    def _depend(self, word: str, item: Any, path: Path) -> None:  # noqa: ANN401 - raw file content
        """Add, remove or replace one dependency."""
        wanted = {"service", "on"} | ({"with"} if word == "replace" else set())
        allowed = wanted | ({"soft"} if word == "add" else set())
        if not isinstance(item, Mapping) or not wanted <= item.keys() <= allowed:
            shape = ", ".join(f"{key}: …" for key in ("service", "on", "with") if key in wanted)
            what = f"{str(item)[:60]!r} does not name a dependency"
            self._refuse("bad-edit", what, f"write {{{shape}}}", (path, str(item)[:60]))
            return
        change = dict(item)
        entry = self._entries["services"].get(str(change["service"]))
        if entry is None:
            self._unknown("services", str(change["service"]), (*path, "service"))
            return
        made = _DEPENDENCY_EDITS[word](entry.value.get("depends_on", ()), change)
        if isinstance(made, Problem):
            self.problems.append(replace(made, path=(*path, "on")))
        else:
            entry.value, entry.origin = {**entry.value, "depends_on": made}, path

    def _unknown(self, kind: str, name: str, path: Path) -> None:
        if not name:
            field = str(path[-1])
            what = f"{field} is missing: which of the {kind} is meant?"
            self._refuse("missing-field", what, f"add {field}", (path, name))
            return
        hint = did_you_mean(name, self._entries[kind], "correct the id")
        self._refuse(
            "unknown-reference", f"none of the {kind} has the id {name!r}", hint, (path, name)
        )

    def _refuse(self, code: str, what: str, hint: str, where: tuple[Path, str]) -> None:
        path, value = where
        self.problems.append(Problem(code, what, hint, value=value, path=path))

    def estate(self) -> Estate | list[Problem]:
        """The estate put together, or every problem."""
        hidden = self._check_records()
        entries = self._entries
        held: dict[str, list[_Entry]] = {}
        for sla in entries["slas"].values():
            held.setdefault(sla.holder, []).append(sla)
        lists = {
            kind: [self._whole(entry, held.get(name, ())) for name, entry in entries[kind].items()]
            for kind in NAMED_RECORDS
            if kind != "slas"
        }
        try:
            made = Estate.model_validate({**_fields(self._estate), **lists})
        except RegisterError as error:
            kept = [p for p in error.problems if p.value.split(":")[-1] not in hidden]
            self.problems += [self._placed(problem) for problem in kept]
        else:
            if not self.problems:
                return made
        return self.problems

    def _whole(self, entry: _Entry, held: Sequence[_Entry]) -> Record | dict[str, Any]:
        """A record to validate; a contract with its SLAs."""
        if entry.kind != "contracts":
            return entry.current
        return {**entry.value, "slas": [sla.current for sla in held]}

    def _check_records(self) -> set[str]:
        """Validate what was touched; faulty records go back to what they were, or are hidden."""
        hidden: set[str] = set()
        for kind, record in NAMED_RECORDS.items():
            for name, entry in list(self._entries[kind].items()):
                if entry.origin is None:
                    continue
                try:
                    record.model_validate(entry.value)
                except ValidationError as error:
                    found = error.errors(include_url=False)
                    self.problems += [_fault(detail, record, entry.origin) for detail in found]
                    if entry.record is None:
                        hidden.add(name)
                        del self._entries[kind][name]
                        hidden |= self._drop_held(kind, name)
                    else:
                        entry.value, entry.origin = _fields(entry.record), None
        return hidden

    def _drop_held(self, kind: str, name: str) -> set[str]:
        """Leave out the SLAs of a contract that is left out."""
        held = self._entries["slas"]
        gone = {s for s, entry in held.items() if kind == "contracts" and entry.holder == name}
        for sla in gone:
            del held[sla]
        return gone

    def _placed(self, problem: Problem) -> Problem:
        """Say which edit brought a problem about."""
        kind, place, *rest = problem.path
        entries = list(self._entries[str(kind)].values()) if kind in self._entries else []
        entry = entries[int(place)] if entries else None
        owner = f"{kind} {entry.name!r}" if entry else str(kind)
        if entry is not None and rest[:1] == ["slas"] and len(rest) > 1:
            held = [s for s in self._entries["slas"].values() if s.holder == entry.name]
            entry = held[int(rest[1])]
            owner, rest = f"slas {entry.name!r}", rest[2:]
        gone = self._removed.get(problem.value.split(":")[-1])
        if problem.code == "unknown-reference" and gone is not None:
            field = ".".join(str(step) for step in rest if isinstance(step, str))
            return replace(
                problem,
                what=f"{problem.value!r} is removed, but {owner} still names it under {field}",
                hint="change or remove that too",
                path=gone,
            )
        if entry is not None and entry.origin is not None:
            return replace(problem, path=(*entry.origin, *rest))
        return replace(problem, what=f"after the changes: {problem.what}")


_Maker = Callable[[str, Any, Path], None]
_DEPENDENCY_EDITS: Mapping[str, Callable[[Sequence[Any], dict[str, Any]], list[Any] | Problem]] = {
    "add": added_dependency,
    "remove": without_dependency,
    "replace": replaced_dependency,
}


def _entry(record: Record, kind: str, holder: str = "") -> _Entry:
    return _Entry(_fields(record), kind, record=record, holder=holder)


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).model_fields}


def _fault(detail: Any, record: type[Record], origin: Path) -> Problem:  # noqa: ANN401 - pydantic's error details
    """One fault of a record, as a problem of the edit that made it."""
    path: Path = (*origin, *detail["loc"])
    context = detail.get("ctx", {})
    name = str(path[-1])
    value = detail["input"]
    shown = "" if isinstance(value, (dict, list, tuple, Record)) else str(value)[:80]
    code, what, hint = detail["type"].replace("_", "-"), f"{name}: {detail['msg']}", ""
    if detail["type"] == "extra_forbidden":
        code, what = "unknown-key", f"unknown key {name!r}"
        known = record.model_fields if len(detail["loc"]) == 1 else ()
        hint = did_you_mean(name, known, "remove it")
    elif detail["type"] == "missing":
        code, what, hint = "missing-field", f"{name} is missing", f"add {name}"
    elif detail["type"] == "depgraph":
        code, what, hint = context["code"], context["message"], context["hint"]
    return Problem(code, what, hint, value=shown, path=path)
