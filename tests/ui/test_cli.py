"""The command line: one JSON document, exit codes, and no tracebacks for user faults."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from depgraph.errors import DomainError
from sample_data import sample_path
from tests.estates import HOSTILE
from tests.ui.command_line import app
from ui.cli import COMMANDS, program
from ui.commands.exchange import template

RUNNER = CliRunner()
BY_HAND = str(sample_path("by_hand"))
RETAILER = str(sample_path("retailer"))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments], capture_output=True, text=True, check=False
    )


def _json(*arguments: str) -> Any:
    done = RUNNER.invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_usage_names_the_command_as_users_type_it() -> None:
    assert "Usage: depgraph whatif [OPTIONS]" in _run("whatif", "--help").stdout
    assert "ui.cli" not in _run("whatif").stderr


def test_workbooks_are_loaded_only_where_one_is_read_or_written() -> None:
    code = "import sys; from ui.cli import program; program(); " + "".join(
        f"import ingest.formats.{name}; " for name in ("own_tables", "servicenow", "dora")
    )
    done = subprocess.run(
        [sys.executable, "-c", code + "print('openpyxl' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.strip() == "False"


def test_assess_json_says_where_lists_of_names_are_shortened(tmp_path: Path) -> None:
    """Synthetic ring: each of 1,001 services rests on all, which makes over a million names."""
    size = 1_001
    ring = [{"id": f"s{i}", "depends_on": [f"s{(i + 1) % size}"]} for i in range(size)]
    file = tmp_path / "ring.json"
    file.write_text(json.dumps({"services": ring}))
    done = RUNNER.invoke(app, ["assess", str(file), "--json"])
    data = json.loads(done.stdout)
    row = data["services"][0]

    assert data["names_shown"] == 100
    assert "--all" in done.stderr
    for name in ("single_points_of_failure", "unknown"):
        assert (len(row[name]), row[f"{name}_count"]) == (100, size)
    [alone] = _json("assess", str(file), "--service", "s0")["services"]
    assert len(alone["single_points_of_failure"]) == size
    whole = _json("assess", str(file), "--all")
    assert whole["names_shown"] is None
    assert {len(each["unknown"]) for each in whole["services"]} == {size}


@pytest.mark.parametrize(
    ("command", "key", "names"), [("check", "findings", "also"), ("quality", "results", "missing")]
)
def test_other_lists_of_names_are_shortened_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, key: str, names: str
) -> None:
    """Synthetic ring without figures: each of 101 results rests on what all of them lack."""
    monkeypatch.setattr("ui.name_lists._MOST_NAMES", 10_000)
    size = 101
    ring = [{"id": f"s{i}", "depends_on": [f"s{(i + 1) % size}"]} for i in range(size)]
    file = tmp_path / "ring.json"
    file.write_text(json.dumps({"services": ring}))
    data = json.loads(RUNNER.invoke(app, [command, str(file), "--json"]).stdout)

    longest = max(data[key], key=lambda row: row[f"{names}_count"])
    assert (len(longest[names]), longest[f"{names}_count"]) == (100, size)
    assert data["names_shown"] == 100
    small = RUNNER.invoke(app, [command, BY_HAND, "--json"]).stdout
    assert json.loads(small)["names_shown"] is None


def test_assess_json_holds_the_keys_of_the_contract() -> None:
    """Keys of `interfaces`: tools rely on them."""
    [row] = _json("assess", BY_HAND, "--service", "shop")["services"]

    assert {
        "id", "availability", "unavailability", "low", "high", "method", "naive", "worst_case",
        "own_availability", "basis", "committed", "carried", "met", "single_points_of_failure",
        "unknown",
    } <= row.keys()  # fmt: skip
    assert row["availability"] == pytest.approx(0.9975010019980005, rel=1e-15)
    assert row["single_points_of_failure"] == ["ledger", "region", "shop"]
    assert row["cut_sets"]["count_by_order"] == {"1": 3, "2": 1}


def test_nothing_that_can_fail_is_shown_as_100_percent(tmp_path: Path) -> None:
    """Rule A9 for the naive and the worst-case figure, the own one, and the minutes, too."""
    file = tmp_path / "e.yaml"
    file.write_text(
        "services: [{id: a, unavailability: 1e-39, depends_on: [b]}, {id: b, unavailability: 1e-20}]"
    )
    done = RUNNER.invoke(app, ["assess", str(file), "--service", "a"])

    assert done.exit_code == 0
    assert " 100 %" not in done.stdout + done.stderr
    assert "4.32e-16" in done.stdout


def test_a_service_named_twice_is_answered_once() -> None:
    done = RUNNER.invoke(
        app, ["assess", BY_HAND, "--service", "shop", "--service", "shop", "--json"]
    )

    assert [row["id"] for row in json.loads(done.stdout)["services"]] == ["shop"]


def test_assess_prints_what_its_json_holds() -> None:
    done = RUNNER.invoke(app, ["assess", BY_HAND, "--service", "shop"])

    assert done.exit_code == 0
    assert "99.7501 %" in done.stdout
    assert "107.957" in done.stdout


def test_check_ends_with_1_on_findings_and_0_when_they_are_allowed() -> None:
    assert RUNNER.invoke(app, ["check", RETAILER]).exit_code == 1
    assert RUNNER.invoke(app, ["check", RETAILER, "--fail-on", "never"]).exit_code == 0
    assert RUNNER.invoke(app, ["check", RETAILER, "--fail-on", "worse"]).exit_code == 2


def test_sarif_and_junit_are_what_readers_expect(tmp_path: Path) -> None:
    log = json.loads(RUNNER.invoke(app, ["check", RETAILER, "--format", "sarif"]).stdout)
    [run] = log["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    assert log["version"] == "2.1.0"
    assert {result["ruleId"] for result in run["results"]} == rules
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note"}
    suite = ET.fromstring(RUNNER.invoke(app, ["check", RETAILER, "--format", "junit"]).stdout)
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase"))

    broken = tmp_path / "e.yaml"
    broken.write_text("services: [{id: a, availability: 99.9}]")
    done = RUNNER.invoke(app, ["check", str(broken), "--format", "sarif"])
    [result] = json.loads(done.stdout)["runs"][0]["results"]
    assert done.exit_code == 2
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 34,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess", "absent.yaml"],
        ["check", "absent.yaml"],
        ["assess", BY_HAND, "--service", "shopp"],
        ["assess", BY_HAND, "--default-availability", "99.9"],
        ["assess", BY_HAND, "--default-availability", "nan"],
        ["assess", BY_HAND, "--as-of", "yesterday"],
        ["whatif", BY_HAND, "--down", "ledger", "--from", "2026-04-10T10:00"],
        ["whatif", BY_HAND, "--down", "ledger", "--from", "0001-01-01T00:00+14:00"],
        ["settle", BY_HAND, "--period", "2026-04", "--as-of", "2026-05-01 00:00:00"],
        ["assess", "bolt://127.0.0.1:1"],
        ["graph", "push", "absent.yaml"],
        ["graph", "query", "nothing"],
        ["graph", "query", "most_needed", "limit=x"],
        ["graph", "query", "expiring_contracts", "day=tomorrow"],
        ["graph", "pull", "--out", "estate.txt"],
        ["graph", "pull", "--to", "foo://x"],
        ["ui", "absent"],
        ["nonsense"],
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPGRAPH_HOME", str(tmp_path / ".depgraph"))
    if arguments[:2] == ["graph", "query"]:
        arguments = [*arguments, "--to", "bolt://127.0.0.1:1"]
    done = _run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["assess", BY_HAND, "--service", "shopp"], "'shopp' (did you mean 'shop'?)"),
        (["assess", BY_HAND, "--service", "nope"], "no service has the id 'nope'\n"),
        (
            ["whatif", BY_HAND, "--preset", "aws-ddb-2025-10-20", "--aim", "legder"],
            "error: --aim: no service, location or organization has the id 'legder' (did you mean",
        ),
        (["assess", ""], "ESTATE is empty"),
        (
            ["settle", BY_HAND, "--period", "2026-04", "--rates", "rates.yaml"],
            "error: rates.yaml: conversions is missing (add conversions)",
        ),
        (["assess", "/dev/null"], "/dev/null: it is neither a file nor a folder"),
        (
            ["settle", BY_HAND, "--period", "2026-04", "--as-of", "0001-01-01"],
            "--as-of '0001-01-01' lies outside the years 1900 to 9990",
        ),
        (["settle", BY_HAND, "--period", "２０２６-04"], "'２０２６-04' is no period"),  # noqa: RUF001 - digits of another script
        (["whatif", BY_HAND, "--down", "ledger", "--for", "٣h"], "--for '٣h' is not a length"),
        (["import", "csv", "rows.csv", "--out", "nan.json"], "--out nan.json is no folder"),
        (
            ["improve", BY_HAND, "--service", "shop", "--target", "0.9", "--budget", "1e400 EUR"],
            'write "50000 EUR"',
        ),
        (["assess", "absent.yaml"], "error: absent.yaml: it does not exist (check the path)"),
        (
            ["import", "csv", "rows.csv", "--out", "out"],
            "error: rows.csv:2: this row belongs to no",
        ),
        (
            ["import", "csv", "named.csv", "--out", "out"],
            "error: named.csv:2: 'vendors' is no table of ours (name",
        ),
        (["import", "csv", "gone.csv", "--out", "out"], "gone.csv does not exist: check the path"),
        (["import", "csv", ".", "--out", "out"], "error: . is a folder: name the files in it"),
        (["export", "yaml", BY_HAND, "--out", "."], "error: . is a folder: name a file in it"),
        (["template", "csv", "--out", "."], "error: . is a folder: name a file in it"),
        (["assess", "nan.json"], "nan.json:1:14: this is not a JSON value: N (write a number"),
    ],
)
def test_faults_name_their_place_once_and_a_way_out(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.yaml").write_text("{}")
    (tmp_path / "rows.csv").write_text("foo,bar\n1,2\n")
    (tmp_path / "named.csv").write_text("record,id\nvendors,1\n")
    (tmp_path / "nan.json").write_text('{"services": NaN}')
    done = _run(*arguments)

    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_encoding_that_lacks_a_sign_is_no_fault(encoding: str) -> None:
    """Files and pipes on Windows have a code page without the arrows of chains."""
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "assess", BY_HAND, "--service", "shop"],
        capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    arrow = "→" if encoding == "utf-8" else "\\u2192"
    assert f"region {arrow} shop" in done.stdout.decode(encoding)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [
        ("assess {} > /dev/full", 2, "error: the answer cannot be written: No space left on"),
        ("export yaml {} > /dev/full", 2, "error: the answer cannot be written: No space left on"),
        ("--help > /dev/full", 2, "error: the answer cannot be written: No space left on"),
        ("--version > /dev/full", 2, "error: the answer cannot be written: No space left on"),
        ("assess --help > /dev/full", 2, "error: the answer cannot be written: No space left on"),
        ("assess {} >&-", 0, "9 of 9 services"),
    ],
)
def test_an_output_that_takes_nothing_is_no_fault_of_the_program(
    redirected: str, code: int, told: str
) -> None:
    done = subprocess.run(
        f"{sys.executable} -m ui.cli {redirected.format(BY_HAND)}",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert told in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_has_no_end_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    (folder / "estate.yaml").write_text("services: [{id: a}]")
    os.mkfifo(folder / "pipe.yaml")
    piped = _run("assess", str(folder))
    endless = _run("whatif", BY_HAND, "/dev/zero")

    assert (piped.returncode, endless.returncode) == (2, 2)
    assert "pipe.yaml: it is no regular file (move it out" in piped.stderr
    assert "/dev/zero: the file is larger than" in endless.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", BY_HAND, "--service", "nope"),
        ("diligence", BY_HAND, "--organization", "nope"),
        ("diligence", BY_HAND, "--compare", "pay-co", "nope"),
        ("report", "questionnaire", BY_HAND, "--organization", "nope", "--out", "q.md"),
        ("simulate", BY_HAND, "--precision", "2"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_compiled(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"ui.commands.{COMMANDS[arguments[0]][0]}"
    monkeypatch.setattr(f"{module}.structure_of", lambda _: pytest.fail("compiled"))

    assert RUNNER.invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        "check {}",
        "assess {}",
        "settle {} --period 2026-04",
        "whatif {} --down ledger",
        "whatif {} --scenarios",
        "whatif {} --forget a",
        "whatif {} --preset list",
        "flowdown {}",
        "improve {} --service shop --target 0.9",
        "simulate {}",
        "diligence {}",
        "quality {}",
        "register {}",
        "register held.xlsx",
        "report diligence-pack {} --out pack.md",
        "export yaml {}",
        "export dora {} --out filed.zip",
        "ui {} --no-browser",
    ],
)
def test_a_name_in_the_graph_beside_files_is_refused(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would pick nothing, and the answer would be of another estate than the one named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.commands.page._serve", lambda *_, **__: pytest.fail("served"))
    (tmp_path / "held.xlsx").write_bytes(b"")
    with pytest.raises(DomainError, match="--name 'mine' picks an estate in a graph database"):
        RUNNER.invoke(
            app, [*command.format(BY_HAND).split(), "--name", "mine"], catch_exceptions=False
        )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("--list --name mine", "--name"),
        ("--name mine --json", "--name"),
        ("--to bolt://127.0.0.1:1 --engine neo4j", "--to, --engine"),
        ("blast_radius id=shop --list", "NAME, KEY=VALUE"),
    ],
)
def test_the_list_of_queries_refuses_what_would_not_change_it(typed: str, told: str) -> None:
    done = RUNNER.invoke(app, ["graph", "query", *typed.split()])

    assert done.exit_code == 2
    assert f"{told} would change nothing in the list" in " ".join(done.stderr.split())
    assert RUNNER.invoke(app, ["graph", "query", "--list", "--json"]).exit_code == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("--scenarios --html x.html", "--html would change nothing beside --scenarios"),
        ("--scenarios --down ledger --explain", "--down, --explain would change nothing"),
        ("--forget a --save b", "--save would change nothing beside --forget"),
        ("--preset list --down ledger", "--down would change nothing beside --preset list"),
        ("second.yaml --scenarios", "SCENARIO would change nothing beside --scenarios"),
    ],
)
def test_what_plays_no_scenario_refuses_what_would_not_change_it(typed: str, told: str) -> None:
    done = RUNNER.invoke(app, ["whatif", BY_HAND, *typed.split()])

    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())
    assert RUNNER.invoke(app, ["whatif", BY_HAND, "--scenarios", "--json"]).exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        "import csv services.csv --out",
        "export yaml {} --out",
        "export dora {} --out",
        "template csv --out",
        "report diligence-pack {} --out",
        "diligence {} --out",
        "settle {} --period 2026-04 --xlsx",
        "whatif {} --down ledger --xlsx",
        "whatif {} --down ledger --html",
        "graph pull --out",
    ],
)
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path_to_write_to_is_refused(
    command: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path of no characters is the working folder: `--out "$FOLDER"` must not write into it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEPGRAPH_HOME", str(tmp_path / ".depgraph"))
    (tmp_path / "services.csv").write_text("id\na\n")
    done = RUNNER.invoke(app, [*command.format(BY_HAND).split(), empty])

    assert done.exit_code == 2
    assert "it is empty, like a variable that is not set" in " ".join(done.stderr.split())
    assert [file.name for file in tmp_path.iterdir()] == ["services.csv"]


def test_the_schema_needs_no_option() -> None:
    done = RUNNER.invoke(app, ["schema", "--help"])

    assert "default" not in done.stdout


def test_the_state_of_one_local_server_is_asked_for_by_its_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPGRAPH_HOME", str(tmp_path / ".depgraph"))

    def engines(*options: str) -> list[str]:
        told = RUNNER.invoke(app, ["graph", "status", "--json", *options]).stdout
        return [server["engine"] for server in json.loads(told)["servers"]]

    assert engines() == ["arcadedb", "neo4j"]
    assert engines("--engine", "neo4j") == ["neo4j"]


def test_hostile_names_neither_break_nor_act(tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    services = [{"id": f"s{n}", "name": text, "provider": None} for n, text in enumerate(HOSTILE)]
    services += [
        {"id": text} for text in ("[red]x[/]", "[/]", "=1+1", "a\u202eb") if text.isprintable()
    ]
    file.write_text(json.dumps({"services": services}))
    done = RUNNER.invoke(app, ["assess", str(file)])

    assert done.exit_code == 0
    assert "[red]x[/]" in done.stdout


def test_schema_is_json_schema() -> None:
    schema = json.loads(RUNNER.invoke(app, ["schema"]).stdout)

    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "services" in schema["properties"]


def test_every_command_has_help_with_an_example() -> None:
    for path in (["check"], ["assess"], ["schema"], ["ui"], ["demo"],
                 *(["graph", c] for c in ("start", "stop", "status", "push", "pull", "query"))):  # fmt: skip
        done = RUNNER.invoke(app, [*path, "--help"])
        assert done.exit_code == 0
        assert "Example: depgraph" in done.stdout, path


@pytest.mark.parametrize(
    "command",
    [
        f"check {RETAILER} --json",
        f"simulate {RETAILER} --no-money --no-exact --years 16",
        "--help",
    ],
    ids=["a document", "tables", "help"],
)
def test_a_reader_that_goes_away_is_no_fault(command: str) -> None:
    """It has gone before anything is written: one that reads a little may go too late."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", *command.split()],
            stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)

    assert "Traceback" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ui", "--port", "99999"], "99999"),
        (["simulate", str(RETAILER), "--years", "many"], "many"),
        (["simulate", str(RETAILER), "--unknown", "maybe"], "'maybe' is not one of"),
        (["simulate", BY_HAND, "--precision", "2"], "--precision 2 is not between"),
        (["simulate", BY_HAND, "--precision", "nan"], "--precision nan is not between"),
        (["simulate", BY_HAND, "--mttr-hours", "0"], "--mttr-hours 0 is not more than 0"),
        (["simulate", BY_HAND, "--mttr-hours", "inf"], "--mttr-hours inf is not"),
        (["simulate", BY_HAND, "--mttr-hours", "1e300"], "--mttr-hours 1e+300 is not"),
        (["simulate", BY_HAND, "--failures", "weibul"], "--failures 'weibul' is no distribution"),
        (["simulate", BY_HAND, "--repairs", "normal"], "--repairs 'normal' is no distribution"),
        (
            ["whatif", BY_HAND, "x.yaml", "--years", "4", "--mttr-hours", "0"],
            "--mttr-hours 0 is not",
        ),
        (["whatif", BY_HAND, "--down", "ledger", "--cause", "bad"], "--cause cannot be 'bad'"),
    ],
)
def test_a_refused_value_is_repeated(arguments: list[str], told: str) -> None:
    done = RUNNER.invoke(app, arguments)

    assert done.exit_code == 2
    assert told in done.stderr
    assert arguments[-2] in done.stderr
    assert "Value error" not in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_without_loading_the_others(name: str) -> None:
    one = get_command(program(name))
    assert isinstance(one, TyperGroup)

    of_its_module = {
        other for other, (module, _) in COMMANDS.items() if module == COMMANDS[name][0]
    }
    assert set(one.commands) == of_its_module


def test_the_list_of_commands_is_whole_quick_to_load_and_not_cut() -> None:
    code = (
        "import sys; from ui.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print({'numba', 'pydantic', 'networkx'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip

    assert done.stdout.endswith("set()\n"), done
    for name, (_, summary) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert f" {summary}\n" in done.stdout


def test_what_is_no_command_is_answered_with_the_nearest() -> None:
    done = _run("asess", RETAILER)

    assert done.returncode == 2
    assert "Did you mean 'assess'?" in done.stderr


def test_a_shell_completes_commands_and_their_options() -> None:
    def completed(*words: str) -> str:
        asked = {"_DEPGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words),
                 "COMP_CWORD": str(len(words) - 1)}  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "ui.cli"], capture_output=True, text=True, check=False,
            env={**os.environ, **asked},
        ).stdout  # fmt: skip

    assert "assess" in completed("depgraph", "as").split()
    assert "--seconds" in completed("depgraph", "assess", "--s").split()


def test_a_workbook_is_not_poured_over_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe takes it; a screen would show its bytes."""

    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    screen = Screen(io.BytesIO())
    monkeypatch.setattr("sys.stdout", screen)
    with pytest.raises(typer.Exit):
        template("xlsx")
    assert screen.buffer.getvalue() == b""  # type: ignore[attr-defined]  # it is a BytesIO
    template("csv")
    assert screen.buffer.getvalue()  # type: ignore[attr-defined]  # likewise
