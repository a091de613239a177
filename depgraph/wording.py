"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """How many there are of something, with what is said of them in the right number.

    Parameters
    ----------
    number : int
        How many.
    one : str
        The words for one, after the number.
    many : str
        The words for none or several; empty where an "s" at the end is enough.

    >>> counted(1, "service"), counted(1234, "service"), counted(0, "service")
    ('1 service', '1,234 services', '0 services')
    >>> counted(1, "component has", "components have")
    '1 component has'
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
