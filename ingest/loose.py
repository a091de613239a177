"""What can still be read of faulty records, so that their references are checked in the same run.

A fault of one field, or of a record as a whole, must not hide the others: the record is built
from the fields that can be read, nested ones too, without the checks that it failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from depgraph.model.estate import Estate
from depgraph.record import Record

_UNREADABLE = object()
_nameless = count()


def loose_estate(data: dict[str, Any], faulty: set[tuple[str | int, ...]]) -> Estate:
    """The estate with each record in its place, faulty ones by what can be read of them.

    Parameters
    ----------
    data : dict
        Content of the files.
    faulty : set of tuple
        List and position of each faulty record.

    Returns
    -------
    Estate
        Not validated; an absent id is one that nothing refers to, an absent reference is empty.
    """
    lists: dict[str, Any] = {}
    for name, info in Estate.model_fields.items():
        items = data.get(name)
        if get_origin(info.annotation) is tuple and isinstance(items, list):
            record = get_args(info.annotation)[0]
            lists[name] = tuple(
                _loose(record, item) if (name, at) in faulty else record.model_validate(item)
                for at, item in enumerate(items)
            )
    return Estate.model_construct(**lists)


def _loose(record: type[Record], raw: object) -> Record:
    """A record from those of its fields that can be read."""
    held = raw if isinstance(raw, dict) else {}
    values: dict[str, Any] = {}
    for name, info in record.model_fields.items():
        if (value := held.get(info.alias or name)) is not None:
            found = _readable(_type(info), value)
            if found is not _UNREADABLE:
                values[name] = found
        if name not in values and info.is_required():
            values[name] = f"\0{next(_nameless)}" if name == "id" else ""
    return record.model_construct(**values)


def _readable(kind: Any, raw: object) -> object:  # noqa: ANN401 - a type, as annotations write it
    """The value of a type, as far as it can be read."""
    try:
        return _adapter(kind).validate_python(raw)
    except ValidationError:
        pass
    options = list(_options(kind))
    if isinstance(raw, list):
        for option in options:
            if get_origin(option) is tuple:
                item = get_args(option)[0]
                return tuple(v for each in raw if (v := _readable(item, each)) is not _UNREADABLE)
    records = [each for each in options if isinstance(each, type) and issubclass(each, Record)]
    if isinstance(raw, dict) and records:
        return _loose(max(records, key=lambda each: len(raw.keys() & each.model_fields)), raw)
    return _UNREADABLE


def _options(kind: Any) -> Iterator[Any]:  # noqa: ANN401 - a type, as annotations write it
    """The types that a value may have, one level deep."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _options(get_args(kind)[0])
    elif origin in {Union, UnionType}:
        for part in get_args(kind):
            yield from _options(part)
    else:
        yield kind


def _type(info: FieldInfo) -> Any:  # noqa: ANN401 - a type, as annotations write it
    """Type of a field with its constraints."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type, as annotations write it
    return TypeAdapter(kind)
