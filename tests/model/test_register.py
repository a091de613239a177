"""Fields of the estate for the register of information: references, and what contradicts itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.service import Function
from tests.estates import HOSTILE_IDS

PARTIES = [{"id": "a", "own": True}, {"id": "b"}]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"other_suppliers": ["x"]}, ("other_suppliers", 0)),
        ({"other_customers": ["x"]}, ("other_customers", 0)),
        ({"linked_contracts": ["x"]}, ("linked_contracts", 0)),
        ({"used_by": [{"entity": "x"}]}, ("used_by", 0, "entity")),
        ({"ict_uses": [{"entity": "a"}, {"function": "x"}]}, ("ict_uses", 1, "function")),
        ({"ict_uses": [{"provider": "x"}]}, ("ict_uses", 0, "provider")),
        ({"assessments": [{"provider": "x"}]}, ("assessments", 0, "provider")),
    ],
)
def test_contracts_refer_to_what_there_is(
    fields: dict[str, object], path: tuple[str | int, ...]
) -> None:
    contract = {"id": "k", "supplier": "b", "customer": "a", **fields}
    with pytest.raises(RegisterError) as caught:
        Estate.model_validate({"organizations": PARTIES, "contracts": [contract]})

    assert [problem.path for problem in caught.value.problems] == [("contracts", 0, *path)]


@pytest.mark.parametrize("fields", [{"ultimate_parent": "x"}, {"entity": {"direct_parent": "x"}}])
def test_parents_are_organizations(fields: dict[str, object]) -> None:
    with pytest.raises(RegisterError, match="no organization has the id 'x'"):
        Estate.model_validate({"organizations": [{"id": "a", **fields}]})
    own = {"ultimate_parent": "a", "entity": {"direct_parent": "a"}}
    assert Estate.model_validate({"organizations": [{"id": "a", **own}]}).organization["a"]


def test_a_function_is_of_an_entity_and_critical_or_not() -> None:
    with pytest.raises(RegisterError, match="no organization has the id 'x'"):
        Estate.model_validate({"functions": [{"id": "f", "entity": "x"}]})
    with pytest.raises(ValidationError, match="criticality is no and critical is true"):
        Function(id="f", critical=True, criticality="no")
    assert Function(id="f", criticality="not_assessed").critical is False


@pytest.mark.parametrize("text", HOSTILE_IDS[:20])
def test_codes_of_long_lists_are_codes(text: str) -> None:
    with pytest.raises(ValidationError):
        Function(id="f", licensed_activity=text)
