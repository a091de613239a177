"""The records: what they refuse, what they derive, and that their schema says what they are."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from depgraph.errors import DomainError, RegisterError
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.service import Service
from depgraph.units import Money, require_share


def test_availability_from_mtbf_and_mttr() -> None:
    """Case A14: MTBF 3600 h and MTTR 1 h are 99.9722299361 %."""
    service = Service(id="s", mtbf_hours=Decimal(3600), mttr_hours=Decimal(1))

    assert service.own_unavailability is not None
    assert round(100 * (1 - service.own_unavailability), 10) == Decimal("99.9722299361")


@pytest.mark.parametrize(
    "figures",
    [
        {"availability": 0.9, "unavailability": 0.1},
        {"availability": 0.9, "mtbf_hours": 1, "mttr_hours": 1},
        {"mtbf_hours": 1},
        {"mtbf_hours": 0, "mttr_hours": 1},
        {"availability": -0.1},
        {"availability": True},
        {"availability": "nan"},
        {"availability": "0,9"},
        {"unavailability": "1e-400"},
    ],
)
def test_figures_that_contradict_or_mean_nothing_are_refused(figures: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Service.model_validate({"id": "s", **figures})


@pytest.mark.parametrize("mark", ["\x00", "\n", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"])
def test_an_id_holds_no_control_character(mark: str) -> None:
    with pytest.raises(ValidationError, match="control character|half a character"):
        Service(id=f"a{mark}b")


@pytest.mark.parametrize(
    "name", ["a b", "né", "服务", "\u202egnp", "a\u00a0b", "\U0001f9ed", "a\u200db"]
)
def test_an_id_is_any_other_text(name: str) -> None:
    assert Service(id=name).id == name


def test_records_cannot_be_edited_and_copies_are_checked() -> None:
    service = Service(id="s", availability=Decimal("0.9"))
    with pytest.raises(ValidationError, match="frozen"):
        service.id = "t"  # type: ignore[misc]  # the plugin sees it too
    with pytest.raises(ValidationError, match="outside"):
        service.replace(availability=2)

    assert service.replace(availability="99%").availability == Decimal("0.99")


def test_own_organizations_include_what_they_own() -> None:
    estate = Estate.model_validate(
        {"organizations": [{"id": "c", "parent": "b"}, {"id": "b", "parent": "a"}, {"id": "a", "own": True}, {"id": "x"}]}
    )  # fmt: skip

    assert estate.own_organizations == {"a", "b", "c"}


def test_an_id_of_two_kinds_must_say_which() -> None:
    data = {
        "organizations": [{"id": "x"}],
        "services": [{"id": "x"}],
        "incidents": [{"id": "i", "affects": "x", "start": "2026-01-01T00:00:00Z"}],
    }
    with pytest.raises(
        RegisterError,
        match=r"incidents\[0\].affects: 'x' is the id of several things: service, organization",
    ):
        Estate.model_validate(data)
    data["incidents"][0]["affects"] = "organization:x"

    assert Estate.model_validate(data).node_kinds("organization:x") == (("organization", "x"),)


def test_terms_that_overlap_those_they_replace_are_refused() -> None:
    slas = [
        {"id": "old", "service": "s", "valid_to": "2026-06-30"},
        {"id": "new", "service": "s", "supersedes": "old", "valid_from": "2026-06-15"},
    ]
    data = {
        "organizations": [{"id": "a"}, {"id": "b"}],
        "services": [{"id": "s"}],
        "contracts": [{"id": "k", "supplier": "a", "customer": "b", "slas": slas}],
    }
    with pytest.raises(
        RegisterError, match="'new' and 'old', which it replaces, hold at the same time"
    ):
        Estate.model_validate(data)
    slas[1]["valid_from"] = "2026-07-01"

    Estate.model_validate(data)


def test_money_keeps_its_currency() -> None:
    assert str(Money.parse("1200.50 EUR") * 2) == "2401.00 EUR"
    assert Money.parse("3 EUR") + Money.parse("4 EUR") == Money.parse("7 EUR")
    with pytest.raises(DomainError, match="convert one of them first"):
        Money.parse("1 EUR") - Money.parse("1 USD")
    for text in ("12", "12 Euro", "EUR 12", "x EUR", "nan EUR"):
        with pytest.raises(ValidationError):
            Money.parse(text)


def test_a_share_outside_0_to_1_is_refused_with_the_fix() -> None:
    require_share("availability", Decimal("0.999"))
    with pytest.raises(DomainError, match=r"99\.9, outside \[0, 1\]; for 99\.9 % write 0\.999"):
        require_share("availability", Decimal("99.9"))


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    if model not in seen:
        seen.add(model)
        for field in model.model_fields.values():
            for part in _types(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    _models(part, seen)
    return seen


def _types(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation, *(part for item in inner for part in _types(item))]


def test_every_field_of_every_record_is_described() -> None:
    models = _models(Estate, set())

    assert len(models) >= 20
    for model in models:
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_the_schema_holds_the_descriptions() -> None:
    schema = Estate.model_json_schema()

    assert (
        schema["$defs"]["Service"]["properties"]["rto_hours"]["description"]
        == "Recovery time objective [h]."
    )


def test_a_copy_can_be_made_after_indexes_were_read() -> None:
    estate = Estate.model_validate({"services": [{"id": "a"}]})
    assert estate.service["a"].id == "a"

    assert estate.replace(name="copy").service["a"].id == "a"


def test_families_of_durations_are_written_as_text() -> None:
    data = {"services": [{"id": "a", "availability": 0.9, "time_to_failure": "weibull:1.5"}]}
    estate = Estate.model_validate(data)
    written = estate.model_dump(mode="json", exclude_defaults=True)
    assert written["services"][0]["time_to_failure"] == "weibull:1.5"
    assert Estate.model_validate(written) == estate
    assert Estate.model_validate_json(estate.model_dump_json()) == estate
    for wrong in ("gauss", "weibull", "weibull:0.01", "fixed:2", "lognormal:x"):
        data["services"][0]["time_to_failure"] = wrong
        with pytest.raises(ValidationError, match="is no distribution"):
            Estate.model_validate(data)


def test_an_estate_goes_to_another_process_whatever_was_read_of_it_before() -> None:
    """Its cached properties cannot be pickled; they are worked out again."""
    estate = Estate.model_validate({"services": [{"id": "a", "depends_on": ["b"]}, {"id": "b"}]})
    assert estate.service["a"].requirements
    there = pickle.loads(pickle.dumps(estate))  # noqa: S301 - our own

    assert there == estate
    assert there.service["a"] == estate.service["a"]


@pytest.mark.parametrize("other", ["cafe\u0301", "caf\u00e9\u200b"])
def test_ids_that_look_the_same_are_refused(other: str) -> None:
    services = [{"id": "caf\u00e9", "availability": "0.99"}, {"id": other, "availability": "0.9"}]

    with pytest.raises(RegisterError) as caught:
        Estate.model_validate({"services": services})

    assert [problem.code for problem in caught.value.problems] == ["duplicate-id"]


def test_a_reference_in_other_capitals_is_told_the_right_ones() -> None:
    services = [{"id": "db"}, {"id": "app", "depends_on": ["DB"]}]

    with pytest.raises(RegisterError) as caught:
        Estate.model_validate({"services": services})

    assert caught.value.problems[0].hint == "did you mean 'db'?"


@pytest.mark.parametrize("moment", ["46122.416666", "1775815200", "20260410"])
def test_numbers_as_text_are_no_times(moment: str) -> None:
    """Spreadsheets write days since 1900; they would be read as seconds since 1970."""
    incident = {"id": "i", "affects": "db", "start": moment}
    contract = {"id": "c", "supplier": "a", "customer": "b", "start": moment}

    for record in ({"incidents": [incident]}, {"contracts": [contract]}):
        with pytest.raises(ValidationError, match="is not a"):
            Estate.model_validate({"services": [{"id": "db"}], **record})


@pytest.mark.parametrize("zone", ["localtime", "right/Europe/Dublin", "posix/Europe/Dublin"])
def test_zones_of_one_machine_or_with_leap_seconds_are_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="is not a time zone"):
        Contract.model_validate({"id": "c", "supplier": "a", "customer": "b", "timezone": zone})
