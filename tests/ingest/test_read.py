"""Reading: every problem with its place and its fix, all at once, and nothing else."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from ingest import estate_text, read_estate, require_estate
from ingest.write import estate_data, record_yaml, yaml_pieces
from sample_data import sample_path
from tests.estates import estates

SAMPLES = Path(__file__).parents[2] / "sample_data"


def _problems(tmp_path: Path, text: str | bytes, name: str = "estate.yaml") -> list[str]:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = read_estate(file)
    assert (result.estate is None) == bool(result.problems)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in result.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "services:\n  - {id: a, availability: 99.9}\n",
            'estate.yaml:2:27: 99.9 is outside [0, 1] (for 99.9 % write 0.999 or "99.9%")',
            id="per cent as a share",
        ),
        pytest.param(
            "services:\n  - {id: ~}\n",
            "estate.yaml:2:10: nothing is not a text (write the id in quotes)",
            id="no id",
        ),
        pytest.param(
            "services:\n  - {id: 1.0}\n",
            "estate.yaml:2:10: 1.0 is not a text (write the id in quotes)",
            id="a number as id",
        ),
        pytest.param(
            "services:\n  - {id: a, name: [x]}\n",
            "estate.yaml:2:13: name: should be a text",
            id="a list as name",
        ),
        pytest.param(
            "services:\n  - {id: a, depends_on: [ledgr]}\n  - {id: ledger}\n",
            "estate.yaml:2:26: no service has the id 'ledgr' (did you mean 'ledger'?)",
            id="dangling reference",
        ),
        pytest.param(
            "services:\n  - {id: a, depends_on: [{at_least: 1, of: []}]}\n",
            "estate.yaml:2:40: of: needs at least 1 item, has 0 (add one)",
            id="empty group",
        ),
        pytest.param(
            "services:\n  - {id: a}\n  - {id: a}\n",
            "estate.yaml:3:10: the service id 'a' is used 2 times (rename one of them, or delete "
            "the copy); also at estate.yaml:2:10",
            id="duplicate id, both places",
        ),
        pytest.param(
            "services:\n  - {id: a, availabilty: 0.9}\n",
            "estate.yaml:2:13: unknown key 'availabilty' (did you mean 'availability'?)",
            id="unknown key",
        ),
        pytest.param(
            "services:\n  - {id: a, criticality: critcal}\n",
            "estate.yaml:2:26: criticality cannot be 'critcal' (did you mean 'critical'?)",
            id="unknown value",
        ),
        pytest.param(
            "services:\n  - {id: a, depends_on: [{at_least: 3, of: [a, b]}]}\n  - {id: b}\n",
            "estate.yaml:2:26: at least 3 of 2 members can never be met "
            "(lower at_least to 2 or add members)",
            id="a group that can never be met",
        ),
        pytest.param(
            "services: [{id: a}]\nincidents:\n  - {id: i, affects: a, start: 2026-04-10T10:00:00}\n",
            "estate.yaml:3:32: 2026-04-10T10:00:00 has no time zone "
            "(write 2026-04-10T10:00:00Z for UTC, or an offset such as +01:00)",
            id="time without a zone",
        ),
        pytest.param(
            "services: [{id: a}]\nincidents:\n  - {id: i, affects: a, start: 2026-04-10T10:00:00Z,"
            " end: 2026-04-10T09:00:00Z}\n",
            "estate.yaml:3:5: the incident ends 2026-04-10T09:00:00+00:00, not after its start "
            "2026-04-10T10:00:00+00:00 (swap start and end, or leave end out while it lasts)",
            id="ends before it starts",
        ),
        pytest.param(
            "organizations:\n  - {id: a, parent: b}\n  - {id: b, parent: a}\n",
            "estate.yaml:2:21: 'a' owns itself: a → b → a (remove parent from one of them)",
            id="owner of itself",
        ),
        pytest.param(
            "organizations: [{id: a}, {id: b}]\ncontracts:\n"
            "  - {id: k, supplier: a, customer: b, annual_value: 100}\n",
            'estate.yaml:3:53: 100 has no currency (write "100 EUR" with its ISO 4217 code)',
            id="money without a currency",
        ),
        pytest.param(
            "organizations: [{id: a}, {id: b}]\ncontracts:\n"
            '  - {id: k, supplier: a, customer: b, annual_value: "-5 EUR"}\n',
            "estate.yaml:3:53: -5 EUR is negative (write an amount of 0 or more)",
            id="negative money",
        ),
        pytest.param(
            "organizations: [{id: a}, {id: b}]\ncontracts:\n"
            "  - {id: k, supplier: a, customer: b, timezone: Europe/Dubln}\n",
            "estate.yaml:3:49: 'Europe/Dubln' is not a time zone "
            "(use an IANA name such as Europe/Dublin or UTC)",
            id="zone that does not exist",
        ),
        *(
            pytest.param(
                "organizations: [{id: a}, {id: b}]\ncontracts:\n"
                f"  - {{id: k, supplier: a, customer: b, start: {day}}}\n",
                f"estate.yaml:3:46: start: {day!r} {said} (write it as 2026-04-10)",
                id=f"day {day}",
            )
            for day, said in (
                ("01/02/2025", "is not a day of the calendar, year first"),
                ("1.2.2025", "is not a day of the calendar, year first"),
                ("2025-02-30", "is not a day of the calendar, year first"),
                ("2025-01-01T10:00:00Z", "is a time, and a day is meant"),
            )
        ),
        pytest.param(
            "services: [{id: a}]\nincidents:\n  - {id: i, affects: a, start: tomorrow}\n",
            "estate.yaml:3:32: start: 'tomorrow' is not a time (write it as 2026-04-10T10:00:00Z)",
            id="no time",
        ),
        pytest.param(
            "organizations:\n  - {id: a, lei: 5493001KJTIIGC8Y1R13}\n",
            "estate.yaml:2:18: '5493001KJTIIGC8Y1R13' is not a legal entity identifier: "
            "The number's checksum or check digit is invalid. (copy the 20 characters from the "
            "GLEIF register, or leave the field out)",
            id="check digits",
        ),
        pytest.param(
            "services:\n  - {id: 2024}\n",
            "estate.yaml:2:10: 2024 is not a text (write the id in quotes)",
            id="id that is a number",
        ),
        pytest.param("a: &a [*a]\n", "estate.yaml:1:8: the anchor 'a' contains itself (remove the alias)", id="anchor cycle"),
        pytest.param("x: !!python/object:os.system {}\n", "estate.yaml:1:4: the tag tag:yaml.org,2002:python/object:os.system is not allowed (remove it: plain values only)", id="tag"),
        pytest.param("", "estate.yaml: the file is empty (write organizations, services, contracts … into it)", id="empty"),
        pytest.param("hello\n", "estate.yaml:1:1: the file does not hold a mapping (start with organizations:, services:, contracts: …)", id="no mapping"),
        pytest.param(b"services: [{id: 'caf\xe9'}]\n", "estate.yaml:1:21: byte 20 (0xe9) is not utf-8 (save the file as UTF-8)", id="Latin-1"),
        pytest.param(b"a\0b", "estate.yaml:1:2: the file holds NUL bytes; it is not text (give a text file)", id="binary"),
        pytest.param("[" * 100_000, "estate.yaml:1:51: values are nested more than 50 deep (flatten the file)", id="deep"),
    ],
)  # fmt: skip
def test_a_fault_gets_its_place_and_its_fix(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    assert _problems(tmp_path, text) == [expected]


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    found = _problems(
        tmp_path,
        "organizations:\n  - {id: acme, countri: IE}\nservices:\n"
        "  - {id: a, provider: acm, availability: 99.9}\n  - {id: b, mtbf_hours: 5}\nservces: []\n",
    )

    assert [text.split(": ")[1].split(" (")[0] for text in found] == [
        "unknown key 'countri'",
        "99.9 is outside [0, 1]",
        "mtbf_hours is given without mttr_hours",
        "unknown key 'servces'",
        "no organization has the id 'acm'",
    ]


def test_a_record_with_a_fault_still_lends_its_id(tmp_path: Path) -> None:
    found = _problems(
        tmp_path, "services:\n  - {id: a, depends_on: [b]}\n  - {id: b, mtbf_hours: 5}\n"
    )

    assert len(found) == 1
    assert "without mttr_hours" in found[0]


PARTIES = "organizations: [{id: o}, {id: p}]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "services: [{id: a, mtbf_hours: 5, depends_on: [gone]}]",
            ["mtbf_hours is given without mttr_hours", "no service has the id 'gone'"],
            id="a fault of the record as a whole",
        ),
        pytest.param(
            "services: [{id: a, depends_on: [b, {service: c, soft: 3}, {at_least: 5, of: [d, e]}]}]",
            ["3 is outside [0, 1]", "at least 5 of 2 members can never be met",
             *(f"no service has the id {name!r}" for name in "bcde")],
            id="faults beside and within dependencies",
        ),
        pytest.param(
            "services: [{id: a, availability: 99.9, mtbf_hours: 5, depends_on: [gone]}]",
            ["99.9 is outside [0, 1]", "no service has the id 'gone'"],
            id="without the faulty field the rest is faulty too",
        ),
        pytest.param(
            PARTIES + "contracts: [{id: k, supplier: o, customer: o, slas: "
            "[{id: s, service: gone, regions: [eu], objectives: 5}]}]\n",
            ["objectives: should be a list, found 5", "no service has the id 'gone'",
             "no location has the id 'eu'"],
            id="within a contract",
        ),
        pytest.param(
            PARTIES + "contracts: [{id: k, supplier: o, customer: o, slas: [{id: s, service: gone}]}]\n",
            ["o is both supplier and customer", "no service has the id 'gone'"],
            id="a contract with oneself",
        ),
        pytest.param(
            "services: [{id: [], depends_on: [gone]}, {id: [], provider: nobody}, 5, {depends_on: [b]},"
            " {id: b}]",
            ["1:13: [] is not a text", "1:43: [] is not a text", "should be a mapping",
             "id is missing", "no organization has the id 'nobody'", "no service has the id 'gone'"],
            id="records without ids",
        ),
        pytest.param(
            "services: [{id: a, rto_hours: -1}, {id: a}]",
            ["-1 is negative", "the service id 'a' is used 2 times"],
            id="a faulty record's id is used twice",
        ),
    ],
)  # fmt: skip
def test_a_fault_hides_no_other(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = _problems(tmp_path, text)

    assert len(found) == len(expected), found
    for what in expected:
        assert any(what in problem for problem in found), (what, found)


def test_nothing_follows_from_a_fault(tmp_path: Path) -> None:
    """What faulty records define counts; what they do not say is not compared."""
    found = _problems(
        tmp_path,
        """
organizations: [{id: o, lei: x}, {id: "", name: q}, {id: p, parent: o}]
services: [{id: a, depends_on: ["b c", d]}, {id: "b c", rto_hours: x}, {id: d, provider: o, availability: 7}]
contracts:
  - id: k
    supplier: o
    customer: p
    slas:
      - {id: s1, service: a, valid_to: no day, objectives: [{metric: availability, target: 0.9}]}
      - {id: s2, service: d, supersedes: s1, valid_from: 2026-01-01, objectives: [{metric: availability, target: 0.9}]}
incidents: [{id: j, affects: d, start: x}]
""",
    )

    assert [text for text in found if "no " in text and "has the id" in text] == []
    assert [text for text in found if "same time" in text] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"services": [{"id": "a", "id": "b"}]}', "estate.json:1:27: the key 'id' stands twice in one record, first in line 1 (remove one of them)"),
        ('{"services": [{"id": "a"},]}', "estate.json:1:27: this is not JSON: found ] where value should be"),
        ('{"services": [{"id": "a"}', "estate.json:1:26: this is not JSON: found the end where , or end should be"),
        ("[" * 200, "estate.json:1:101: values are nested more than 100 deep (flatten the file)"),
    ],
)  # fmt: skip
def test_json_faults_have_places_too(tmp_path: Path, text: str, expected: str) -> None:
    assert _problems(tmp_path, text, "estate.json") == [expected]


def test_a_bomb_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]"
        for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    ]
    [found] = _problems(tmp_path, "\n".join(lines))

    assert "more than 4000000 keys and values" in found


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_more_values_than_fit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("ingest.document.MAX_VALUES", 100)
    fits = _problems(tmp_path, '{"x": [' + "0, " * 90 + "0]}", name)
    [found] = _problems(tmp_path, '{"x": [' + "0, " * 100 + "0]}", name)
    monkeypatch.setenv("DEPGRAPH_MAX_FILE_MB", "100")
    more = _problems(tmp_path, '{"x": [' + "0, " * 100 + "0]}", name)

    assert "unknown key 'x'" in fits[0]
    assert "unknown key 'x'" in more[0]
    assert "more than 100 keys and values (split it, or set DEPGRAPH_MAX_FILE_MB)" in found


def test_too_many_aliases_are_refused(tmp_path: Path) -> None:
    [found] = _problems(tmp_path, "a: &a x\nb: [" + ", ".join(["*a"] * 1_001) + "]")

    assert "more than 1000 aliases" in found


def test_a_large_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPGRAPH_MAX_FILE_MB", "1")
    [found] = _problems(tmp_path, b"#" * 1_100_000)

    assert "larger than 1 MB" in found


def test_norway_is_a_country_and_codes_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_text(
        "organizations: [{id: a, country: NO, name: 012}]\nservices: [{id: s, unavailability: 1e-15}]"
    )
    estate = require_estate(file)

    assert estate.organizations[0].country == "NO"
    assert estate.organizations[0].name == "012"
    assert str(estate.services[0].unavailability) == "1E-15"


def test_a_folder_is_merged_and_names_each_file(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("services: [{id: a, depends_on: [b]}]\n")
    (tmp_path / "two.json").write_text('{"services": [{"id": "b"}, {"id": "a"}]}')
    (tmp_path / ".hidden.yaml").write_text("nonsense")
    [problem] = read_estate(tmp_path).problems

    assert problem.file.endswith("two.json")
    assert problem.also == (f"{tmp_path / 'one.yaml'}:1:17",)


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_nothing_to_read_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    [problem] = read_estate(tmp_path / name).problems

    assert problem.code in {"no-such-file", "empty-folder"}


def test_merge_keys_are_taken_and_own_keys_win(tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_text(
        "services:\n  - &base {id: a, criticality: critical, availability: 0.9}\n"
        "  - {<<: *base, id: b, availability: 0.99}\n"
    )
    estate = require_estate(file)

    assert str(estate.service["b"].availability) == "0.99"
    assert estate.service["b"].criticality == "critical"


@settings(max_examples=150, deadline=None)
@given(estate=estates())
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, estate: Estate
) -> None:
    folder = tmp_path_factory.mktemp("written")
    for kind in ("yaml", "json"):
        file = folder / f"estate.{kind}"
        file.write_text(estate_text(estate, kind), encoding="utf-8")
        assert require_estate(file) == estate


def test_a_record_begins_with_its_id() -> None:
    estate = Estate.model_validate({"services": [{"id": "a", "availability": "0.999"}]})

    assert estate_text(estate) == "services:\n- {id: a, availability: 0.999}\n"


def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.write._PIECE", 2)
    estate = require_estate(sample_path("retailer"))

    assert "".join(yaml_pieces(estate_data(estate))) == record_yaml(estate_data(estate))
    assert "".join(yaml_pieces({})) == record_yaml({})


def test_programs_get_an_exception_with_every_problem(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, depends_on: [x, y]}]")
    with pytest.raises(RegisterError) as caught:
        require_estate(tmp_path)

    assert len(caught.value.problems) == 2


SEED_TEXT = """
organizations: [{id: a, own: true}, {id: b, parent: a, country: IE}]
services:
  - {id: s, provider: a, availability: 0.99, depends_on: [{at_least: 1, of: [t, u]}, {service: t, soft: 0.1}]}
  - {id: t, unavailability: 1e-9}
  - {id: u, mtbf_hours: 100, mttr_hours: 1}
contracts:
  - id: k
    supplier: b
    customer: a
    annual_value: "12 EUR"
    slas: [{id: k1, service: t, objectives: [{metric: availability, target: 0.9}], credits: {tiers: [{below: 0.9, credit: 0.1}]}}]
incidents: [{id: i, affects: t, start: 2026-01-01T00:00:00Z}]
"""


def _mutated(chance: random.Random) -> bytes:
    raw = bytearray(SEED_TEXT.encode())
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(raw))
        action = chance.randrange(4)
        if action == 0:
            raw[place] = chance.randrange(256)
        elif action == 1:
            del raw[place : place + chance.randint(1, 12)]
        elif action == 2:
            raw[place:place] = chance.choice(
                [b"[", b"{", b"- ", b": ", b"*a", b"&a ", b"\t", b"'", b"99", b"~", b"!!x "]
            )
        else:
            raw[place:place] = raw[: chance.randint(1, 40)]
    return bytes(raw)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_never_raise(tmp_path: Path, seed: int) -> None:
    """A short form of the fuzz test; `-m long` runs the long one."""
    chance = random.Random(seed)
    for number in range(400):
        for suffix in (".yaml", ".json"):
            file = tmp_path / f"{number}{suffix}"
            file.write_bytes(_mutated(chance))
            result = read_estate(file)
            assert (result.estate is None) == bool(result.problems)


_WRONG: tuple[Any, ...] = (
    "", None, [], {}, 0, -1, 1.5, True, "x", "2025-13-01", ["a"], [{}], [None], {"a": 1}, "1 EUR", "9" * 400
)  # fmt: skip


def _with_wrong_values(data: Any, chance: random.Random) -> Any:
    """Now and then another kind of value, or none, at any depth."""
    if chance.random() < 0.01:
        return chance.choice(_WRONG)
    if isinstance(data, dict):
        kept = {k: v for k, v in data.items() if chance.random() > 0.01}
        return {k: _with_wrong_values(v, chance) for k, v in kept.items()}
    if isinstance(data, list):
        return [_with_wrong_values(v, chance) for v in data]
    return data


@pytest.mark.parametrize("sample", ["by_hand", "gaps", "register", "retailer"])
def test_wrong_kinds_of_values_give_problems(tmp_path: Path, sample: str) -> None:
    whole = json.loads(require_estate(SAMPLES / sample).model_dump_json(exclude_defaults=True))
    chance = random.Random(sample)
    file = tmp_path / "estate.json"
    for _ in range(40):
        file.write_text(json.dumps(_with_wrong_values(whole, chance)))
        result = read_estate(file)
        assert (result.estate is None) == bool(result.problems)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_million_mutated_files_never_raise(tmp_path: Path) -> None:
    chance = random.Random(0)
    file = tmp_path / "fuzz.yaml"
    for _ in range(1_000_000):
        file.write_bytes(_mutated(chance))
        read_estate(file)
