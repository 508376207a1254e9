"""Where one plan asks for less than another, and how to keep what it asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse
from checkpoint.plan.weakening import strengthen, weakenings

A = "\n## Team: a\n\n- folder: `out/a`\n"
TASKS = "- [ ] **A1** One\n  - `x` exists\n  - `x` lines at-least 3\n- [ ] **A2** Two (after A1)\n"
OLD = A + TASKS


def plan(text: str, front: str = "") -> Plan:
    result = parse(f"---\ncheckpoint: 1\n{front}---\n{text}".encode())
    assert not result.errors
    return result


def changes(old: str, new: str) -> list[tuple[str, str, str]]:
    return [(found.was, found.now, found.how) for found in weakenings(plan(old), plan(new))]


def expecting(line: str) -> str:
    return f"{A}- [ ] **A1** One\n  - {line}\n"


@pytest.mark.parametrize(
    ("was", "now", "how"),
    [
        ("`x` lines at-least 3", "`x` lines at-least 2", "lower number"),
        ("`x` lines at-most 3", "`x` lines at-most 4", "lower number"),
        ("`x` size at-least 10kB", "`x` size at-least 9999", "lower number"),
        ("`x` fresh within 30m", "`x` fresh within 1h", "lower number"),
        ("`$ make` passes within 30s", "`$ make` passes within 1m", "lower number"),
        ("`x` coverage 80", "`x` coverage 79", "lower number"),
        ("`$ make` passes (reads `a`)", "`$ make` passes (reads `b`)", "changed"),
        ("`$ make` passes (reads `a` `b`)", "`$ make` passes (reads `a`)", "changed"),
        ("`$ make` passes", "`$ make` passes (reads `a`)", "changed"),
        ("`$ make` passes (reads `within` `5`)", "`$ make` passes (reads `within` `6`)", "changed"),
        ("`$ make` passes within 1m (reads `a`)", "`$ make` passes within 2m", "changed"),
        ("`x` count 3", "`x` count 4", "changed"),
        ("`x` contains `a b`", "`x` contains `b c`", "changed"),
        ("`x` contains `a b`", "`x` exists", "changed"),
        ("`x` lines at-least 3", "`x` lines", "changed"),
        ("`x.txt` exists", "`*.txt` exists", "looser glob"),
        ("`src/*.py` exists", "`**/*.py` exists", "looser glob"),
        ("`*.py` parses", "`a.py` parses", "changed"),
        ("`x` exists", "`y` exists", "changed"),
        ("`$ make test` passes", "`$ true` passes", "other command"),
    ],
)
def test_a_weaker_expectation_is_found(was: str, now: str, how: str) -> None:
    assert [(found[0], found[1], found[2]) for found in changes(expecting(was), expecting(now))] == [(was, now, how)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("`x` lines at-least 3", "`x` lines at-least 4"),
        ("`x` lines at-most 3", "`x` lines at-most 2"),
        ("`x` fresh within 1h", "`x` fresh within 30m"),
        ("`x` coverage 80", "`x` coverage 81"),
        ("`*.txt` exists", "`x.txt` exists"),
        ("`x` exists", "`x` exists — with a comment"),
        ("`$ make` passes within 1m (reads `a`)", "`$ make` passes within 1m"),
        ("`x` exists", "`y` exists\n  - `x` exists"),
    ],
)
def test_a_stricter_or_added_one_is_not(was: str, now: str) -> None:
    assert changes(expecting(was), expecting(now)) == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (A + "- [ ] **A2** Two\n", [("One", "", "task removed")]),
        (OLD.replace("  - `x` exists\n", ""), [("`x` exists", "", "removed")]),
        (OLD.replace("out/a", "out/b"), [("folder: out/a", "folder: out/b", "folder changed")]),
        (
            OLD.replace("- [ ] **A1", "- ref: `r`\n- [ ] **A1"),
            [("folder: out/a", "ref: r, folder: out/a", "folder changed")],
        ),
        ("", [("team a", "", "team removed"), ("One", "", "task removed"), ("Two", "", "task removed")]),
        (A + "\n## Team: b\n\n- folder: `out/b`\n" + TASKS, [("folder: out/a", "folder: out/b", "folder changed")] * 2),
    ],
    ids=["task", "expectation", "folder", "ref", "team", "moved"],
)
def test_what_is_gone_or_measured_elsewhere_is_found(new: str, expected: list[tuple[str, str, str]]) -> None:
    assert changes(OLD, new) == expected


def test_moving_tasks_and_renaming_a_team_with_its_folder_is_none() -> None:
    head, one, two = OLD.partition("- [ ] **A1")[0], *TASKS.split("- [ ] **A2")
    assert changes(OLD, f"{head}- [ ] **A2{two}{one}") == []
    assert changes(OLD, OLD.replace("Team: a", "Team: b")) == []


def test_lowered_settings_are_found() -> None:
    old, new = plan(OLD, "approval: strict\n"), plan(OLD, "copies: allow\n")
    assert [found.how for found in weakenings(old, new)] == ["approval lowered", "changed"]
    assert weakenings(new, old) == ()


LINES = st.sampled_from(
    [
        "`x` exists",
        "`*` exists",
        "`x` lines at-least 2",
        "`x` lines at-least 3",
        "`$ a` passes",
        "`$ b` passes",
        "`y` parses",
    ]
)
TASK = st.tuples(st.sampled_from(["A1", "A2", "A3"]), st.lists(LINES, max_size=3))
TEAM = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from(["out/a", "out/b"]),
    st.lists(TASK, max_size=3, unique_by=lambda task: task[0]),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    seen: set[str] = set()
    text = ""
    for name, folder, tasks in draw(st.lists(TEAM, max_size=2, unique_by=lambda team: team[0])):
        text += f"\n## Team: {name}\n\n- folder: `{folder}`\n"
        for task, lines in tasks:
            if task not in seen:
                seen.add(task)
                text += f"- [ ] **{task}** x\n" + "".join(f"  - {line}\n" for line in lines)
    return text


@given(texts(), texts(), st.booleans())
def test_a_strengthened_plan_asks_for_all_that_the_old_one_did(old: str, new: str, is_strict: bool) -> None:
    before, after = plan(old, "approval: strict\n" if is_strict else ""), plan(new)
    assert weakenings(before, strengthen(after, before)) == ()


@given(texts(), texts())
def test_strengthening_takes_nothing_away_from_a_plan_that_asks_for_more(old: str, more: str) -> None:
    before, after = plan(old), plan(more)
    if not weakenings(before, after):
        assert strengthen(after, before).teams == after.teams


@given(texts())
def test_a_plan_is_not_weaker_than_itself(text: str) -> None:
    assert weakenings(plan(text), plan(text)) == ()


def doubled(plan: Plan) -> Plan:
    """The same, but with a team that stands twice, so that each task is looked for wherever it may be."""
    return replace(plan, teams=(*plan.teams, replace(plan.teams[0], tasks=())))


@given(texts(), texts())
def test_what_asks_for_the_same_need_not_be_looked_at_closer(one: str, other: str) -> None:
    old, new = plan(one), plan(other)
    if new.teams:
        assert weakenings(old, doubled(new)) == weakenings(old, new)
        assert weakenings(new, doubled(new)) == ()


def test_a_task_under_another_id_is_another_task() -> None:
    assert changes(OLD, OLD.replace("A2", "A9").replace("Two", "Three")) == [("Two", "", "task removed")]
