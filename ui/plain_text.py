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


def counted(number: int, word: str) -> str:
    """How many there are of something.

    >>> counted(1, "service"), counted(1234, "service")
    ('1 service', '1,234 services')
    """
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def link(view: str, **query: str) -> str:
    """Address of a view, relative to the page it stands on; values can never leave the query.

    >>> link("availability", service="a&b")
    'availability?service=a%26b'
    """
    return f"{view}?{urlencode(query)}" if query else view
