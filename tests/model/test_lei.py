"""Legal entity identifiers: right ones pass, and no text of another length or form."""

from __future__ import annotations

import pytest

from depgraph.model.lei import is_lei
from depgraph.model.organization import Organization

SYNTHETIC = "00EXBANKRETAIL000050"


def _with_check_digits(base: str) -> str:
    """ISO/IEC 7064 MOD 97-10 by its definition: 98 less the remainder of the number with 00."""
    number = int("".join(str(int(sign, 36)) for sign in f"{base}00"))
    return f"{base}{98 - number % 97:02d}"


@pytest.mark.parametrize("base", ["00EXBANKRETAIL0000", "ZZZZZZZZZZZZZZZZZZ", "0" * 17 + "A"])
def test_computed_check_digits_pass_and_every_other_pair_fails(base: str) -> None:
    right = _with_check_digits(base)

    assert [f"{base}{n:02d}" for n in range(100) if is_lei(f"{base}{n:02d}")] == [right]


@pytest.mark.parametrize(
    "text",
    ["", "1", "98", f"0{SYNTHETIC}", SYNTHETIC[1:], SYNTHETIC.removeprefix("00"), f"{SYNTHETIC}0",
     "5493000000000000000A"],
)  # fmt: skip
def test_a_right_remainder_alone_is_no_identifier(text: str) -> None:
    assert not is_lei(text)
    with pytest.raises(ValueError, match="bad-lei|not a legal entity identifier"):
        Organization(id="a", lei=text)


def test_spaces_and_small_letters_are_read() -> None:
    assert Organization(id="a", lei="00exbank retail-0000 50").lei == SYNTHETIC
