"""Every worked example is named in a test."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

_EXAMPLES = Path(__file__).parents[2] / "shared" / "reference" / "worked_examples.json"
_ELSEWHERE = {"A17"}
"""Concentration has a test of its own question."""


def test_every_worked_example_is_named() -> None:
    if not _EXAMPLES.exists():
        pytest.skip(f"{_EXAMPLES.name} is not beside this checkout")
    wanted = {row["id"] for row in json.loads(_EXAMPLES.read_text("utf-8"))["examples"]}
    here = Path(__file__)
    texts = [p.read_text("utf-8") for p in here.parent.rglob("test_*.py") if p != here]
    named = {
        found.upper() for text in texts for found in re.findall(r"(?i)(?<![a-z])[a-h]\d\d", text)
    }

    assert wanted - named - _ELSEWHERE == set()
