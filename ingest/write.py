"""An estate as YAML or JSON that reads back equal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import yaml

from depgraph.model.estate import Estate
from ingest.document import CONSTANTS, yaml_documents

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
"""Texts that no reader takes for anything else, but for the words of constants."""


_PIECE = 500
"""Records that are written at once."""


class _Dumper(yaml.CSafeDumper):
    """Quotes every text that our reader would take for something else."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - signature is PyYAML's
        """Write every value out."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Quote a text unless it reads back as itself."""
    plain = text.isprintable() and "\n" not in text and _reads_back(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else '"')


@lru_cache(maxsize=100_000)
def _reads_back(text: str) -> bool:
    """Whether an unquoted text is the same text to our reader."""
    if _WORDS.fullmatch(text) and text not in CONSTANTS:
        return True
    if not text or not (text[0].isalnum() or text[0] in "/(") or text != text.strip():
        return False
    return not any(sign in text for sign in ":#{}[],&*!|>'\"%@`\\?=") and _is_text(text)


def _is_text(text: str) -> bool:
    try:
        [node], _ = yaml_documents(text)
    except Exception:  # noqa: BLE001 - anything unreadable is quoted
        return False
    return bool(node.value == text)


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.MappingNode:
    """Write the id of a record first: it is what people look for."""
    ordered = {"id": data["id"], **data} if "id" in data else data
    return dumper.represent_mapping("tag:yaml.org,2002:map", ordered)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


def estate_data(estate: Estate) -> dict[str, Any]:
    """The estate as plain values, defaults left out."""
    return estate.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def estate_text(
    estate: Estate | dict[str, Any] | list[Any],
    kind: Literal["yaml", "json"] = "yaml",
) -> str:
    """Write an estate.

    Parameters
    ----------
    estate : Estate, dict or list
        What to write; plain values are written as they are.
    kind : {"yaml", "json"}
        Format.
    """
    data = estate_data(estate) if isinstance(estate, Estate) else estate
    if kind == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return record_yaml(data) if isinstance(data, list) else "".join(yaml_pieces(data))


def yaml_pieces(data: dict[str, Any]) -> Iterator[str]:
    """Plain values as YAML, some records at a time, so that the whole is never held twice.

    Parameters
    ----------
    data : dict
        An estate as plain values; the pieces joined are what `record_yaml` gives.
    """
    for name, value in data.items():
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield f"{name}:\n"
            for start in range(0, len(value), _PIECE):
                yield record_yaml(value[start : start + _PIECE])
        else:
            flow = None if isinstance(value, (dict, list)) else False
            yield record_yaml({name: value}, flow=flow)
    if not data:
        yield record_yaml(data)


def record_yaml(data: dict[str, Any] | list[Any], *, flow: bool | None = None) -> str:
    """Plain values as YAML that our reader reads back equal.

    Parameters
    ----------
    data : dict or list
        What to write.
    flow : bool, optional
        Whether all stands in braces; where absent, only what holds nothing nested does.
    """
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=flow,
    )
