"""Quantities with their units: shares in [0, 1], money in one currency, hours, instants, ids.

Each type reads what people write ("99.9%", "1200.50 EUR") and refuses the usual slips with the
fix in the message; `ingest` puts file and line beside it.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from depgraph.errors import DomainError
from depgraph.record import Record, fault

MAX_ID_LENGTH: Final = 200
MAX_TEXT_LENGTH: Final = 1 << 20
MAX_DIGITS: Final = 40
"""Longer numbers are refused: Decimal arithmetic on them would be slow and mean nothing."""


def _decimal(value: object, what: str) -> Decimal:
    """Read a finite number without passing through binary floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise fault("not-a-number", f"{value!r} is not {what}")
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        hint = "write a decimal point" if isinstance(value, str) and "," in value else ""
        raise fault("not-a-number", f"{value!r} is not {what}", hint) from None
    if not number.is_finite():
        raise fault("not-a-number", f"{value!r} is not {what}", "only finite numbers are meant")
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise fault("not-a-number", f"{str(value)[:60]!r} has more digits than any real figure")
    return number


def _read_share(value: object) -> Decimal:
    """Read 0.999 or "99.9%"; refuse 99.9."""
    if isinstance(value, str) and value.strip().endswith("%"):
        number = _decimal(value.strip()[:-1], "a percentage").scaleb(-2)
    else:
        number = _decimal(value, "a share between 0 and 1")
    if 0 <= number <= 1:
        return number
    hint = f'for {value} % write {number.scaleb(-2):f} or "{value}%"' if 1 < number <= 100 else ""  # noqa: PLR2004 - per cent
    raise fault("share-out-of-range", f"{value} is outside [0, 1]", hint)


def shown_number(value: Decimal) -> float | int | str:
    """Write a Decimal as a JSON number where that loses nothing, else as text."""
    if value == value.to_integral_value() and abs(value) < 1 << 53:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


_number_json = PlainSerializer(shown_number, when_used="json")

Share = Annotated[
    Decimal,
    BeforeValidator(_read_share),
    _number_json,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*[0-9.eE+-]+\s*%?\s*$"},
            ]
        }
    ),
]
"""A dimensionless fraction: 0.999, or "99.9%" as quoted text; never 99.9."""


def _read_amount(value: object) -> Decimal:
    return _decimal(value, "a number")


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise fault("negative", f"{value} is negative", "write a value of 0 or more")
    return value


_NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9.eE+-]+$"}]}

Number = Annotated[
    Decimal, BeforeValidator(_read_amount), _number_json, WithJsonSchema(_NUMBER_SCHEMA)
]
"""A finite decimal number."""

NotNegative = Annotated[
    Decimal,
    BeforeValidator(_read_amount),
    AfterValidator(_not_negative),
    _number_json,
    WithJsonSchema({"type": "number", "minimum": 0}),
]
"""A finite decimal number of 0 or more."""

DayCount = Annotated[int, Field(ge=0, le=36_525)]
"""A number of days, a century at most [d]."""

Factor = Annotated[NotNegative, Field(le=1000)]
"""A rate or multiplier: 0 to 1,000."""

Hours = NotNegative
"""A duration in hours, 0 or more."""


def _clean_text(value: str) -> str:
    """Refuse what no database or file can hold: lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise fault("bad-text", "the text holds half a character (a lone surrogate)") from None
    return value


def _read_id(value: object) -> str:
    """Read an identifier; numbers and booleans get the hint to quote them."""
    if not isinstance(value, str):
        shown = "nothing" if value is None else value
        raise fault("bad-id", f"{shown} is not a text", "write the id in quotes")
    # What is printable holds neither half characters nor control characters: the quick way.
    printable = value.isprintable()
    text = value if printable else _clean_text(value)
    if not text or text != text.strip():
        raise fault("bad-id", f"{text!r} is empty or starts or ends with a space")
    if len(text) > MAX_ID_LENGTH:
        raise fault("bad-id", f"the id {text[:40]!r}… is longer than {MAX_ID_LENGTH} characters")
    if not printable and any(
        unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text
    ):
        raise fault("bad-id", f"the id {text!r} holds a control character")
    return text


Id = Annotated[
    str,
    BeforeValidator(_read_id),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH}),
]
"""An identifier: 1 to 200 characters, no control characters, no outer spaces."""

Text = Annotated[str, Field(max_length=MAX_TEXT_LENGTH), AfterValidator(_clean_text)]
"""Free text, up to 1 MiB."""


def _is_number(text: str) -> bool:
    """Whether a text is a plain number, as spreadsheets write dates: days since 1900."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_instant(value: object) -> object:
    """Accept ISO 8601 text and datetimes; numbers would be read as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and not _is_number(value)):
        return value
    raise fault("bad-time", f"{value!r} is not a time", "write it as 2026-04-10T10:00:00Z")


_FIRST_YEAR: Final = 1900


def _in_utc(value: datetime) -> datetime:
    """Convert to UTC; refuse years that are slips of the pen, or that UTC cannot hold."""
    if value.year >= _FIRST_YEAR:
        try:
            return value.astimezone(UTC)
        except OverflowError:
            pass
    raise fault(
        "time-out-of-range",
        f"{value.isoformat()} is no time of an estate",
        f"write a year from {_FIRST_YEAR} to 9999",
    )


def _require_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise fault(
            "time-without-zone",
            f"{value.isoformat()} has no time zone",
            f"write {value.isoformat()}Z for UTC, or an offset such as +01:00",
        )
    return _in_utc(value)


def _show_instant(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    AfterValidator(_require_zone),
    PlainSerializer(_show_instant, when_used="json"),
]
"""A moment, kept in UTC; read from ISO 8601 with a zone (rule M1)."""


def _read_date(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and not _is_number(value)):
        return value
    raise fault("bad-date", f"{value!r} is not a date", "write it as 2026-04-10")


Day = Annotated[date, BeforeValidator(_read_date)]
"""A calendar date in the contract's zone."""


@cache
def _is_zone(name: str) -> bool:
    """Whether a name is IANA's: not this machine's own zone, and none that counts leap seconds."""
    if name in {"localtime", "posixrules", "Factory"} or name.startswith(("right/", "posix/")):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _read_zone(value: object) -> str:
    if isinstance(value, str) and _is_zone(value):
        return value
    raise fault(
        "unknown-zone",
        f"{value!r} is not a time zone",
        "use an IANA name such as Europe/Dublin or UTC",
    )


ZoneName = Annotated[str, BeforeValidator(_read_zone), WithJsonSchema({"type": "string"})]
"""Name of an IANA time zone."""


_CURRENCIES: Final = frozenset(
    (  # noqa: SIM905 - a page of quotes otherwise
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL "
        "BSD BTN BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNH CNY COP COU CRC CUC CUP CVE "
        "CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
        "HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
        "LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN "
        "MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
        "RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT "
        "TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF "
        "XCD XCG XDR XOF XPF XSU XUA YER ZAR ZMK ZMW ZWG ZWL"
    ).split()
)
"""ISO 4217 codes, with those withdrawn in the last decade, which old contracts still name."""


def known_currency(code: str) -> str:
    """Refuse a code that ISO 4217 does not have: a slip there would make sums of their own (P9).

    Parameters
    ----------
    code : str
        Three capital letters.

    Raises
    ------
    PydanticCustomError
        If no currency has this code.
    """
    if code not in _CURRENCIES:
        hint = "write an ISO 4217 code such as EUR"
        raise fault("unknown-currency", f"{code!r} is no currency", hint)
    return code


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(known_currency)]
"""ISO 4217 code."""


class Money(Record):
    """An exact amount of one currency, written ``"1200.50 EUR"``."""

    amount: Decimal
    """In major units (euros, not cents), unrounded."""
    currency: Currency
    """ISO 4217 code."""

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ModelWrapValidatorHandler[Money]) -> Money:  # noqa: ANN401 - pydantic hands over raw input
        if not isinstance(value, str):
            if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                raise fault(
                    "money-without-currency",
                    f"{value} has no currency",
                    f'write "{value} EUR" with its ISO 4217 code',
                )
            return handler(value)
        parts = value.split()
        if len(parts) != 2 or len(parts[1]) != 3 or not parts[1].isupper():  # noqa: PLR2004 - amount and ISO code
            raise fault("bad-money", f"{value!r} is not money", 'write it as "1200.50 EUR"')
        return handler({"amount": _decimal(parts[0], "an amount"), "currency": parts[1]})

    @model_serializer(mode="wrap")
    def _show(self, handler: SerializerFunctionWrapHandler) -> Any:  # noqa: ANN401, ARG002 - signature is pydantic's
        return str(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's hook
        """Say in the JSON Schema what the files hold: text."""
        return {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)? [A-Z]{3}$", "title": "Money"}

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read ``"1200.50 EUR"``.

        >>> Money.parse("1200.50 EUR").currency
        'EUR'
        """
        return cls.model_validate(text)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(amount=self.amount * factor, currency=self.currency)

    def __add__(self, other: Money) -> Money:
        self._require_currency(other, "add")
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._require_currency(other, "subtract")
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def _require_currency(self, other: Money, verb: str) -> None:
        """Refuse arithmetic across currencies (rule P9)."""
        if other.currency != self.currency:
            raise DomainError(f"cannot {verb} {other} and {self}: convert one of them first")


_MINOR_DIGITS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip
"""Digits after the point where they are not two (ISO 4217:2015, table A.1)."""


def minor_digits(currency: str) -> int:
    """Digits after the point of a currency's sums (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


@cache
def minor_unit(currency: str) -> Decimal:
    """Smallest unit of a currency in major units (ISO 4217).

    >>> str(minor_unit("EUR")), str(minor_unit("JPY"))
    ('0.01', '1')
    """
    return Decimal(1).scaleb(-minor_digits(currency))


_MOST_MONEY: Final = Decimal(10) ** 18
"""Larger sums are slips of the pen, and would not keep their cents in Decimal's 28 digits."""


def _price(money: Money) -> Money:
    if money.amount < 0:
        raise fault("negative", f"{money} is negative", "write an amount of 0 or more")
    if money.amount >= _MOST_MONEY:
        raise fault("bad-money", f"{money} is more than any contract is worth", "check the digits")
    return money


Price = Annotated[Money, AfterValidator(_price)]
"""Money of 0 or more."""


def require_share(name: str, value: Decimal) -> None:
    """Refuse a fraction outside [0, 1], naming the usual cause.

    Parameters
    ----------
    name : str
        What it is called.
    value : Decimal
        The fraction [1].

    Raises
    ------
    DomainError
        If it is outside.

    Examples
    --------
    >>> require_share("availability", Decimal("99.9"))
    Traceback (most recent call last):
    ...
    depgraph.errors.DomainError: availability is 99.9, outside [0, 1]; for 99.9 % write 0.999
    """
    if 0 <= value <= 1:
        return
    hint = f"; for {value} % write {value / 100}" if 1 < value <= 100 else ""  # noqa: PLR2004 - per cent
    raise DomainError(f"{name} is {value}, outside [0, 1]{hint}")
