"""Each rule of the format: a plan, and what it parses to."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse

CASES = sorted(Path(__file__).with_name("cases").glob("*.md"))


def said(value: Any) -> Any:
    """A plan as plain values, without what is as by default."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        pairs = ((field.name, getattr(value, field.name), field.default) for field in fields)
        return {name: said(each) for name, each, default in pairs if each != default}
    return [said(each) for each in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_plan_parses_to_what_its_case_says(case: Path) -> None:
    expected = msgspec.json.decode(case.with_suffix(".json").read_bytes())
    assert said(parse(case.read_bytes())) == expected


def test_every_case_is_a_pair() -> None:
    outcomes = {case.stem for case in CASES[0].parent.glob("*.json")}
    assert outcomes == {case.stem for case in CASES}


def test_a_plan_of_the_default_settings_is_empty() -> None:
    assert parse(b"---\ncheckpoint: 1\n---\n") == Plan()
