"""Names on their way into places that read Markdown or addresses."""

from __future__ import annotations

from urllib.parse import urlencode

_SIGNS = "\\`*_{}[]()#+-.!|<>~$:@&="


def plain(text: str) -> str:
    r"""Text in which Markdown finds nothing to act on.

    >>> plain("[x](javascript:y)")
    '\\[x\\]\\(javascript\\:y\\)'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in shown)


def link(view: str, **query: str) -> str:
    """Address of a view, relative to the page it stands on; values can never leave the query.

    >>> link("availability", service="a&b")
    'availability?service=a%26b'
    """
    return f"{view}?{urlencode(query)}" if query else view
