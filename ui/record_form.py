"""Forms for records, made from the model's own schema: labels, help, choices, what is required."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from depgraph.errors import DepgraphError
from depgraph.record import Record
from ingest.document import DocumentError, yaml_documents
from ingest.write import estate_text

FieldKind = Literal["text", "choice", "yes_no", "texts", "nested"]
_UNITS = frozenset({"hours", "days", "minutes", "months"})
_INITIALS = frozenset(
    {"id", "lei", "euid", "vat", "ict", "sla", "slas", "rto", "rpo", "mtbf", "mttr", "dora", "url"}
)
_IN_A_ROW = 2
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class FormField:
    """One field of a form."""

    name: str
    """Name of the record's field."""
    kind: FieldKind
    """How it is entered; ``nested`` values are written as in an estate file."""
    help: str
    """What it means, with its unit."""
    choices: tuple[str, ...] = ()
    """What can be chosen."""
    required: bool = False
    """Whether it must be given."""
    default: Any = None
    """Value that it has when it is not given."""


def form_fields(model: type[Record]) -> tuple[FormField, ...]:
    """Fields of a record's form, those that are required first.

    Parameters
    ----------
    model : type of Record
        The record's class; its JSON Schema is all that is read.
    """
    schema = model.model_json_schema(by_alias=True)
    required = set(schema.get("required", ()))
    found = [
        _field(name, property_, schema.get("$defs", {}), required=name in required)
        for name, property_ in schema["properties"].items()
    ]
    # The sort is stable: within both groups the order is that of the model.
    return tuple(sorted(found, key=lambda f: (f.name != "id", not f.required, f.name != "name")))


def _kinds(schema: Mapping[str, Any], named: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Kinds of value that a field may hold, those with names looked up.

    An amount of money is written as one text, a remedy as one of two records.
    """
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return [kind for each in schema[several] for kind in _kinds(each, named)]
    return [named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema]


def _field(
    name: str, schema: Mapping[str, Any], named: Mapping[str, Any], *, required: bool
) -> FormField:
    kinds = _kinds(schema, named)
    given = [kind for kind in kinds if kind.get("type") != "null"]
    optional = len(given) < len(kinds)
    kind: FieldKind = "text"
    choices: tuple[str, ...] = ()
    first = given[0]
    if "enum" in first:
        kind, choices = "choice", tuple(map(str, first["enum"]))
    elif "const" in first:
        kind, choices = "choice", (str(first["const"]),)
    elif first.get("type") == "boolean":
        kind, choices = "yes_no", ("yes", "no")
    elif first.get("type") == "array":
        kind = "texts" if first.get("items", {}).get("type") == "string" else "nested"
    elif any(each.get("type") == "object" for each in given):
        kind = "nested"
    help_text = " ".join(str(schema.get("description", "")).split())
    default = None if optional else schema.get("default")
    return FormField(name, kind, help_text, choices, required, default)


def entered_record(
    fields: tuple[FormField, ...], given: Mapping[str, Any], key: str
) -> dict[str, Any]:
    """Draw the fields and return what is entered, as in an estate file; empty ones are left out.

    Parameters
    ----------
    fields : tuple of FormField
        Fields to draw.
    given : mapping
        The record as it is, defaults left out; empty for a new one.
    key : str
        Name of the form, different for each record.

    Raises
    ------
    DepgraphError
        If a nested value is not YAML, naming the field.
    """
    found: dict[str, Any] = {}
    ordered = sorted(fields, key=lambda field: field.kind == "nested")
    for start in range(0, len(ordered), _IN_A_ROW):
        # Row by row, so that a phone and the Tab key go through them in this order as well.
        row = ordered[start : start + _IN_A_ROW]
        for column, field in zip(st.columns(_IN_A_ROW), row, strict=False):
            with column:
                value = _entered(field, given, f"{key}_{field.name}")
            if value not in (None, "", [], ()):
                found[field.name] = value
    return found


def _entered(field: FormField, given: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - any field's value
    """Draw one field."""
    label = field_label(field.name) + (" *" if field.required else "")
    held = given.get(field.name)
    if field.kind in {"choice", "yes_no"}:
        return _chosen(field, held, (label, key))
    if field.kind == "texts":
        values = [str(value) for value in held or ()]
        return st.multiselect(
            label, values, default=values, accept_new_options=True, key=key, help=field.help,
            placeholder="Type and press Enter", select_all=False,
        )  # fmt: skip
    if field.kind == "nested":
        text = estate_text(held).rstrip("\n") if held else ""
        entered = st.text_area(
            label, text, key=key, help=f"{field.help} As in an estate file.",
            placeholder="as in an estate file (YAML)",
        )  # fmt: skip
        return _nested(field.name, entered)
    locked = field.name == "id" and bool(held)
    shown = "" if held is None else str(held)
    return st.text_input(label, shown, key=key, help=field.help, disabled=locked).strip()


def field_label(name: str) -> str:
    """A field's name as people write it, with its unit in brackets.

    >>> field_label("mttr_hours"), field_label("ict_service_type"), field_label("id")
    ('MTTR (hours)', 'ICT service type', 'ID')
    """
    words = name.split("_")
    unit = f" ({words.pop()})" if len(words) > 1 and words[-1] in _UNITS else ""
    written = [word.upper() if word in _INITIALS else word for word in words]
    text = " ".join(written)
    return text[:1].upper() + text[1:] + unit


def _chosen(field: FormField, held: Any, place: tuple[str, str]) -> Any:  # noqa: ANN401 - any field's value
    """Draw a choice; the first entry stands for the default."""
    label, key = place
    shown = {True: "yes", False: "no", None: ""}.get(held, held)
    default = {True: "yes", False: "no", None: "not given"}.get(field.default, field.default)
    chosen = st.selectbox(
        label,
        ["", *field.choices],
        index=["", *field.choices].index(str(shown)),
        format_func=lambda choice: choice or f"({default})",
        key=key,
        help=field.help,
    )
    return _YES_NO.get(chosen) if field.kind == "yes_no" else chosen or None


def _nested(name: str, text: str) -> Any:  # noqa: ANN401 - any value a file can hold
    """Read a value written as in an estate file."""
    if not text.strip():
        return None
    try:
        documents, duplicates = yaml_documents(text)
    except DocumentError as error:
        line, column = error.place
        raise DepgraphError(f"{name}, line {line}, column {column}: {error}") from None
    if duplicates:
        raise DepgraphError(f"{name}: {duplicates[0]}")
    if len(documents) != 1:
        raise DepgraphError(f"{name}: give one value, not {len(documents)}")
    return documents[0].plain()
