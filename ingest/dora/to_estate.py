"""A register of information into a draft of an estate: entities, providers, functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from depgraph.model.register import DEFINED_TERMS, FinancialEntity, RegisterMaintenance
from ingest.dora.contracts_to_estate import take_contracts
from ingest.dora.reading import Cells, given, identifier_fields, plain
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import templates
from ingest.provenance import Draft, cleaned_id


def take_register(register: Register, draft: Draft) -> None:
    """Take every row of a register, or say why not.

    Parameters
    ----------
    register : Register
        Its tables.
    draft : Draft
        What records, origins, notes and counts go to.
    """
    for code in templates():
        draft.count(code, rows=0, rows_taken=0, rows_left_out=0,
                    fields=0, fields_taken=0, fields_inferred=0, fields_left_out=0)  # fmt: skip
    work = Work(register, draft)
    for row in register.rows["B_01.02"]:
        _take_entity(work, row)
    _take_maintenance(work)
    for row in register.rows["B_01.03"]:
        _take_branch(work, row)
    for row in register.rows["B_05.01"]:
        _take_provider(work, row)
    _take_named(work)
    functions = _take_functions(work)
    take_contracts(register, draft, functions)


@dataclass
class Work:
    """What taking organizations shares."""

    register: Register
    draft: Draft
    parents: dict[str, str] = field(default_factory=dict)
    """Owners taken so far, by organization."""
    named: list[tuple[str, str | None, Cells, str]] = field(default_factory=list)
    """Parents that rows name: code, its type, row and column."""

    def cells(self, template: str, row: RegisterRow) -> Cells:
        """The cells of a row."""
        return Cells(templates()[template], row, self.draft)

    def owned_by(self, name: str, owner: str) -> bool:
        """Take an owner, unless that would make a ring."""
        above: str | None = owner
        while above is not None:
            if above == name:
                return False
            above = self.parents.get(above)
        return self.parents.setdefault(name, owner) == owner


def _take_entity(work: Work, row: RegisterRow) -> None:
    cells = work.cells("B_01.02", row)
    name = cells.text("c0010")
    if not name:
        cells.leave_out("the LEI of the entity is empty (rule 805)")
        return
    parent = cells.text("c0060")
    owner = cleaned_id(parent) if parent and parent != name else None
    record = FinancialEntity.model_validate(
        given(
            {
                "type": cells.word("c0040"), "group_role": cells.word("c0050"),
                "direct_parent": cleaned_id(parent) if parent else None,
                "updated": cells.day("c0070"), "integrated": cells.day("c0080"),
                "deleted": cells.day("c0090"), "currency": cells.currency("c0100"),
                "total_assets": cells.amount("c0110"),
            }
        )
    )  # fmt: skip
    if parent:
        work.named.append((parent, "lei", cells, "c0060"))
    if owner and not work.owned_by(cleaned_id(name), owner):
        work.draft.note("conflict", f"{name} would own itself through {owner}", row.place)
        owner = None
    work.draft.put(
        "organizations", name, row.place, name=cells.text("c0020"), own=True,
        country=cells.country("c0030"), parent=owner, entity=plain(record),
        **identifier_fields(name, "lei", cells, "c0010"),
    )  # fmt: skip
    cells.done()


def _take_maintenance(work: Work) -> None:
    """B_01.01 with the definitions of B_99.01 and the parameters of the package."""
    rows = work.register.rows["B_01.01"]
    definitions = _definitions(work)
    for place, row in enumerate(rows):
        cells = work.cells("B_01.01", row)
        name = cells.text("c0010")
        if not name:
            cells.leave_out("the LEI of the entity is empty (rule 805)")
            continue
        fields: dict[str, object] = {
            "entity_type": cells.word("c0040"), "authority": cells.text("c0050"),
            "reporting_date": cells.day("c0060"),
        }  # fmt: skip
        if place == 0:
            fields |= {"definitions": definitions, **_parameters(work)}
        record = RegisterMaintenance.model_validate(given(fields))
        work.draft.put(
            "organizations", name, row.place, name=cells.text("c0020"), own=True,
            country=cells.country("c0030"), register_maintenance=plain(record),
            **identifier_fields(name, "lei", cells, "c0010"),
        )  # fmt: skip
        cells.done()
    if not rows and definitions:
        what = "B_99.01: the definitions, because no entity maintains the register"
        work.draft.note("left_out", what)


def _definitions(work: Work) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for place, row in enumerate(work.register.rows["B_99.01"]):
        cells = work.cells("B_99.01", row)
        if place:
            cells.leave_out("the definitions are one row")
            continue
        pairs = zip(templates()["B_99.01"].columns, DEFINED_TERMS, strict=True)
        found += [{"term": t, "text": cells.text(code)} for code, t in pairs if cells.text(code)]
        cells.done()
    return found


def _parameters(work: Work) -> dict[str, object]:
    """What the package's parameters say, taken where it is readable."""
    held = dict(work.register.parameters)
    scope = {"CON": "consolidated", "IND": "individual"}.get(
        held.pop("entityID", "").rpartition(".")[2]
    )
    currency = held.pop("baseCurrency", "").removeprefix("iso4217:")
    day = held.pop("refPeriod", "")
    for name, value in held.items():
        work.draft.note("left_out", f"the parameter {name} = {value}: written anew on export")
    readable = len(currency) == 3 and currency.isascii() and currency.isupper()  # noqa: PLR2004 - ISO code
    return {
        "scope": scope, "base_currency": currency if readable else None,
        "reference_date": day if _is_day(day) else None,
    }  # fmt: skip


def _is_day(text: str) -> bool:
    row = RegisterRow({"c0060": text})
    return Cells(templates()["B_01.01"], row, Draft("")).day("c0060") is not None


def _take_branch(work: Work, row: RegisterRow) -> None:
    cells = work.cells("B_01.03", row)
    code, office = cells.text("c0010"), cells.text("c0020")
    if not code or not office:
        cells.leave_out("its code or its head office is empty (rule 805)")
        return
    branch = given({"code": cleaned_id(code), "name": cells.text("c0030"),
                    "country": cells.word("c0040")})  # fmt: skip
    _need_entity(work, cells, "c0020")
    work.draft.put("organizations", office, row.place, branches=[branch])
    cells.done()


def _take_provider(work: Work, row: RegisterRow) -> None:
    cells = work.cells("B_05.01", row)
    name = cells.text("c0010")
    if not name:
        cells.leave_out("the code of the provider is empty (rule 805)")
        return
    fields = identifier_fields(name, cells.word("c0020"), cells, "c0010")
    other, kind = cells.text("c0030"), cells.word("c0040")
    if other and kind is None:
        cells.drop("c0030", "the type of the additional code is not given")
    elif other:
        more = identifier_fields(other, kind, cells, "c0030")
        numbers = [*_list(fields), *_list(more)]
        if "lei" in more and numbers:
            # The first identifier is the register's code, so the LEI must stand behind it.
            numbers.append({"kind": "lei", "value": other})
        fields = {**more, **fields, "identifiers": numbers}
    top = cells.text("c0110")
    top_kind = cells.word("c0120")
    if top:
        work.named.append((top, top_kind, cells, "c0110"))
    work.draft.put(
        "organizations", name, row.place, name=cells.text("c0050"),
        latin_name=cells.text("c0060"), person=cells.word("c0070"),
        country=cells.country("c0080"), annual_expense=cells.money("c0100", "c0090"),
        ultimate_parent=cleaned_id(top) if top else None, **fields,
    )  # fmt: skip
    _take_top(work, cells, cleaned_id(name), cleaned_id(top) if top else "")
    cells.done()


def _take_named(work: Work) -> None:
    """Parents that no row describes: their codes are known all the same."""
    for code, kind, cells, column in work.named:
        if cleaned_id(code) in work.draft.records["organizations"]:
            continue
        fields = identifier_fields(code, kind, cells, column)
        work.draft.put("organizations", code, cells.place, how="inferred", **fields)
        what = f"{code!r} in {cells.template.code}.{column} is described nowhere (rule 807)"
        work.draft.note("missing", what, cells.place)


def _list(fields: dict[str, object]) -> list[object]:
    found = fields.get("identifiers", [])
    return list(found) if isinstance(found, list) else []


def _take_top(work: Work, cells: Cells, name: str, top: str) -> None:
    """Take the ultimate parent as the owner too, for what counts by owner (rule D2)."""
    if not top or top == name or name in work.parents:
        return
    if work.owned_by(name, top):
        what = f"{name} is owned by its ultimate parent {top}, directly or not"
        work.draft.note("inferred", what, cells.place)
        work.draft.put("organizations", name, cells.place, how="inferred", parent=top)
    else:
        what = f"{name} would own itself through its ultimate parent {top}; no owner taken"
        work.draft.note("conflict", what, cells.place)


def _take_functions(work: Work) -> dict[tuple[str, str], str]:
    """Functions of B_06.01; their ids by code and entity."""
    rows = work.register.rows["B_06.01"]
    codes = Counter(row.values.get("c0010", "") for row in rows)
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        cells = work.cells("B_06.01", row)
        code, entity = cells.text("c0010"), cells.text("c0040")
        if not code or not entity:
            cells.leave_out("its identifier or its entity is empty (rule 805)")
            continue
        name = code if codes[code] == 1 else f"{code} of {entity}"
        found[code, entity] = cleaned_id(name)
        criticality = cells.word("c0050")
        work.draft.put(
            "functions", name, row.place, name=cells.text("c0030"),
            code=code if code != found[code, entity] else None,
            entity=cleaned_id(entity), licensed_activity=cells.word("c0020"),
            criticality=criticality, critical=criticality == "yes" or None,
            criticality_reasons=cells.text("c0060"), assessed=cells.day("c0070"),
            rto_hours=_hours(cells, "c0080"), rpo_hours=_hours(cells, "c0090"),
            impact=cells.word("c0100"),
        )  # fmt: skip
        _need_entity(work, cells, "c0040")
        cells.done()
    return found


def _need_entity(work: Work, cells: Cells, column: str) -> None:
    """An entity that B_01.02 does not list is ours all the same."""
    entity = cells.text(column)
    if cleaned_id(entity) not in work.draft.records["organizations"]:
        what = f"the entity {entity!r} of {cells.template.code} is not in B_01.02 (rule 807)"
        work.draft.note("missing", what, cells.place)
        fields = identifier_fields(entity, "lei", cells, column)
        work.draft.put("organizations", entity, cells.place, how="inferred", own=True, **fields)


def _hours(cells: Cells, code: str) -> int | None:
    """Hours of an objective; 0 says that none is defined."""
    return cells.integer(code) or None
