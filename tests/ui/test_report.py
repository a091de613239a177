"""Reports: one file, nothing runs or is fetched, every text comes back as it was."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.estates import HOSTILE
from ui.report import Bar, Bars, Document, Table, report_html
from ui.report_download import safe_file_name


class _Read(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "td":
            self.cells.append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


def _report(text: str) -> str:
    return report_html(
        Document(
            title=text, estate=text, version="v", as_of=date(2026, 1, 1), figures=((text, text),),
            parts=(Table(text, [{text: text}]), Bars(text, [Bar(text, 0.5, text)]), Table("x", [])),
        )
    )  # fmt: skip


def test_links_of_the_page_stay_there_and_figures_stay_on_a_line() -> None:
    """A file has no page behind it: an address in a cell would be noise."""
    row: dict[str, object] = {
        "open": "contracts?contract=a",
        "owed": "1,234.50 EUR",
        "who": "w" * 99,
    }
    text = report_html(
        Document(
            title="x", estate="x", version="v", as_of=date(2026, 1, 1), parts=(Table("x", [row]),)
        )
    )

    assert _Read(text).cells == ["1,234.50 EUR", "w" * 99]
    assert '<td class="figure">1,234.50 EUR</td>' in text
    assert f'<td class="long">{"w" * 99}</td>' in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    read = _Read(_report(text))

    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd",
               "table", "thead", "tbody", "tr", "th", "td", "div", "span"}  # fmt: skip
    assert set(read.tags) <= allowed
    assert {name for name, _ in read.attributes} <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "scope", "style",
    }  # fmt: skip
    assert read.cells == [text]


@given(st.floats(0, 1))
def test_figures_keep_all_their_digits(value: float) -> None:
    document = Document("t", "e", "v", date(2026, 1, 1), parts=(Table("x", [{"v": value}]),))

    assert [float(cell) for cell in _Read(report_html(document)).cells] == [value]


def test_the_version_and_the_policy_stand_in_it() -> None:
    text = _report("plain")

    assert "version sha256:v." in text
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize("text", [*HOSTILE, "", "..", "/etc/passwd"])
def test_file_names_are_safe(text: str) -> None:
    name = safe_file_name(text)

    assert name
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>| \n')
    assert not name.startswith(".")
