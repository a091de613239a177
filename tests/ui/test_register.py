"""`register`, and `import` and `export` of the register, on the command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from sample_data import sample_path
from tests.ui.command_line import app

BANK = str(sample_path("register"))
LEI = "00EXBANKRETAIL000050"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def _changed(tmp_path: Path, old: str, new: str) -> str:
    text = (sample_path("register") / "estate.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "estate.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return str(file)


def test_gaps_name_rule_record_and_field() -> None:
    done = run("register", BANK, "--json")
    answer = json.loads(done.stdout)

    assert done.exit_code == 0
    assert answer["counts"] == {"reject": 0, "warning": 1, "advice": 1}
    assert answer["rows"]["B_05.02"] == 8
    assert answer["gaps"][0] == {
        "severity": "warning", "rule": "v8825_m",
        "what": "Reason if not or hardly substitutable: is missing where the provider can hardly be replaced",
        "template": "B_07.01", "column": "c0060", "place": "contracts/pay-2024",
        "fill": "contracts/pay-2024/assessments/0/obstacle", "value": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("level", "code"), [("reject", 0), ("warning", 1), ("advice", 1), ("never", 0)]
)
def test_the_exit_code_follows_the_level(level: str, code: int) -> None:
    assert run("register", BANK, "--fail-on", level).exit_code == code


def test_the_package_is_named_and_holds_19_files(tmp_path: Path) -> None:
    done = run("export", "dora", BANK, "--out", str(tmp_path))
    [file] = tmp_path.iterdir()

    assert done.exit_code == 0
    assert file.name.startswith(f"{LEI}.CON_IE_DORA010100_DORA_2025-12-31_")
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        raw = archive.read(f"{file.stem}/reports/b_05.01.csv")
    assert len(names) == 19
    assert all(name.startswith(f"{file.stem}/") for name in names)
    assert raw.startswith(b"c0010,c0020,")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 7
    assert run("register", str(file)).exit_code == 0


def test_options_name_the_filing(tmp_path: Path) -> None:
    estate = _changed(tmp_path, "      reference_date: 2025-12-31\n      scope: consolidated\n", "")
    refused = run("export", "dora", estate, "--out", str(tmp_path / "x.zip"))
    assert refused.exit_code == 2
    assert "--reference-date" in refused.stderr
    assert "--scope" in refused.stderr
    assert not (tmp_path / "x.zip").exists()

    options = ("--reference-date", "2024-12-31", "--scope", "individual")
    out = tmp_path / "out"
    out.mkdir()
    assert run("export", "dora", estate, "--out", str(out), *options).exit_code == 0
    [file] = out.iterdir()
    assert file.name.startswith(f"{LEI}.IND_IE_DORA010100_DORA_2024-12-31_")


def test_what_would_be_rejected_is_not_written_unless_asked(tmp_path: Path) -> None:
    estate = _changed(tmp_path, "lei: 00EXHOSTING000000055, ", "")
    out = tmp_path / "x.zip"
    refused = run("export", "dora", estate, "--out", str(out))

    assert refused.exit_code == 1
    assert "fill organizations/hosting/lei" in refused.stderr
    assert not out.exists()
    assert run("export", "dora", estate, "--out", str(out), "--with-gaps").exit_code == 0
    assert out.exists()
    assert run("register", str(out)).exit_code == 1


def test_options_of_the_register_belong_to_it_alone() -> None:
    done = run("export", "yaml", BANK, "--lei", LEI, "--with-gaps")

    assert done.exit_code == 2
    assert f"--lei {LEI}, --with-gaps: only the register of information takes" in done.stderr


def test_a_register_that_is_there_says_itself_what_it_is(tmp_path: Path) -> None:
    assert run("export", "dora", BANK, "--out", str(tmp_path)).exit_code == 0
    [file] = tmp_path.iterdir()
    done = run("register", str(file), "--lei", "x", "--reference-date", "2025-12-31")

    assert done.exit_code == 2
    assert "leave out --lei x, --reference-date 2025-12-31" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--lei", "x", "'x' is no LEI of the entity that files (20 capital letters and digits)"),
        ("--country", "zz", "'zz' is no country of the entity that files"),
        ("--currency", "zzz", "'zzz' is no base currency (ISO 4217, such as EUR)"),
    ],
)
def test_what_cannot_name_a_filing_is_repeated(
    option: str, value: str, told: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "x.zip")
    refused = run("export", "dora", BANK, "--out", out, option, value)
    listed = run("register", BANK, option, value)

    assert (refused.exit_code, listed.exit_code) == (2, 1)
    assert option in refused.stderr
    assert f"the package has no name: {told}" in refused.stderr.splitlines()[-1]
    assert told in listed.stdout


def test_hostile_names_go_out_as_they_are(tmp_path: Path) -> None:
    name = '=HYPERLINK("http://x.example","a")'
    estate = _changed(tmp_path, "name: PayCloud Ltd", f"name: {json.dumps(name)}")
    assert run("export", "dora", estate, "--out", str(tmp_path / "x.zip")).exit_code == 0
    done = run("import", "dora", str(tmp_path / "x.zip"), "--out", str(tmp_path / "again"))

    assert done.exit_code == 0
    held = yaml.safe_load((tmp_path / "again" / "estate.yaml").read_text(encoding="utf-8"))
    assert name in [each.get("name") for each in held["organizations"]]


def test_a_broken_file_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"PK\x03\x04")
    done = run("register", str(file))

    assert done.exit_code == 1
    assert type(done.exception).__name__ == "RegisterError"
    assert "this is no package" in str(done.exception)


def test_import_counts_rows_and_fields(tmp_path: Path) -> None:
    run("export", "dora", BANK, "--out", str(tmp_path / "x.zip"))
    done = run("import", "dora", str(tmp_path / "x.zip"), "--out", str(tmp_path / "bank"))

    assert "B_05.02: 8 of 8 rows, 56 of 56 fields taken" in done.stdout
