"""How a cell of a document may break over lines: figures never, long words anywhere."""

from __future__ import annotations

import re

_FIGURE = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?( ?%| [A-Z]{3})?")
_LONGEST = 30
"""Letters of the longest word that a column of its own width can hold."""


def cell_class(text: str) -> str:
    """Class of a cell that holds a text; every template has a style for it.

    >>> cell_class("18,585.50 EUR"), cell_class("aws-retail"), cell_class("x" * 31)
    ('figure', 'words', 'long')
    """
    if _FIGURE.fullmatch(text):
        return "figure"
    return "long" if max(map(len, text.split()), default=0) > _LONGEST else "words"
