"""Real outages aimed at estates: who is recognised, what is struck, and what is refused (W1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from depgraph.engine.outage import OutageExplorer
from depgraph.engine.presets import aimed, candidates
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError, RegisterError
from depgraph.model.estate import Estate
from ingest.presets import outage_presets

DYNAMODB = outage_presets()["aws-ddb-2025-10-20"]


def _estate(*services: dict[str, Any], **more: Any) -> Estate:
    base: dict[str, Any] = {
        "organizations": [{"id": "cloud", "name": "Amazon Web Services EMEA SARL"}, {"id": "edge", "name": "Cloudflare, Inc."}],
        "locations": [
            {"id": "aws-us-east-1", "operator": "cloud"},
            {"id": "aws-us-east-1a", "kind": "zone", "within": "aws-us-east-1", "operator": "cloud"},
            {"id": "aws-us-east-10", "operator": "cloud"},
            {"id": "other-us-east-1", "operator": "edge"},
        ],
        "services": list(services),
    }  # fmt: skip
    return Estate.model_validate({**base, **more})


TABLE = {"id": "orders-dynamodb", "provider": "cloud", "located_in": ["aws-us-east-1a"]}
FAR_TABLE = {"id": "dynamodb-ten", "provider": "cloud", "located_in": ["aws-us-east-10"]}
CDN = {"id": "cdn", "provider": "edge"}


def test_named_services_of_the_region_come_first_with_their_own_window() -> None:
    [incident] = aimed(DYNAMODB, _estate(TABLE, FAR_TABLE, CDN))

    assert incident.affects == "orders-dynamodb"
    assert (incident.end or incident.start) - incident.start == timedelta(minutes=172)
    assert "As DynamoDB of AWS on record" in incident.note
    assert "aws.amazon.com/message/101925" in incident.source


BOTH = ["aws-us-east-1a", "aws-us-east-10"]


@pytest.mark.parametrize(
    ("places", "struck"),
    [
        (BOTH, True),
        ([{"at_least": 2, "of": BOTH}], True),
        ([{"at_least": 1, "of": BOTH}], False),
        ([{"at_least": 1, "of": ["aws-us-east-1a", "aws-us-east-1"]}, "aws-us-east-10"], True),
        ([], False),
    ],
)
def test_a_named_service_is_struck_where_it_cannot_do_without_the_region(
    places: list[Any], struck: bool
) -> None:
    """Rules A1, A2: it needs each of its places, and enough of each group of them."""
    table = {**TABLE, "located_in": places}
    found = {c.id: c.chosen for c in candidates(DYNAMODB, _estate(table))}

    assert found["orders-dynamodb"] is struck


def test_without_a_named_service_the_region_falls_as_a_whole_and_says_so() -> None:
    [incident] = aimed(DYNAMODB, _estate(CDN))

    assert incident.affects == "aws-us-east-1"
    assert incident.note.startswith("Taken as struck as a whole: us-east-1.")
    assert (incident.start, incident.end) == (DYNAMODB.start, DYNAMODB.end)


@pytest.mark.parametrize(
    ("organization", "known"),
    [
        ({"id": "aws"}, True),
        ({"id": "x", "name": "AWS"}, True),
        ({"id": "x", "name": "Amazon Web Services, Inc."}, True),
        ({"id": "x", "aliases": ["amazon-web-services"]}, True),
        ({"id": "x", "domain": "emea.aws.amazon.com"}, True),
        ({"id": "x", "name": "Awsome Lawsuits"}, False),
        ({"id": "x", "domain": "notaws.amazon.com.example"}, False),
        ({"id": "x", "name": "Amazonas Logistics"}, False),
    ],
)
def test_providers_are_known_by_id_name_alias_and_domain(
    organization: dict[str, Any], known: bool
) -> None:
    estate = Estate.model_validate({"organizations": [organization]})
    found = [c.id for c in candidates(DYNAMODB, estate) if c.kind == "organization"]

    assert found == ([organization["id"]] if known else [])


@pytest.mark.parametrize(
    ("place", "known"),
    [
        ({"id": "us-east-1"}, True),
        ({"id": "p", "name": "AWS us_east_1"}, True),
        ({"id": "p", "name": "Northern Virginia"}, True),
        ({"id": "us-east-1b", "kind": "zone"}, True),
        ({"id": "us-east-12"}, False),
        ({"id": "us-east"}, False),
    ],
)
def test_regions_are_known_by_id_and_name(place: dict[str, Any], known: bool) -> None:
    estate = Estate.model_validate({"locations": [place]})

    assert bool(candidates(DYNAMODB, estate)) is known


def test_zones_are_not_struck_beside_their_region() -> None:
    found = {c.id: c for c in candidates(DYNAMODB, _estate())}

    assert (found["aws-us-east-1"].chosen, found["aws-us-east-1a"].chosen) == (True, False)
    assert found["aws-us-east-1a"].reason == "zone of the region"
    assert "other-us-east-1" not in found
    assert (found["aws-us-east-10"].reason, found["aws-us-east-10"].chosen) == (
        "other region",
        False,
    )


def test_a_provider_falls_as_a_whole_only_where_the_record_says_so() -> None:
    estate = _estate({"id": "shield", "provider": "edge"})
    [incident] = aimed(outage_presets()["cloudflare-2025-11-18"], estate)

    assert incident.affects == "edge"
    with pytest.raises(RegisterError, match=r"aim at one of organization:edge"):
        aimed(outage_presets()["cloudflare-2023-11-02"], estate)


def test_a_service_elsewhere_is_a_candidate_only() -> None:
    estate = _estate(FAR_TABLE, locations=[{"id": "aws-us-east-10", "operator": "cloud"}])

    assert [(c.id, c.chosen) for c in candidates(DYNAMODB, estate)] == [
        ("dynamodb-ten", False), ("aws-us-east-10", False), ("cloud", False),
    ]  # fmt: skip
    with pytest.raises(RegisterError) as caught:
        aimed(DYNAMODB, estate)
    assert "service:dynamodb-ten" in str(caught.value)
    assert "us-east-1" in str(caught.value)


def test_a_service_placed_redundantly_is_not_struck_by_one_region() -> None:
    both = {**TABLE, "located_in": [{"at_least": 1, "of": ["aws-us-east-1", "aws-us-east-10"]}]}

    assert [i.affects for i in aimed(DYNAMODB, _estate(both))] == ["aws-us-east-1"]


def test_an_explicit_aim_overrides() -> None:
    found = aimed(DYNAMODB, _estate(TABLE, CDN), ["location:aws-us-east-10", "cdn"])

    assert [i.affects for i in found] == ["aws-us-east-10", "cdn"]
    assert all(i.note.startswith("Aimed by hand") for i in found)


def test_all_wrong_aims_come_at_once() -> None:
    estate = _estate(CDN, locations=[{"id": "cdn"}])
    with pytest.raises(RegisterError) as caught:
        aimed(DYNAMODB, estate, ["cdn", "clod", "location:cdn"])

    assert [p.code for p in caught.value.problems] == ["ambiguous-reference", "unknown-reference"]
    assert "did you mean 'cloud'?" in caught.value.problems[1].hint


def test_a_moved_outage_keeps_its_lengths_and_order() -> None:
    estate = _estate(TABLE, {"id": "nlb", "provider": "cloud", "located_in": ["aws-us-east-1"]})
    kept = aimed(DYNAMODB, estate)
    moved = aimed(DYNAMODB, estate, start=datetime(2026, 5, 1, tzinfo=UTC))
    shift = datetime(2026, 5, 1, tzinfo=UTC) - DYNAMODB.start

    assert len(kept) == 2
    for old, new in zip(kept, moved, strict=True):
        assert old.end is not None
        assert (new.start, new.end) == (old.start + shift, old.end + shift)
    with pytest.raises(DomainError, match="no time zone"):
        aimed(DYNAMODB, estate, start=datetime(2026, 5, 1))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(
    ("name", "variant", "minutes", "share"),
    [
        pytest.param("aws-ddb-2025-10-20", "dynamodb", 172, "0.99614695", id="H01"),
        pytest.param("aws-2021-12-07", None, 412, "0.99077061", id="H02"),
        pytest.param("aws-2021-12-07", "eventbridge", 670, "0.98499104", id="H03"),
    ],
)
def test_worked_examples_of_length(
    name: str, variant: str | None, minutes: int, share: str
) -> None:
    estate = _estate(CDN)
    [incident] = aimed(outage_presets()[name], estate, ["aws-us-east-1"], variant=variant)
    assert incident.end is not None
    down = (incident.end - incident.start).total_seconds() / 60

    assert down == minutes
    assert 1 - down / 44_640 == pytest.approx(float(share), abs=5e-9)


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DomainError, match="choose from dynamodb"):
        aimed(DYNAMODB, _estate(TABLE), variant="x")


def test_phases_have_causes_of_their_own() -> None:
    estate = Estate.model_validate({"organizations": [{"id": "launchdarkly"}]})
    first, second = aimed(outage_presets()["launchdarkly-2025-10-20"], estate)

    assert (first.cause, second.cause) == ("third_party", "supplier")
    assert first.end == second.start
    assert first.id != second.id


def test_an_ambiguous_id_is_written_with_its_kind() -> None:
    estate = Estate.model_validate({"organizations": [{"id": "slack"}], "services": [{"id": "slack", "provider": "slack"}]})  # fmt: skip
    [incident] = aimed(outage_presets()["slack-2021-01-04"], estate)

    assert incident.affects == "organization:slack"
    assert estate.replace(incidents=[incident]).incidents == (incident,)


@pytest.mark.parametrize("name", outage_presets(flagged=True))
def test_every_preset_can_be_aimed_and_takes_it_down(name: str) -> None:
    estate = _estate(TABLE, CDN)
    incidents = aimed(outage_presets(flagged=True)[name], estate, ["cloud"])
    played = estate.replace(incidents=incidents)
    explorer = OutageExplorer(structure_of(played))

    assert explorer.services_down([incidents[0].affects]) == ("orders-dynamodb",)
