"""The library of real outages, read from the published data (rule W1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sample_data
from depgraph.model.preset import KnownProvider, OutagePreset
from ingest.document import yaml_documents


@cache
def outage_presets(*, flagged: bool = False) -> Mapping[str, OutagePreset]:
    """Real outages by name.

    Parameters
    ----------
    flagged : bool
        Whether to include those of which something is not sure; each states its doubt.

    Examples
    --------
    >>> outage_presets()["aws-ddb-2025-10-20"].provider.name
    'AWS'
    """
    text = (Path(sample_data.__file__).parent / "published" / "outages.yaml").read_text("utf-8")
    documents, _ = yaml_documents(text)
    data: dict[str, Any] = documents[0].plain()
    providers = {row["id"]: KnownProvider.model_validate(row) for row in data["providers"]}
    other_names: dict[str, list[str]] = data["regions"]
    presets = [
        OutagePreset.model_validate(
            {
                **row,
                "provider": providers[row["provider"]],
                "regions": [[name, *other_names.get(name, [])] for name in row.get("regions", [])],
            }
        )
        for row in data["outages"]
    ]
    return MappingProxyType({p.id: p for p in presets if flagged or p.confidence == "high"})
