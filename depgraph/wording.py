"""Numbers and names in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from unicodedata import normalize

from depgraph.likeness import in_any_case

_WHOLE = 100
_MOST_PLACES = 12
_LIKE = 0.75
"""Share of letters in common from which a name is likely to have been meant."""
_TRIED = 10


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


def share_text(value: float, places: int = 0) -> str:
    """A share in per cent; what is neither nothing nor all is not written as if it were.

    Parameters
    ----------
    value : float
        The share [1].
    places : int
        Least number of decimals; more where 0 or 100 would be written for what is not (rule A9).

    >>> share_text(0.125), share_text(0.125, 2), share_text(1.0), share_text(0.9996)
    ('12 %', '12.50 %', '100 %', '99.96 %')
    >>> share_text(0.0004), share_text(0.0, 1)
    ('0.04 %', '0.0 %')
    """
    percent = value * 100
    while places < _MOST_PLACES and (
        (value > 0 and round(percent, places) == 0)
        or (value < 1 and round(percent, places) >= _WHOLE)
    ):
        places += 1
    return f"{percent:.{places}f} %"


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The question whether a likely name was meant; other words where none is likely.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        What there is; capitals and forms of letters make no difference.
    otherwise : str
        What to say where nothing is like it.

    >>> did_you_mean("Chekout", ["checkout", "web-shop"])
    "did you mean 'checkout'?"
    >>> did_you_mean("gateway", ["pay-gateway", "checkout"])
    "did you mean 'pay-gateway'?"
    >>> did_you_mean("nope", ["node-3", "checkout"], "correct the id")
    'correct the id'
    """
    plain = {_plain(each): each for each in known}
    written = _plain(name)
    close = get_close_matches(written, plain, n=_TRIED)
    near = next((each for each in close if _is_near(written, each)), None)
    return otherwise if near is None else f"did you mean {plain[near]!r}?"


def _is_near(written: str, name: str) -> bool:
    """Whether a name is a slip or a part away; letters that happen to recur are no reason."""
    return (
        written in name
        or name in written
        or sorted(written) == sorted(name)
        or SequenceMatcher(None, name, written).ratio() >= _LIKE
    )


def _plain(name: str) -> str:
    return in_any_case(normalize("NFKC", name))


def unknown_ids(names: Iterable[str], known: Iterable[str]) -> str:
    """Ids that do not exist, each with a likely one.

    Parameters
    ----------
    names : iterable of str
        What was asked for.
    known : iterable of str
        What there is.

    >>> unknown_ids(["chekout", "zz"], ["checkout", "web-shop"])
    "'chekout' (did you mean 'checkout'?), 'zz'"
    """
    ids = list(known)
    hints = {name: did_you_mean(name, ids) for name in names}
    return ", ".join(f"{name!r} ({hint})" if hint else repr(name) for name, hint in hints.items())
