"""Where each imported value comes from, and what an import took, inferred, left out and missed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from depgraph.errors import Problem, RegisterError
from ingest.source import scaled

How = Literal["given", "inferred", "defaulted"]
NoteKind = Literal["inferred", "left_out", "missing", "conflict", "stale", "review"]
LISTS = (
    "organizations",
    "locations",
    "services",
    "functions",
    "contracts",
    "incidents",
    "measurements",
    "claims",
    "conversions",
)
KEYS: Mapping[str, tuple[str, ...]] = {
    "measurements": ("service", "start", "end", "source"),
    "claims": ("sla", "period", "filed"),
    "conversions": ("from", "to", "date"),
}
"""Fields that tell records without an id apart, by list."""
MAX_RECORDS = 250_000
"""Most records of one source: about 1 GB when merged. More where `DEPGRAPH_MAX_FILE_MB` allows
larger files."""
SHARED = ""
"""Stands for the id where several records have one name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value stands in its source, and how sure it is."""

    source: str
    """Format and file, for example ``cyclonedx:bom.json``."""
    place: str
    """File with line, cell or JSON pointer."""
    how: How = "given"
    """Stated by the source, inferred from it, or a default of ours."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line of an import's report."""

    kind: NoteKind
    """What happened to the element."""
    what: str
    """The element and the reason."""
    place: str = ""
    """Where it stands."""


@dataclass
class Draft:
    """Records read from one source, not yet merged: raw fields with their origins."""

    source: str
    """Format and file."""
    records: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {name: {} for name in LISTS}
    )
    """List of the estate → id → fields."""
    origins: dict[tuple[str, str, str], Origin] = field(default_factory=dict)
    """(list, id, field) → origin."""
    notes: list[Note] = field(default_factory=list)
    """The report's lines, equal ones once."""
    repeats: Counter[tuple[NoteKind, str]] = field(default_factory=Counter)
    """How often each line was noted."""
    settings: dict[str, tuple[Any, str]] = field(default_factory=dict)
    """What an estate has once, such as its name and defaults → value and place."""
    held_names: Mapping[str, str] = field(default_factory=dict)
    """Names of services that the folder holds already → id, or `SHARED`; for sources that refer
    by name."""
    held_slas: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Service levels that the folder holds already → contract and service."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows and fields by part of the source, for sources that are accounted for part by part."""
    held_currencies: Mapping[str, str] = field(default_factory=dict)
    """Contracts that the folder holds already → currency; for fees that are bare numbers."""
    sla_places: dict[tuple[str, str], str] = field(default_factory=dict)
    """(contract, SLA) → where the SLA stands, for sources that have a place for each."""
    _seen: dict[tuple[str, str, str], dict[str, How]] = field(default_factory=dict)
    _count: int = 0

    def put(
        self, kind: str, identifier: str, place: str, /, how: How = "given", **fields: object
    ) -> str:
        """Add fields to a record; empty ones are skipped, lists grow, first values stay.

        Returns
        -------
        str
            The record's id, cleaned.
        """
        name = cleaned_id(identifier)
        record = self.records[kind].get(name)
        if record is None:
            self._room(place)
            record = self.records[kind][name] = {} if kind in KEYS else {"id": name}
        origin = Origin(self.source, place, how)
        self.origins.setdefault((kind, name, "id"), origin)
        for key, value in fields.items():
            if value is None or value in ("", (), []):
                continue
            if isinstance(value, (list, tuple)) and isinstance(record.get(key, []), list):
                self._grow(record.setdefault(key, []), value, (kind, name, key), origin)
            elif key in record and record[key] != value:
                self.note(
                    "conflict", f"{kind} {name}: {key} {value!r} beside {record[key]!r}", place
                )
                continue
            else:
                record[key] = value
            self.origins.setdefault((kind, name, key), origin)
        return name

    def put_empty(self, kind: str, name: str, place: str, keys: Iterable[str]) -> None:
        """Note lists that the source itself states to be empty, as "no country is agreed"."""
        for key in keys:
            self.records[kind][name].setdefault(key, [])
            self.origins.setdefault((kind, name, key), Origin(self.source, place))

    def _room(self, place: str) -> None:
        """Refuse a source with more records than fit into memory."""
        limit = scaled(MAX_RECORDS)
        self._count += 1
        if self._count > limit:
            what = f"more than {limit} records"
            hint = "import fewer, for example one class of items, or set DEPGRAPH_MAX_FILE_MB"
            problem = Problem("too-large", what, hint, file=place)
            raise RegisterError(f"{self.source} cannot be imported", [problem])

    def _grow(
        self, held: list[Any], value: Iterable[Any], key: tuple[str, str, str], origin: Origin
    ) -> None:
        """Add what is not in a list; texts are looked up, so that long lists stay quick."""
        seen = self._seen.setdefault(key, {})
        for item in value:
            shown = item if isinstance(item, str) else repr(item)
            before = seen.get(shown)
            if before is None:
                held.append(item)
            elif before == origin.how == "given":
                # What is inferred from several places is one all the same.
                self.note_repeat(key[0], key[2], origin.place)
            if before != "given":
                seen[shown] = origin.how

    def note(self, kind: NoteKind, what: str, place: str = "") -> None:
        """Add a line to the report; an equal one is counted, so that long files stay in memory."""
        self.repeats[kind, what] += 1
        if self.repeats[kind, what] == 1:
            self.notes.append(Note(kind, what, place))

    def note_repeat(self, kind: str, key: str, place: str) -> None:
        """Note an item that stood in the same list before; the report has a line with its count.

        Parameters
        ----------
        kind, key : str
            List of the estate, and the field of its records that is a list.
        place : str
            Where the item stands again.
        """
        self.note("left_out", f"{key} of {kind}: the same again", place)

    def count(self, part: str, **more: int) -> None:
        """Add to the rows and fields counted of a part of the source."""
        held = self.counts.setdefault(part, {})
        for name, number in more.items():
            held[name] = held.get(name, 0) + number


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    source: str
    """Format and file."""
    taken: dict[str, int]
    """Records per list of the estate."""
    notes: tuple[Note, ...]
    """Everything else worth a line."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows and fields by part of the source, where the format counts them."""

    def data(self) -> dict[str, Any]:
        """The report as plain values, notes grouped by kind."""
        groups: dict[str, list[dict[str, str]]] = {
            kind: [] for kind in ("inferred", "left_out", "missing", "conflict", "stale", "review")
        }
        for note in self.notes:
            entry = asdict(note)
            groups[entry.pop("kind")].append(entry)
        counted = {"parts": self.counts} if self.counts else {}
        return {"source": self.source, "taken": self.taken, **counted, **groups}


def report_of(draft: Draft) -> ImportReport:
    """Report of a draft as it stands, equal notes once with their count."""
    counted = draft.repeats
    notes = tuple(
        note
        if counted[note.kind, note.what] == 1
        else replace(note, what=f"{note.what} ({counted[note.kind, note.what]} times)")
        for note in sorted(draft.notes, key=lambda note: (note.kind, note.place))
    )
    taken = {name: len(records) for name, records in draft.records.items() if records}
    return ImportReport(draft.source, taken, notes, draft.counts)


def cleaned_id(text: str) -> str:
    r"""An id the model accepts: no control characters or outer spaces, at most 200 characters.

    >>> cleaned_id(" a\tb ")
    'a b'
    """
    if text.isprintable():
        return text.strip()[:200].strip() or "unnamed"
    shown = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text
    )
    return shown.strip()[:200].strip() or "unnamed"


def record_key(kind: str, record: Mapping[str, Any]) -> str:
    """Id of a record; for one without, such as a measurement, what tells it apart."""
    named = record.get("id") or "|".join(
        _normalised(str(record.get(name, ""))) for name in KEYS.get(kind, ())
    )
    return cleaned_id(str(named))


def _normalised(text: str) -> str:
    """An instant in UTC as the estate writes it, other text as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo is None else moment.astimezone(UTC).isoformat()


def slug(name: str) -> str:
    """Id made from a name.

    >>> slug("CloudCo EMEA S.à r.l.")
    'cloudco-emea-s-a-r-l'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:200] or cleaned_id(name)
