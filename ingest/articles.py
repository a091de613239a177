"""The article map: what laws and standards ask a contract to say (rule L12)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sample_data
from depgraph.model.article import ArticleObligation
from ingest.document import yaml_documents


@cache
def article_map() -> Mapping[str, ArticleObligation]:
    """Obligations by name, in the order of the file.

    Examples
    --------
    >>> article_map()["dora-30-2-h"].article
    '30(2)(h)'
    """
    text = (Path(sample_data.__file__).parent / "published" / "articles.yaml").read_text("utf-8")
    documents, _ = yaml_documents(text)
    rows: list[dict[str, Any]] = documents[0].plain()["obligations"]
    found = [ArticleObligation.model_validate(row) for row in rows]
    return MappingProxyType({row.id: row for row in found})
