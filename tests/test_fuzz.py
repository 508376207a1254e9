"""The fuzzer's targets hold for some inputs each, and do not for what is broken."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.fuzz import plan_targets, text_targets
from benchmarks.fuzz.mutation import COUNTER, SEPARATOR, mutated
from benchmarks.fuzz.targets import TARGETS
from benchmarks.fuzz.unguided import search
from checkpoint.plan import edit, merge
from checkpoint.plan.edit import Key
from checkpoint.plan.model import Plan
from checkpoint.plan.nodes import Node
from checkpoint.plan.parse import parse
from checkpoint.strict import read
from tests.helpers.plan_merges import PLAN

MOST = {"growth": 4, "edit": 40, "restore": 40, "merge": 40}
"""Inputs for targets whose checks take longest; 80 for the others."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str) -> None:
    search(TARGETS[name], MOST.get(name, 80), by_chance=False)


@pytest.mark.parametrize("name", TARGETS)
def test_the_search_begins_with_texts_that_hold(name: str) -> None:
    for start in TARGETS[name].starts()[:4]:
        TARGETS[name].check(start)


def unplaced(data: bytes) -> Plan:
    """A reader whose problems stand nowhere."""
    plan = parse(data)
    return replace(plan, problems=tuple(replace(each, line=0) for each in plan.problems))


def deaf(lines: list[str]) -> list[Node] | None:
    """A reader that sees nothing where there is a list."""
    return [] if any(line.startswith("- ") for line in lines) else None


def meddling(data: bytes, ticks: Mapping[str, bool], blocks: Mapping[Key, str]) -> bytes:
    """An editor that takes blanks around people's lines away."""
    return b"\n".join(line.strip() for line in edit.apply(data, ticks, blocks).split(b"\n"))


def growing(data: bytes, ticks: Mapping[str, bool], blocks: Mapping[Key, str]) -> bytes:
    """An editor that leaves a blank line behind each time."""
    return edit.apply(data, ticks, blocks) + b"\n"


def forgetting(now: bytes, was: bytes, written: bytes) -> bytes:
    """A restorer of everything, people's words included."""
    del now, written
    return was


def one_sided(base: bytes, ours: bytes, theirs: bytes) -> merge.Apart:
    """A merge that takes their text for ours."""
    return replace(merge.apart(base, ours, theirs), theirs=merge.apart(base, ours, theirs).ours)


def hiding(new: Plan, old: Plan) -> Plan:
    """A strengthened plan that is the new one."""
    del old
    return new


def trusting(data: bytes, kind: str) -> Any:
    """A reader that knows nothing of other encodings."""
    return read(data.decode().encode(), kind)


def once(text: str) -> str:
    """Redaction that quotes what it has seen, and leaves controls in."""
    return text.replace("TOKEN=", "TOKEN=TOKEN=")


def literal(pattern: str) -> Callable[[str], bool]:
    """Globs that match nothing but themselves."""
    return lambda path: path == pattern


def quadratic(data: bytes) -> int:
    """As many steps as pairs of lines."""
    lines = data.splitlines()
    return sum(one is other for one in lines for other in lines)


PLAIN = PLAN.encode()
WEAKER = PLAIN.replace(b"  - `pay.py` exists\n", b"")
BROKEN: list[tuple[Callable[..., None], bytes, Callable[..., object]]] = [
    (plan_targets.parses, b"no plan", unplaced),
    (plan_targets.agrees, PLAIN, deaf),
    (plan_targets.edits, PLAIN + SEPARATOR + b"words", meddling),
    (plan_targets.edits, PLAIN + SEPARATOR + b"words", growing),
    (plan_targets.restores, PLAIN + SEPARATOR + WEAKER, forgetting),
    (plan_targets.merges, SEPARATOR.join((PLAIN, PLAIN, WEAKER)), one_sided),
    (plan_targets.weakens, PLAIN + SEPARATOR + WEAKER, hiding),
    (text_targets.documents, b"j\xff", trusting),
    (text_targets.redacts, b"TOKEN=a1B2c3D4", once),
    (text_targets.matches, b"*" + SEPARATOR + b"a", literal),
]


@pytest.mark.parametrize(("target", "data", "broken"), BROKEN, ids=[broken.__name__ for _, _, broken in BROKEN])
def test_what_is_broken_is_found(target: Callable[..., None], data: bytes, broken: Callable[..., object]) -> None:
    target(data)
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        target(data, broken)


def test_quadratic_time_is_found() -> None:
    text = SEPARATOR.join((b"p", b"a" * 12 + b"\n", b""))
    with pytest.raises(AssertionError, match="for twice as much"):
        text_targets.grows(text, quadratic)  # type: ignore[arg-type]


def test_what_grows_is_numbered() -> None:
    assert text_targets.grown(SEPARATOR.join((b"phead ", b"a" + COUNTER, b" tail")), 6) == b"head a0a1a2 tail"


def test_the_same_seed_makes_the_same_change() -> None:
    data = TARGETS["merge"].starts()[0]
    seeds = [random.Random(1).getrandbits(40) for _ in range(50)]
    assert [mutated(data, seed) for seed in seeds] == [mutated(data, seed) for seed in seeds]
    assert all(len(mutated(data * 50, seed, data, 1000)) <= 1000 for seed in seeds)
