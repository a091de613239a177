"""Figures as people read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from depgraph.engine.availability import assessed
from depgraph.model.estate import Estate
from ui.figures_text import availability_text, component_text, minutes_text


def shown(**service: object) -> str:
    estate = Estate.model_validate({"services": [{"id": "a", **service}]})
    return availability_text(assessed(estate).services[0])


def test_a_service_without_a_figure_is_unknown_and_not_down() -> None:
    """Nothing is known of it (rule A5); 0.0000 % had looked like an outage."""
    assert shown() == "unknown (0 to 100 %)"


@pytest.mark.parametrize(
    ("lost", "text"),
    [("1e-12", "99.9999999999"), ("0.5", "50.0000"), ("1", "0.0000"), ("0", "100")],
)
def test_digits_are_kept_and_never_rounded_up(lost: str, text: str) -> None:
    """Rule A9: a figure below 1 never reads 100 %, and one that is known is no bracket."""
    found = shown(unavailability=lost)

    assert found.startswith(text)
    assert (found == "100 %") == (lost == "0")


def test_a_common_cause_is_said_in_words() -> None:
    assert component_text("common_cause(a, b)") == "common cause of a, b"
    assert component_text("common_cause(a") == "common_cause(a"
    assert component_text("service:a") == "service:a"


def test_few_minutes_are_not_none() -> None:
    assert minutes_text(4.32e-8) == "4.32e-08"
    assert minutes_text(0.0005) == "0.0005"
    assert minutes_text(0.0) == "0.000"
    assert minutes_text(43_200.0) == "43,200.000"
    assert minutes_text(None) == "?"


def test_no_percentage_is_written_without_its_space() -> None:
    """One way for all: `share_text`, never Python's own sign of per cent, which has no space."""
    root = Path(__file__).parents[2]
    found = [
        f"{path.name}: {match[0]}"
        for folder in ("ui", "ingest", "depgraph", "cypher")
        for path in sorted((root / folder).rglob("*.py"))
        for match in re.finditer(
            r"[{,][^{}\n]*:\.\d%\}|format=\"(?:percent|\.?\d?%)\"", path.read_text()
        )
    ]
    assert found == []
