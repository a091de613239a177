"""Each rule of the register: one cell changed in a register without faults, one gap found."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ingest.dora.checks import register_gaps
from ingest.dora.filing import package_gaps
from ingest.dora.gaps import Gap
from ingest.formats.dora import opened_register
from ingest.provenance import Draft
from tests.ingest.dora.synthetic_register import NAME, PARAMETERS, package, tables


def _gaps(tmp_path: Path, changes: dict[str, bytes | None], name: str = NAME) -> set[str]:
    return {f"{gap.severity} {gap.rule} {gap.template} {gap.column}".strip()
            for gap in _found(tmp_path, changes, name)}  # fmt: skip


def _found(tmp_path: Path, changes: dict[str, bytes | None], name: str = NAME) -> list[Gap]:
    file = tmp_path / f"{name}.zip"
    file.write_bytes(package(changes))
    register = opened_register(file, Draft("test"))
    return [*package_gaps(file, register), *register_gaps(register)]


def _changed(template: str, row: int, column: str, value: str) -> dict[str, bytes | None]:
    """One cell of the synthetic register changed; rows count from 0."""
    name = template.lower()
    rows = list(csv.reader(io.StringIO(tables()[name])))
    rows[row + 1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return {f"{name}.csv": out.getvalue().encode()}


@pytest.mark.parametrize(
    ("cell", "gaps"),
    [
        (("B_03.01", 0, "c0010", ""), {"reject 805 B_03.01 c0010"}),
        (("B_03.01", 1, "c0010", "FRAME-1"), {"reject 806 B_03.01 c0010"}),
        (("B_03.01", 0, "c0010", "GONE"), {"reject 807 B_03.01 c0010"}),
        (("B_03.01", 0, "c0030", ""), {"reject keys-only B_03.01 c0030"}),
        (("B_03.01", 0, "c0030", "yes"), {"reject 333 B_03.01 c0030"}),
        (("B_02.02", 0, "c0050", "F3"), {"reject 807 B_02.02 c0020"}),
        (("B_01.02", 1, "c0080", "17/01/2025"), {"reject 330 B_01.02 c0080"}),
        (("B_01.02", 1, "c0080", "2025-02-30"), {"reject 330 B_01.02 c0080"}),
        (("B_01.02", 1, "c0110", "1,000"), {"reject 305 B_01.02 c0110"}),
        (("B_01.02", 1, "c0110", "-1"), {"warning v22913_s B_01.02 c0110"}),
        (("B_02.02", 0, "c0100", "3 months"), {"reject 331 B_02.02 c0100"}),
        (("B_02.02", 0, "c0170", "eba_ZZ:x799"), {"reject 503 B_02.02 c0170"}),
        (("B_02.02", 0, "c0120", "eba_GA:qx2007"), {"reject 503 B_02.02 c0120"}),
        (("B_01.01", 0, "c0050", ""), {"warning v8875_m B_01.01 c0050"}),
        (("B_01.01", 0, "c0050", "bell\x07"), {"reject text B_01.01 c0050"}),
        (("B_01.02", 1, "c0100", ""), {"warning v8803_m B_01.02 c0100"}),
        (("B_01.02", 1, "c0110", ""), {"warning v8804_m B_01.02 c0110"}),
        (("B_02.01", 1, "c0030", ""), {"warning v22912_m B_02.01 c0030"}),
        (("B_02.01", 1, "c0050", "-5"), {"warning v23716_s B_02.01 c0050"}),
        (("B_07.01", 0, "c0060", ""), {"warning v8825_m B_07.01 c0060"}),
        (("B_07.01", 0, "c0070", ""), {"warning v8885_m B_07.01 c0070"}),
        (("B_07.01", 0, "c0120", ""), {"advice ITS B_07.01 c0120"}),
        (("B_02.02", 0, "c0180", ""), {"advice ITS B_02.02 c0180"}),
        (("B_02.02", 1, "c0080", "2024-01-01"), {"advice v8816_m B_02.02 c0080"}),
        (("B_05.01", 0, "c0100", ""), {"advice ITS B_05.01 c0100"}),
        (("B_05.01", 0, "c0030", "LEI"), set()),
        (("B_05.01", 0, "c0040", ""), {"warning code-type B_05.01 c0040"}),
        (("B_05.01", 0, "c0110", "NOBODY"),
         {"reject 807 B_05.01 c0110", "warning lei B_05.01 c0110"}),
        (("B_03.02", 0, "c0030", "eba_qCO:qx2004"), {"warning code-type B_03.02 c0030"}),
        (("B_05.02", 1, "c0060", "00EXCABLES0000000059"), {"warning chain B_05.02 c0060"}),
        (("B_06.01", 0, "c0060", "x" * 301), {"warning ITS B_06.01 c0060"}),
        (("B_06.01", 0, "c0080", "0"), {"advice ITS B_06.01 c0080"}),
    ],
)  # fmt: skip
def test_one_cell_one_gap(tmp_path: Path, cell: tuple[str, int, str, str], gaps: set[str]) -> None:
    quiet = _gaps(tmp_path, {})
    found = _gaps(tmp_path, _changed(*cell))

    assert found - quiet == gaps


def test_check_digits_of_a_lei_are_checked(tmp_path: Path) -> None:
    found = _found(tmp_path, _changed("B_05.01", 1, "c0030", "00EXBANKHOLDING00099"))

    assert "code-type" in {gap.rule for gap in found}
    wrong = _changed("B_01.03", 0, "c0020", "00EXBANKRETAIL000051")
    assert {"warning lei B_01.03 c0020", "reject 807 B_01.03 c0020"} <= _gaps(tmp_path, wrong)


def test_name_folder_and_parameters(tmp_path: Path) -> None:
    other = NAME.replace("DORA010100", "DORA010000")
    wrong = PARAMETERS.replace(".CON", ".IND").replace("2025-12-31", "2024-12-31")
    wrong = wrong.replace("iso4217:EUR", "EUR")

    assert {"reject 103", "reject 105"} <= _gaps(tmp_path, {}, "register")
    assert {"reject 103", "reject 106"} <= _gaps(tmp_path, {}, other)
    assert {"reject 714", "reject 320", "reject 720"} <= _gaps(
        tmp_path, {"parameters.csv": wrong.encode()}
    )


def test_an_empty_register_says_so(tmp_path: Path) -> None:
    heads: dict[str, bytes | None] = {
        f"{name}.csv": text.split("\n")[0].encode() for name, text in tables().items()
    }

    assert _gaps(tmp_path, heads) == {
        "warning e23677_e B_01.01", "warning e23676_e B_01.02", "warning e23792_e B_02.01",
        "warning e23680_e B_02.02", "warning e23683_e B_04.01", "warning e23674_e B_05.01",
        "warning e23682_e B_06.01",
    }  # fmt: skip
