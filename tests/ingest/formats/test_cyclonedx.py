"""CycloneDX services: edges, containment, providers, and what is said about the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depgraph.errors import RegisterError
from tests.ingest.formats.bench import imported, sample, whats, written

BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "services": [
        {
            "bom-ref": "shop",
            "name": "Shop",
            "provider": {"name": "Synthetic Shop Ltd", "url": ["https://www.shop.example/a"]},
            "endpoints": ["https://shop.example/api"],
            "services": [{"bom-ref": "basket", "name": "Basket"}],
        },
        {"bom-ref": "mail", "name": "Mail", "provider": {"name": "Synthetic Mail GmbH"}},
    ],
    "dependencies": [{"ref": "shop", "dependsOn": ["mail", "pkg:pypi/left-pad"]}],
}


def test_edges_come_from_dependencies_and_not_from_nesting(tmp_path: Path) -> None:
    estate, report = imported(
        "cyclonedx", written(tmp_path, "bom.json", json.dumps(BOM)), tmp_path / "out"
    )

    assert estate.service["shop"].depends_on == ("mail",)
    assert estate.service["basket"].depends_on == ()
    assert estate.service["basket"].provider is None
    assert estate.organization["synthetic-shop-ltd"].domain == "shop.example"
    assert "provider of service 'basket'" in whats(report, "missing")
    assert "does not join two services" in whats(report, "left_out")
    assert "services/*/endpoints" in whats(report, "left_out")
    assert "contained, no edge" in whats(report, "inferred")


def test_each_value_keeps_its_place(tmp_path: Path) -> None:
    file = written(tmp_path, "bom.json", json.dumps(BOM, indent=1))
    imported("cyclonedx", file, tmp_path / "out")

    text = (tmp_path / "out" / ".provenance" / "provenance.json").read_text(encoding="utf-8")
    [origin] = json.loads(text)["values"]["services/mail/name"]

    assert origin["place"].endswith("#/services/1")
    assert origin["how"] == "given"


def test_the_published_sample(tmp_path: Path) -> None:
    estate, _ = imported("cyclonedx", sample("cyclonedx_saasbom_1.6.json"), tmp_path / "out")

    assert len(estate.services) == 7
    assert set(estate.service["stock-ticker-service"].depends_on) == {
        "ms-1.example.com", "ms-2.example.com", "ms-3.example.com",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"bomFormat": "SPDX"}', "wrong-format"),
        ('{"bomFormat": ', "not-json"),
        ("", "not-json"),
        ("[" * 5000, "too-deep"),
        ("[1, 2]", "empty-file"),
        ("\0\0", "binary-file"),
    ],
)
def test_a_broken_file_is_a_problem(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(RegisterError) as caught:
        imported("cyclonedx", written(tmp_path, "bom.json", text), tmp_path / "out")

    assert [problem.code for problem in caught.value.problems] == [code]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", [7, "text", None, [], {}, [[1]], {"a": {"b": 1}}, True])
@pytest.mark.parametrize("field", ["services", "dependencies", "metadata"])
def test_wrong_shapes_are_no_traceback(tmp_path: Path, field: str, wrong: object) -> None:
    file = written(tmp_path, "bom.json", json.dumps({**BOM, field: wrong}))

    imported("cyclonedx", file, tmp_path / "out")


def test_needs_through_components_and_our_own_figure(tmp_path: Path) -> None:
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.4",
        "metadata": {"component": {"bom-ref": "app", "name": "App"}},
        "services": [{
            "bom-ref": "mail", "name": "Mail", "data": [{"flow": "inbound", "classification": "PII"}],
            "properties": [{"name": "depgraph:availability", "value": "0.995"}],
        }],
        "dependencies": [{"ref": "app", "dependsOn": ["lib", "app"]},
                         {"ref": "lib", "dependsOn": ["lib2"]},
                         {"ref": "lib2", "dependsOn": ["mail", "lib"]}],
    }  # fmt: skip
    estate, report = imported(
        "cyclonedx", written(tmp_path, "bom.json", json.dumps(bill)), tmp_path / "out"
    )

    assert estate.service["app"].depends_on == ("mail",)
    assert str(estate.service["mail"].availability) == "0.995"
    assert "'app' needs 'mail' through component 'lib2'" in whats(report, "inferred")
    assert "a data flow of service 'mail'" in whats(report, "left_out")


def test_xml_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="this is XML") as caught:
        imported("cyclonedx", written(tmp_path, "bom.xml", "<?xml version='1.0'?><bom/>"), tmp_path)

    assert caught.value.problems[0].code == "wrong-format"
