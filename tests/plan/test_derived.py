"""What checkpoints write into a plan, taken apart from what people write."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.derived import carried, derived, is_same_for_people, people
from checkpoint.plan.parse import parse
from tests.helpers.plan_merges import PLAN, edited, taken

SEEDS = st.integers(0, 2**32)
BASE = PLAN.encode()


@given(SEEDS)
def test_checkpoints_change_nothing_for_people_and_people_do(seed: int) -> None:
    chance = random.Random(seed)
    once = taken(BASE, chance)
    more = edited(once, chance)
    assert is_same_for_people(BASE, once)
    assert is_same_for_people(once, taken(once, chance))
    assert is_same_for_people(more, taken(more, chance))
    assert not is_same_for_people(once, more)
    assert not is_same_for_people(BASE, taken(more, chance))


@given(SEEDS)
def test_what_is_carried_over_is_all_that_is_derived_and_nothing_of_peoples(seed: int) -> None:
    chance = random.Random(seed)
    base = taken(BASE, chance)
    newer, text = taken(base, chance), edited(base, chance)
    result = carried(text, newer, base)
    assert is_same_for_people(result, text)
    assert derived(result).blocks.items() >= derived(newer).blocks.items()
    there = derived(newer).ticks
    assert {name: mark for name, mark in derived(result).ticks.items() if name in there} == there
    assert carried(newer, newer, base) == newer
    assert carried(result, newer, base) == result


def test_a_box_that_somebody_changed_meanwhile_stays_so() -> None:
    text = BASE.replace(b"[ ] **B2**", b"[x] **B2**")
    newer = BASE.replace(b"[ ] **B1**", b"[x] **B1**")
    assert derived(carried(text, newer, BASE)).ticks == {"B1": True, "B2": True, "B3": False, "F1": False}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"[ ] **F2**", b"[x] **F2**"),
        (b"Ask Emma", b"Ask Ada"),
        (b"  - `api.json` exists\n", b""),
        (b"## Notes\n", b"## Notes \n"),
        (b"- Ask Emma.\n", b"- Ask Emma."),
    ],
    ids=str,
)
def test_what_people_own(old: bytes, new: bytes) -> None:
    """A box of a task that expects nothing, prose, expectations, and every blank."""
    assert old in BASE
    assert not is_same_for_people(BASE, BASE.replace(old, new))


def test_a_text_that_cannot_be_read_is_nobodys() -> None:
    broken = BASE.replace(b"[ ] **B3**", b"[~] **B3**")
    assert not is_same_for_people(BASE, broken)
    assert is_same_for_people(broken, broken)
    assert carried(broken, BASE, BASE) == broken
    assert carried(BASE, broken, BASE) == BASE
    with pytest.raises(ValueError, match="line"):
        people(broken)


def test_what_would_change_the_plan_is_not_carried_over() -> None:
    text = BASE.replace(b"# Shop\n", b"# Shop\n\n<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n")
    forged = text.replace(b"status -->\n<!-- /", b"status -->\n```\n<!-- /")
    assert parse(forged).refusals
    assert carried(text, forged, text) == text
