"""Packages that are cut, packed as bombs, in another encoding or of another shape: problems."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depgraph.errors import RegisterError
from ingest.formats.dora import opened_register
from ingest.provenance import Draft
from tests.ingest.dora.synthetic_register import package, tables
from tests.ingest.formats.bench import imported, whats

B_0202 = tables()["b_02.02"]


def _archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _encrypted() -> bytes:
    """A package whose first file says that it is encrypted, in both of its headers."""
    raw = bytearray(package())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    return bytes(raw)


def _bomb() -> bytes:
    return _archive({f"r/reports/b_01.0{n}.csv": b"\0" * (150 << 20) for n in (1, 2, 3)})


def _lying() -> bytes:
    """A package whose directory gives the first table a wrong length and checksum."""
    raw = bytearray(_archive({"r/reports/b_01.01.csv": b"c0010,c0020\r\nA,B\r\n" * 50}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (5).to_bytes(4, "little")
    return bytes(raw)


WHOLE = package()


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (b"", {"not-zip"}),
        (b"PK\x03\x04 cut", {"not-zip"}),
        (b"c0010,c0020\r\n", {"not-zip"}),
        (WHOLE[: len(WHOLE) // 2], {"not-zip"}),
        (_archive({"a.txt": b"x"}), {"wrong-format"}),
        (_archive({f"{n}.csv": b"" for n in range(1_001)}), {"too-large"}),
        (_encrypted(), {"broken-zip"}),
        (_lying(), {"broken-zip"}),
        (package({"b_02.02.csv": "c0010,c0020\r\né,x\r\n".encode("latin-1")}), {"wrong-encoding"}),
        (package({"b_02.02.csv": B_0202.encode("utf-16")}), {"wrong-encoding"}),
        (package({"b_02.02.csv": b"c0010,c0020\r\na\0b,x\r\n"}), {"binary-file"}),
        (package({"b_02.02.csv": B_0202.replace(",", ";").encode()}), {"not-csv"}),
        (package({"b_02.02.csv": b'c0010,c0020\r\n"a"b,x\r\n'}), {"not-csv"}),
        (package({"b_02.02.csv": b"c0010\r\n" + b"x" * 200_000}), {"not-csv"}),
        (package({"b_01.01.csv": b"\xff", "b_02.02.csv": b"a\0"}), {"wrong-encoding", "binary-file"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, raw: bytes, codes: set[str]) -> None:
    file = tmp_path / "register.zip"
    file.write_bytes(raw)
    with pytest.raises(RegisterError) as caught:
        imported("dora", file, tmp_path / "out")

    assert {problem.code for problem in caught.value.problems} == codes
    assert not (tmp_path / "out").exists()


def test_a_bomb_is_refused_by_what_it_says_it_unpacks_to(tmp_path: Path) -> None:
    file = tmp_path / "register.zip"
    file.write_bytes(_bomb())
    with pytest.raises(RegisterError) as caught:
        imported("dora", file, tmp_path / "out")

    assert caught.value.problems[0].code == "too-large"


def test_what_can_be_read_is_read_and_the_rest_is_said(tmp_path: Path) -> None:
    file = tmp_path / "register.zip"
    file.write_bytes(
        package(
            {
                "b_01.03.csv": b"\xef\xbb\xbfc0010,c0020,c0030,c0040,c0050,c0030\r\n"
                b"B1,00EXBANKRETAIL000050,One,eba_GA:ZZ,?,Two\r\nB2,short\r\n\r\n",
                "b_02.03.csv": None,
                "reportPackage.json": None,
                "report.json": b"{",
                "notes.txt": b"hello",
                "FilingIndicators.csv": b"templateID,reported\r\nB_01.01,false\r\n",
            }
        )
    )
    _, report = imported("dora", file, tmp_path / "out")

    assert report.counts["B_01.03"] == {
        "rows": 2, "rows_taken": 1, "rows_left_out": 1, "fields": 6, "fields_taken": 3,
        "fields_inferred": 0, "fields_left_out": 3,
    }  # fmt: skip
    left_out = whats(report, "left_out")
    assert "'eba_GA:ZZ' is not in the closed list (rule 503)" in left_out
    assert "2 cells under 6 headings (rule 802)" in left_out
    assert "the column 'c0050' is none of the template" in left_out
    assert "notes.txt" in left_out
    conflict = whats(report, "conflict")
    assert "two columns are called c0030; the first counts (rule 809)" in conflict
    assert "B_01.01 is not reported as true (rule 808)" in conflict
    assert "report.json does not say" in conflict
    assert "B_02.03 Intra-group arrangements: no such file" in whats(report, "missing")
    assert "byte order mark" in whats(report, "inferred")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_never_a_traceback(tmp_path: Path, place: int, byte: int) -> None:
    file = tmp_path / "register.zip"
    raw = bytearray(WHOLE)
    raw[place] = byte
    file.write_bytes(bytes(raw))
    assert _read_or_said(file)


def _read_or_said(file: Path) -> bool:
    """Whether a file gives a register, or an error with its problems."""
    try:
        opened_register(file, Draft("test"))
    except RegisterError as error:
        return bool(error.problems)
    return True


CELL = st.sampled_from(
    ["", "a", "=1+1", "#none", "##", "#nil", "eba_GA:IE", "eba_TA:S19", "-1", "1e5", "9999-99-99",
     "2025-01-01", "true", "0", "1", "2", "99999999999", "x" * 400, "\u202e", "F1", "a\nb", "A,B"]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_cells_import_or_are_said(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever the cells hold: every row and field is either taken or left out."""
    changes: dict[str, bytes | None] = {}
    for name, text in tables().items():
        rows = list(csv.reader(io.StringIO(text)))
        held = [[data.draw(CELL) for _ in rows[0]] for _ in range(data.draw(st.integers(0, 2)))]
        out = io.StringIO()
        csv.writer(out).writerows([rows[0], *held])
        changes[f"{name}.csv"] = out.getvalue().encode()
    file = tmp_path / "register.zip"
    file.write_bytes(package(changes))
    out_folder = tmp_path / f"out{data.draw(st.integers(0, 1 << 60))}"
    _, report = imported("dora", file, out_folder)

    for counts in report.counts.values():
        assert counts["rows"] == counts["rows_taken"] + counts["rows_left_out"]
        assert counts["fields"] == counts["fields_taken"] + counts["fields_left_out"]
