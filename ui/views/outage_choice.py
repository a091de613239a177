"""What happens on the Outage page: things picked, a real outage, or a saved scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st

from depgraph.engine.presets import aimed
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.model.scenario import Scenario
from ingest.presets import outage_presets
from ui.catalogue import key_of
from ui.followed_address import follow, note, one_of, write
from ui.scenarios import ScenarioShelf
from ui.session import Compiled
from ui.unknown_ids import tell_unknown

_CAUSES = [
    "supplier", "third_party", "force_majeure", "planned_maintenance", "emergency_maintenance",
    "customer", "unknown",
]  # fmt: skip
_PICK, _REAL, _SAVED = "Something fails", "A real outage", "A saved scenario"
_LONGEST_SLIDE = 72.0
_CLICKED = "outage_clicked"
_QUARTER = 0.25
_MOST_HOURS = 8_760.0


@dataclass(frozen=True)
class Happening:
    """What happens, before its time is known."""

    names: tuple[str, ...] = ()
    """Things that were picked."""
    scenario: Scenario | None = None
    """A scenario with times of its own, in place of them."""


def node_options(estate: Estate) -> list[str]:
    """Everything that can fail, each with its kind."""
    return [
        *(f"location:{record.id}" for record in estate.locations),
        *(f"organization:{record.id}" for record in estate.organizations),
        *(f"service:{record.id}" for record in estate.services),
    ]


def happening(data: Compiled, shelf: ScenarioShelf) -> Happening:
    """What happens, from the controls; the address line holds the choice."""
    kinds = [_PICK, _REAL, _SAVED]
    follow("outage kind", "outage_kind", _PICK, one_of(kinds), _kind_asked())
    kind = st.segmented_control(
        "What happens", kinds, key="outage_kind", label_visibility="collapsed", required=True
    )
    if kind == _REAL:
        found = _real(data.estate)
    elif kind == _SAVED:
        found = _saved(data.estate, shelf)
    else:
        found = _picked(data.estate)
    note("outage kind", _kind_asked())
    return found


def _kind_asked() -> str:
    """The kind of choice that the address holds."""
    query = st.query_params
    return _SAVED if "scenario" in query else _REAL if "preset" in query else _PICK


def _picked(estate: Estate) -> Happening:
    """What fails, one thing or several."""
    query = st.query_params
    _forget("preset", "scenario")
    options = node_options(estate)
    asked = [key_of(estate, name) for name in query.get_all("down")]
    given = [name for name in asked if name in options]
    follow("down", "outage_down", [], lambda _: given, "\n".join(query.get_all("down")))
    clicked = st.session_state.pop(_CLICKED, None)
    if clicked in options:
        held = st.session_state["outage_down"]
        kept = [name for name in held if name != clicked]
        st.session_state["outage_down"] = kept if clicked in held else [*held, clicked]
        given = []
    names = st.multiselect(
        "What fails", options, key="outage_down",
        placeholder="Type to search, or click in the picture below",
        # Else Enter would take all that match, at once.
        select_all=False,
    )  # fmt: skip
    # What is not there stays in the address, and is told, until something is chosen.
    if (names or asked) and (names != given or len(given) == len(asked)):
        # Written again, it would stand in the browser's history twice.
        if names != asked:
            query["down"] = names
            note("down", "\n".join(names))
    else:
        tell_unknown("thing", [name for name in asked if name not in options])
    return Happening(tuple(names))


def click(key: str) -> None:
    """Let a thing fail, or work again, at the next run of the page."""
    st.session_state[_CLICKED] = key


def _forget(*names: str) -> None:
    """Take choices of another kind out of the address line."""
    for name in names:
        if name in st.query_params:
            del st.query_params[name]
        note(name, "")


def _real(estate: Estate) -> Happening:
    """A real outage, aimed at what the estate has of it."""
    _forget("down", "scenario")
    presets = outage_presets(flagged=True)
    names = list(presets)
    given = st.query_params.get("preset")
    what, where = st.columns(2)
    follow("preset", "outage_preset", names[0], one_of(names))
    name = what.selectbox("Which real outage", names, key="outage_preset")
    if given is None or given in names or name != names[0]:
        write({"preset": name})
    else:
        tell_unknown("real outage", [given])
    aim = where.multiselect(
        "What it hits here", node_options(estate), key="outage_aim",
        placeholder="By matching vendor, location and service names", select_all=False,
    )  # fmt: skip
    real = presets[name]
    st.text(f"{real.summary}\nSource: {real.source} (confidence {real.confidence})")
    try:
        incidents = aimed(real, estate, aim)
    except DepgraphError as error:
        st.warning("It hits nothing here; choose above what it would hit.")
        st.text("\n".join(map(str, getattr(error, "problems", ()))) or str(error))
        return Happening()
    return Happening(scenario=Scenario(name=real.id, why=real.source, incidents=incidents))


def _saved(estate: Estate, shelf: ScenarioShelf) -> Happening:
    """A saved scenario, as it was saved."""
    _forget("down", "preset")
    try:
        names = [row.name for row in shelf.listed()]
    except DepgraphError as error:
        st.text(str(error))
        return Happening()
    if not names:
        st.write("No scenario is saved yet. Pick what fails or change something, then save it.")
        return Happening()
    given = st.query_params.get("scenario")
    follow("scenario", "outage_saved", names[0], one_of(names))
    name = st.selectbox("Which scenario", names, key="outage_saved")
    if given is None or given in names or name != names[0]:
        write({"scenario": name})
    else:
        tell_unknown("scenario", [given])
    try:
        return Happening(scenario=shelf.scenario(name, estate))
    except DepgraphError as error:
        st.error("This scenario no longer fits the estate.", icon=":material/error:")
        st.text("\n".join(map(str, getattr(error, "problems", ()))) or str(error))
        return Happening()


def timed(what: Happening, edits: Sequence[dict[str, Any]]) -> Scenario:
    """The scenario: what was picked at the time of the sliders, or one with its own times.

    Parameters
    ----------
    what : Happening
        What happens.
    edits : sequence of dict
        Changes made by form; they follow those of the scenario.
    """
    if what.scenario is not None:
        made = what.scenario
        return made.replace(edits=(*made.edits, *edits)) if edits else made
    begin, end, cause = _when()
    if not what.names:
        return Scenario.model_validate({"name": "Changes", "edits": edits})
    incidents = [
        Incident.model_validate(
            {"id": f"what-if-{n + 1}", "affects": name, "start": begin, "end": end, "cause": cause}
        )
        for n, name in enumerate(what.names)
    ]
    title = f"{', '.join(what.names)} down"
    return Scenario.model_validate({"name": title, "incidents": incidents, "edits": edits})


def _when() -> tuple[datetime, datetime, str]:
    """Time, length and cause; the address line holds them too."""
    state, query = st.session_state, st.query_params
    held = state.get("outage_hours")
    follow("hours", "outage_hours", 4.0, lambda text: _number(text, 4.0))
    if "outage_length" not in state or state["outage_hours"] != held:
        state["outage_length"] = min(max(state["outage_hours"], _QUARTER), _LONGEST_SLIDE)
    follow("at", "outage_time", _clock(None), lambda text: _clock(text or None))
    follow("day", "outage_day", _day(None), lambda text: _day(text or None))
    follow("cause", "outage_cause", _CAUSES[0], one_of(_CAUSES))
    day, clock, length, exact, cause = st.columns([2, 3, 3, 2, 2])
    started = day.date_input("From", key="outage_day")
    at = clock.slider(
        "At (UTC)", time(0), time(23, 45), step=timedelta(minutes=15), key="outage_time"
    )
    length.slider(
        "For, hours", _QUARTER, _LONGEST_SLIDE, step=_QUARTER, key="outage_length",
        on_change=_slid,
    )  # fmt: skip
    hours = exact.number_input(
        "Exactly, hours", min_value=0.001, max_value=_MOST_HOURS, step=0.5, format="%.4g",
        key="outage_hours", on_change=_typed,
    )  # fmt: skip
    kind = cause.selectbox(
        "Cause", _CAUSES, key="outage_cause", format_func=lambda cause: cause.replace("_", " "),
        help="Who or what brings it about: contracts exclude some causes (rule M3)",
    )  # fmt: skip
    begin = datetime.combine(started if isinstance(started, date) else _day(None), at, UTC)
    # The first look writes no address: it would come to stand in the history of the view before.
    if query or (begin, hours, kind) != (
        datetime.combine(_day(None), _clock(None), UTC),
        4.0,
        _CAUSES[0],
    ):
        write(
            {"day": f"{begin:%Y-%m-%d}", "at": f"{at:%H:%M}", "hours": f"{hours:g}", "cause": kind}
        )
    return begin, begin + timedelta(seconds=round(hours * 3600)), kind


def _slid() -> None:
    st.session_state["outage_hours"] = st.session_state["outage_length"]


def _typed() -> None:
    hours = st.session_state["outage_hours"]
    st.session_state["outage_length"] = min(max(hours, _QUARTER), _LONGEST_SLIDE)


def _number(text: str | None, otherwise: float) -> float:
    try:
        value = float(text or otherwise)
    except ValueError:
        return otherwise
    return value if 0 < value <= _MOST_HOURS else otherwise


def _clock(text: str | None) -> time:
    try:
        return time.fromisoformat(text or "10:00")
    except ValueError:
        return time(10)


def _day(text: str | None) -> date:
    today = datetime.now(UTC).date()
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        return today
