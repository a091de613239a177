"""Cells that no spreadsheet takes for a formula (robustness 8)."""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def escaped_cell(text: str) -> str:
    """Text that stays text in a spreadsheet.

    >>> escaped_cell("=1+1")
    "'=1+1"
    >>> escaped_cell("checkout")
    'checkout'
    """
    return f"'{text}" if text.startswith(_STARTS) else text
