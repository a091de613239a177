"""Legal entity identifiers (ISO 17442): form, length and check digits."""

from __future__ import annotations

import re
from typing import Final

from stdnum import lei as lei_number
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

LEI_LENGTH: Final = 20
_FORM = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_NO_CHECK_DIGITS = {"00", "01", "99"}


def checked_lei(text: str) -> str:
    """An identifier as the register writes it, without spaces and in capitals.

    The remainder alone does not tell: leading zeros leave it as it is, ``1`` has the right one,
    and 00, 01 and 99 pass for 97, 98 and 02, which is what ISO/IEC 7064 gives.

    Parameters
    ----------
    text : str
        What a person or a file gives.

    Raises
    ------
    stdnum.exceptions.ValidationError
        Saying whether length, form or check digits are wrong.

    Examples
    --------
    >>> checked_lei("00exbank-retail 000050")
    '00EXBANKRETAIL000050'
    """
    number = lei_number.compact(text)
    if len(number) != LEI_LENGTH:
        raise InvalidLength
    if not _FORM.fullmatch(number):
        raise InvalidFormat
    if number[-2:] in _NO_CHECK_DIGITS:
        raise InvalidChecksum
    return str(lei_number.validate(number))


def is_lei(text: str) -> bool:
    """Whether a text is a legal entity identifier.

    >>> is_lei("00EXBANKRETAIL000050"), is_lei("000EXBANKRETAIL000050"), is_lei("1")
    (True, False, False)
    """
    try:
        checked_lei(text)
    except ValidationError:
        return False
    return True
