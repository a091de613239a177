"""Each view's states, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sample_data import sample_path

APP = str(Path(__file__).parents[2] / "ui" / "app.py")


def _opened(monkeypatch: pytest.MonkeyPatch, estate: str) -> AppTest:
    monkeypatch.setenv("DEPGRAPH_ESTATE", estate)
    monkeypatch.delenv("DEPGRAPH_ESTATE_NAME", raising=False)
    return AppTest.from_file(APP, default_timeout=60).run()


def test_the_sample_opens_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _opened(monkeypatch, str(sample_path("retailer")))

    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Services"] == "77"


def test_an_empty_estate_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("organizations: [{id: a}]")
    page = _opened(monkeypatch, str(tmp_path))

    assert not page.exception
    assert "no services yet" in page.info[0].value


def test_a_broken_estate_lists_its_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 99.9}]")
    page = _opened(monkeypatch, str(tmp_path))

    assert not page.exception
    assert "1 problems" in page.error[0].value


def test_a_database_that_is_down_offers_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _opened(monkeypatch, "bolt://127.0.0.1:1")

    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert page.button[0].label == "Try again"
