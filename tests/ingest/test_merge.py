"""Merging: twice is once, nothing is deleted or overwritten unsaid, likeness is for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from depgraph.errors import RegisterError
from depgraph.units import Money
from ingest.folder import opened_folder, write_folder
from ingest.formats.registry import importer
from ingest.joining import join_twins
from ingest.matching import Pair, candidate_pairs
from ingest.merge import draft_for, merged
from ingest.provenance import LISTS, Draft, ImportReport
from ingest.read import require_estate
from tests.ingest.formats.bench import whats


def _import(
    out: Path, source: str, *records: tuple[str, str, Mapping[str, object]]
) -> ImportReport:
    draft = Draft(source)
    for kind, identifier, fields in records:
        # The keyword `how` is never among the fields.
        draft.put(kind, identifier, f"{source}:1", **fields)  # type: ignore[arg-type]
    folder = opened_folder(out)
    _, report = merged(folder, draft)
    write_folder(folder)
    return report


def _read(name: str, file: Path, out: Path) -> tuple[Path, ...]:
    """Import one file, as the command does; the files that were written."""
    folder = opened_folder(out)
    draft = draft_for(folder, f"{name}:{file.name}")
    importer(name)(file, draft)
    merged(folder, draft)
    return write_folder(folder).files


def _content(out: Path) -> dict[str, str]:
    return {
        file.name: file.read_text(encoding="utf-8") for file in out.rglob("*.*") if file.is_file()
    }


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    records = ("services", "shop", {"name": "Shop", "provider": "acme", "depends_on": ["mail"]})
    first = _import(tmp_path, "a", records)
    before = _content(tmp_path)
    _import(tmp_path, "a", records)

    assert _content(tmp_path) == before
    assert "services 'mail' is referred to" in whats(first, "missing")


def test_what_vanished_is_marked_and_kept_until_it_returns(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("services", "shop", {}), ("services", "mail", {}))
    report = _import(tmp_path, "a", ("services", "shop", {}))
    marked = opened_folder(tmp_path)
    _import(tmp_path, "a", ("services", "shop", {}), ("services", "mail", {}))

    assert "services/mail is no longer in the source; kept" in whats(report, "stale")
    assert marked.stale == {"services/mail": ["a"]}
    assert {service["id"] for service in marked.data["services"]} == {"shop", "mail"}
    assert opened_folder(tmp_path).stale == {}


def test_a_second_source_does_not_overwrite(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("services", "shop", {"name": "Shop"}))
    report = _import(tmp_path, "b", ("services", "shop", {"name": "The shop"}))

    assert opened_folder(tmp_path).data["services"][0]["name"] == "Shop"
    assert "'The shop' is given, 'Shop' is kept" in whats(report, "conflict")


@pytest.mark.parametrize(
    ("held", "given", "told"),
    [
        ({"availability": 0.9995}, {"availability": "99.95 %"}, ""),
        ({"availability": "0.9990"}, {"availability": 0.999}, ""),
        ({"availability": 0.9995}, {"availability": 0.9996}, "0.9996 is given, 0.9995 is kept"),
        ({"availability": 0.9995}, {"unavailability": "5e-4"}, ""),
        ({"mtbf_hours": 1999, "mttr_hours": 1}, {"availability": "99.95%"}, ""),
        ({"availability": 0.9995}, {"mtbf_hours": 1999, "mttr_hours": 1}, ""),
        ({"availability": 0.9995}, {"mtbf_hours": 999, "mttr_hours": 1}, "mtbf_hours 999 is given, availability 0.9995 is kept"),
        ({"mtbf_hours": 1999, "mttr_hours": 1}, {"availability": 0.99}, "availability 0.99 is given, mtbf_hours 1999 is kept"),
    ],
)  # fmt: skip
def test_two_sources_may_state_one_figure_in_two_ways(
    held: dict[str, object], given: dict[str, object], told: str, tmp_path: Path
) -> None:
    """Rule A4: 1,999 h of work to 1 h of repair is 99.95 %; the second source corrects nothing."""
    _import(tmp_path, "a", ("services", "shop", held))
    before = opened_folder(tmp_path).data["services"][0]
    conflicts = whats(_import(tmp_path, "b", ("services", "shop", given)), "conflict")
    assert told in conflicts
    assert bool(told) == bool(conflicts)
    after = opened_folder(tmp_path).data["services"][0]
    assert {**after, **before} == after
    assert set(after) - set(before) <= {"mttr_hours"}


def test_a_source_may_change_the_way_of_its_figure(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("services", "shop", {"mtbf_hours": 1999, "mttr_hours": 1}))
    report = _import(tmp_path, "a", ("services", "shop", {"availability": 0.99}))
    assert whats(report, "conflict") == ""
    [shop] = opened_folder(tmp_path).data["services"]
    assert (shop["availability"], "mtbf_hours" in shop) == (0.99, False)


def test_the_same_source_corrects_itself(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("services", "shop", {"name": "Shop"}))
    _import(tmp_path, "a", ("services", "shop", {"name": "The shop"}))

    assert opened_folder(tmp_path).data["services"][0]["name"] == "The shop"


def _decide(out: Path, decision: str) -> None:
    file = out / ".provenance" / "review.json"
    pairs = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps([{**p, "decision": decision} for p in pairs]), encoding="utf-8")


def test_like_names_wait_for_a_person(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("organizations", "cloudco", {"name": "CloudCo EMEA Ltd"}))
    other = ("organizations", "cc", {"name": "CLOUDCO EMEA GmbH"})
    used = ("services", "s3", {"provider": "cc"})
    report = _import(tmp_path, "b", other, used)
    apart = {record["id"] for record in opened_folder(tmp_path).data["organizations"]}
    _decide(tmp_path, "accept")
    _import(tmp_path, "b", other, used)
    joined = opened_folder(tmp_path).data

    assert "'cc' may be 'cloudco'" in whats(report, "review")
    assert apart == {"cloudco", "cc"}
    assert [record["id"] for record in joined["organizations"]] == ["cloudco"]
    assert joined["organizations"][0]["aliases"] == ["CLOUDCO EMEA GmbH"]
    assert joined["services"][0]["provider"] == "cloudco"
    again = _import(tmp_path, "b", other, used)
    assert whats(again, "stale") == whats(again, "conflict") == ""
    assert not [key for key in opened_folder(tmp_path).origins if "/cc/" in key]


def test_a_rejected_pair_is_not_asked_again(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("organizations", "one", {"domain": "x.example"}))
    other = ("organizations", "two", {"domain": "X.example"})
    first = _import(tmp_path, "b", other)
    _decide(tmp_path, "reject")
    again = _import(tmp_path, "b", other)

    assert "same domain" in whats(first, "review")
    assert whats(again, "review") == ""
    assert len(opened_folder(tmp_path).data["organizations"]) == 2


def test_services_and_contracts_wait_for_a_person_too(tmp_path: Path) -> None:
    _import(
        tmp_path, "a",
        ("organizations", "acme", {"name": "Acme"}), ("organizations", "us", {"name": "Us"}),
        ("services", "mail", {"name": "Mail delivery", "provider": "acme", "depends_on": ["dns"]}),
        ("services", "node-1", {"name": "node 1"}),
        ("contracts", "k", {"name": "Mail contract", "supplier": "acme", "customer": "us",
                            "slas": [{"id": "k-1", "service": "mail"}]}),
    )  # fmt: skip
    other = (
        ("services", "svc-7", {"name": "mail Delivery", "depends_on": ["net"]}),
        ("services", "node-2", {"name": "node 2"}),
        ("services", "shop", {"depends_on": ["svc-7", {"at_least": 1, "of": ["svc-7", "fax"]}]}),
        ("contracts", "c9", {"name": "Contract, mail", "supplier": "acme", "customer": "us",
                             "slas": [{"id": "c9-1", "service": "svc-7"}]}),
        ("incidents", "i", {"affects": "service:svc-7", "start": "2026-01-01T00:00Z"}),
        ("measurements", "m", {"service": "svc-7", "start": "2026-01-01T00:00Z",
                               "end": "2026-01-02T00:00Z", "source": "probe", "availability": "1"}),
    )  # fmt: skip
    first = _import(tmp_path, "b", *other)
    apart = set(opened_folder(tmp_path).data["services"][0]), len(opened_folder(tmp_path).pairs)
    _decide(tmp_path, "accept")
    _import(tmp_path, "b", *other)
    joined = opened_folder(tmp_path).data
    before = _content(tmp_path)
    _import(tmp_path, "b", *other)

    assert "'svc-7' may be 'mail'" in whats(first, "review")
    assert "'c9' may be 'k'" in whats(first, "review")
    assert "node-2" not in whats(first, "review")
    assert apart[1] == 2
    services = {record["id"]: record for record in joined["services"]}
    assert "svc-7" not in services
    assert services["mail"]["depends_on"] == ["dns", "net"]
    assert services["shop"]["depends_on"] == ["mail", {"of": ["mail", "fax"]}]
    [contract] = joined["contracts"]
    assert [(sla["id"], sla["service"]) for sla in contract["slas"]] == [
        ("k-1", "mail"), ("c9-1", "mail"),
    ]  # fmt: skip
    assert joined["incidents"][0]["affects"] == "service:mail"
    assert [row["service"] for row in joined["measurements"]] == ["mail"]
    assert _content(tmp_path) == before


def test_numbers_of_registers_are_compared_without_their_signs() -> None:
    held = {"a": {"identifiers": [{"kind": "VAT", "value": "DE 123.456.789"}]}}
    fresh: dict[str, dict[str, object]] = {
        "b": {"identifiers": [{"kind": "vat", "value": "DE123456789"}]},
        "c": {"domain": "x"},
    }

    [pair] = candidate_pairs(held, fresh)
    assert (pair.keep, pair.other, pair.why) == ("a", "b", "same vat DE123456789")


def test_many_records_of_common_words_are_told_apart() -> None:
    held = {f"h{n}": {"name": f"server host {n}"} for n in range(20_000)}
    fresh = {f"f{n}": {"name": f"server host {n}"} for n in range(20_000, 40_000)}
    assert candidate_pairs(held, fresh, "services") == []


def test_joining_an_owner_with_what_it_owns_leaves_no_ring() -> None:
    pool: dict[str, dict[str, dict[str, object]]] = {name: {} for name in LISTS}
    pool["organizations"] = {"a": {"id": "a", "parent": "b"}, "b": {"id": "b", "name": "B"}}
    join_twins(pool, Pair("organizations", "a", "b", 100.0, "test", "accept"))

    assert pool["organizations"] == {"a": {"id": "a", "name": "B"}}


def test_more_records_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.provenance.MAX_RECORDS", 2)
    draft = Draft("a")
    for name in ("x", "y", "x"):
        draft.put("services", name, "a:1")
    with pytest.raises(RegisterError, match="a:3: more than 2 records"):
        draft.put("services", "z", "a:3")


def test_what_stands_in_files_made_by_hand_is_known_and_stays_there(tmp_path: Path) -> None:
    out = tmp_path / "estate"
    out.mkdir()
    (out / "services.yaml").write_text("# ours\nservices: [{id: shop}]\n", "utf-8")
    (out / "parties.yaml").write_text("organizations: [{id: us, own: true}]\n", "utf-8")
    table = tmp_path / "incidents.csv"
    table.write_text("id,affects,start\ni,shop,2026-04-10T10:00:00Z\n", "utf-8")
    written = _read("csv", table, out)
    estate = require_estate(out)
    assert [incident.affects for incident in estate.incidents] == ["shop"]
    assert estate.organization["us"].own
    assert (out / "services.yaml").read_text("utf-8").startswith("# ours\n")
    assert not (out / "estate.yaml").exists()
    assert written == (out / "incidents.yaml",)
    assert _read("csv", table, out) == ()


def test_bare_amounts_are_in_the_currency_of_their_contract(tmp_path: Path) -> None:
    table = tmp_path / "deals.csv"
    table.write_text(
        "record,id,contract,supplier,customer,currency,annual_value,service,monthly_fee,start\n"
        "contracts,k,,v,us,EUR,12000,,,2025-01-01\n"
        "slas,k1,k,,,,,shop,1000.5,\n",
        "utf-8",
    )
    _read("csv", table, tmp_path / "estate")
    [contract] = require_estate(tmp_path / "estate").contracts
    assert contract.annual_value == Money.parse("12000 EUR")
    assert contract.slas[0].monthly_fee == Money.parse("1000.5 EUR")
    # Written as a day, and nothing had to be guessed about its zone.
    assert contract.start == date(2025, 1, 1)


def test_a_faulty_cell_of_a_service_level_is_told_with_its_own_row_and_field(
    tmp_path: Path,
) -> None:
    table = tmp_path / "deals.csv"
    table.write_text(
        "record,id,contract,supplier,customer,service,monthly_fee\n"
        "contracts,k,,v,us,,\n"
        "slas,k1,k,,,shop,1000.5\n",
        "utf-8",
    )
    with pytest.raises(RegisterError) as caught:
        _read("csv", table, tmp_path / "estate")
    [problem] = caught.value.problems
    assert problem.file.endswith("deals.csv:3")
    assert problem.what == "monthly_fee of k1: '1000.5' is not money"


_BY_HAND = """\
# our estate, kept by hand
services:            # what we run
  # the shop comes first
  - {id: shop, provider: acme}   # sold to everybody
  - id: mail                     # to be replaced
    availability: 0.999
organizations:
  - {id: acme, name: Acme, own: true}
"""


def test_what_a_person_wrote_keeps_its_comments_and_order(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yaml"
    estate.write_text(_BY_HAND, encoding="utf-8")
    _import(tmp_path, "a", ("services", "ledger", {}), ("locations", "hall", {"country": "IE"}))

    text = estate.read_text("utf-8")
    before, after = text.split("organizations:")
    assert before == _BY_HAND.partition("organizations:")[0] + "  - {id: ledger}\n"
    assert after.startswith("\n  - {id: acme, name: Acme, own: true}\n")
    assert [f.name for f in tmp_path.glob("*.yaml")] == ["estate.yaml"]
    assert require_estate(tmp_path).location["hall"].country == "IE"


def test_an_import_into_what_the_last_one_left_writes_it_anew(tmp_path: Path) -> None:
    _import(tmp_path, "a", ("services", "shop", {}))
    assert opened_folder(tmp_path).held is None

    with (tmp_path / "estate.yaml").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    _import(tmp_path, "b", ("services", "mail", {}))
    assert "# mine\n" in (tmp_path / "estate.yaml").read_text("utf-8")


def test_a_text_whose_comments_cannot_be_kept_is_kept_beside_it(tmp_path: Path) -> None:
    former = "# mine\nservices: [{id: shop}, {id: mail}]\n"
    (tmp_path / "estate.yaml").write_text(former, encoding="utf-8")
    folder = opened_folder(tmp_path)
    draft = Draft("a")
    draft.put("services", "ledger", "a:1")
    merged(folder, draft)
    written = write_folder(folder)

    assert written.kept[tmp_path / "estate.yaml"].read_text("utf-8") == former
    assert set(require_estate(tmp_path).service) == {"shop", "mail", "ledger"}
