"""An edit of a few pieces does what the edit of the whole would do, and reads no more than these."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.lines import Lines
from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.plan.parse import parse, read
from checkpoint.plan.parts import apply_to_head, apply_to_team
from checkpoint.plan.pieces import cut, read_team
from checkpoint.plan.reading import READINGS
from checkpoint.plan.touched import say_the_same
from tests.helpers.plans import HEAD, MARKS, ODD, PLAIN

LINES = [line for line in PLAIN if not line.startswith(("# ", "## ", "```", "~~~"))]
SECTION = "## Team: {0}\n- folder: `{0}`\n- [ ] **{0}1** x\n  - `a` exists\n{1}\n"
BLOCK = "<!-- checkpoint:next {0} -->\n{1}\n<!-- /checkpoint:next -->"
KEYS: list[Key] = [("status", ""), ("next", "a"), ("next", "b"), ("next", "c")]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PLAIN + ODD), max_size=4).map("\n".join), st.text(MARKS.replace("\r", ""), max_size=6)
)


@st.composite
def several(draw: st.DrawFn) -> bytes:
    """Plans of several teams, mostly without mistakes, some with blocks."""
    parts = [draw(st.sampled_from([HEAD, HEAD + "# P\n", HEAD + "# P\n\nwords\n<!-- c -->\n"]))]
    for name in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True)):
        rest = draw(st.lists(st.sampled_from(["", "", "prose", "<!--", "  ```", "> q"]), max_size=2))
        block = draw(st.sampled_from([[], [BLOCK.format(name, "1. old")]]))
        parts.append(SECTION.format(name, "\n".join([*rest, *block])))
    end = draw(st.sampled_from(["", "## Notes\nx", "- [ ] **Z1** z (after a1)", "\n\n"]))
    return "".join([*parts, end]).encode()


def outcome(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> bytes | str:
    try:
        return apply(data, ticks, blocks)
    except ValueError as error:
        return str(error)


@given(
    several(),
    st.dictionaries(st.sampled_from(["a1", "b1", "Z1"]), st.booleans()),
    st.dictionaries(st.sampled_from(KEYS), TEXTS),
)
def test_an_edit_of_pieces_is_that_of_the_whole(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> None:
    check(data, ticks, blocks)


def check(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> None:
    """Only where each line ends in LF are there pieces."""
    whole = outcome(data.replace(b"\n", b"\r\n"), ticks, blocks)
    found = outcome(data, ticks, blocks)
    assert found == (whole.replace(b"\r\n", b"\n") if isinstance(whole, bytes) else whole), blocks


A, B = SECTION.format("a", ""), SECTION.format("b", BLOCK.format("b", "old"))
SCENES = [
    *(
        HEAD + "# P\n\n" + A + B,
        HEAD + B + A,
        HEAD + "# P\n" + B + A.rstrip("\n"),
        HEAD + B + "## Notes\n" + "- [ ] no\n",
    ),
    *(
        HEAD + A + B + "<!--x-->\n> q\n",
        HEAD + A.replace("\n\n", "\n\n<div>\n\n") + B,
        A + B,
        HEAD + A.replace("`a`", "```x"),
    ),
    *(HEAD + A + B + "- [ ] **c1** z (after a1)\n", HEAD + A + B + BLOCK.format("b", ""), HEAD + A + B + B[-30:]),
    HEAD.replace("1\n", "1\ntimezone: UTC\n") + "# P\nwords\n" + A + "# Another\n" + B,
]
WORDS = [
    *(
        "",
        "old",
        "more\n\n- x",
        "```",
        "```\nx\n```",
        "~~~~",
        "<!-- open",
        "<!-- closed -->",
        "<div>",
        "<div>\n\nx",
        "- ```",
    ),
    *(
        "## Team: z\n- folder: `z`",
        "## Notes",
        "# Title",
        "Notes\n---",
        "### Team: z",
        "<<<<<<< HEAD",
        "[x]: /u 'title",
    ),
    *(
        "- [ ] **z9** more",
        "[ ] x",
        "<!-- checkpoint:next c -->",
        "<!-- /checkpoint:next -->",
        "a\0b",
        "\u009f",
        "a\rb",
    ),
    *("<!-- /checkpoint:next -->\n\n- [x] **z9** more\n\n<!-- checkpoint:next b -->", "<!-- checkpoint:status -->"),
    "<!-- /checkpoint:next -->\n<!-- checkpoint:next a -->\n<!-- /checkpoint:next -->\n<!-- checkpoint:next b -->",
]


@pytest.mark.parametrize("scene", SCENES)
def test_an_edit_of_pieces_is_that_of_the_whole_in_every_scene(scene: str) -> None:
    for words in WORDS:
        for keys in (KEYS[:1], KEYS[1:2], KEYS[2:3], KEYS[3:], KEYS):
            for ticks in ({}, {"a1": True, "b1": True}):
                check(scene.encode(), ticks, dict.fromkeys(keys, words))


def plan_of(number: int) -> bytes:
    return (HEAD + "# P\n\n" + "".join(SECTION.format(f"t{n}", "  - `b` exists") for n in range(number))).encode()


def test_only_what_is_touched_is_read_again() -> None:
    data = plan_of(40)
    parse(data)
    count, whole = READINGS.count, read.cache_info().misses
    apply(data, {}, {("next", "t20"): "words", ("status", ""): "words"})
    assert (READINGS.count, read.cache_info().misses) == (count + 2, whole)
    every: dict[Key, str] = {("next", team.name): "words" for team in parse(data).teams}
    data = apply(data, {}, every)
    parse(data)
    before = READINGS.count
    result = apply(data, {"t71": True, "t91": True, "t30": False}, {**every, ("next", "t20"): "more\nwords"})
    assert READINGS.count == before + 3
    assert [task.id for task in parse(result).tasks.values() if task.ticked] == ["t71", "t91"]
    assert READINGS.count == before + 3 + 3


def test_what_changes_nothing_gives_the_same_text() -> None:
    data = apply(plan_of(3), {}, {("next", "t1"): "words"})
    assert apply(data, {"t11": False}, {("next", "t1"): "words"}) is data


@pytest.mark.parametrize("text", [b"", b"a", b"a\n", b"a\nb", b"a\n\nb\n## c\nd\n## e\n", b"## a\n"])
def test_lines_are_those_of_the_text(text: bytes) -> None:
    document = read(text)
    lines, whole = Lines(text, document.pieces), text.splitlines(keepends=True)
    assert list(lines) == whole
    assert all(lines[a:b] == whole[a:b] for a in range(len(whole) + 1) for b in range(len(whole) + 2))
    assert lines[1::2] == whole[1::2]
    with pytest.raises(IndexError):
        lines[len(whole)]


def by_parts(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> bytes | None:
    """The plan, each piece of it edited by itself; None where one of them leaves that to the edit of the whole."""
    first, *others = cut(data)
    ends = [data[piece.start : piece.stop] for piece in others]
    parts = [data[: first.stop]]
    if ("status", "") in blocks:
        parts = [apply_to_head(parts[0], blocks["status", ""], is_last=not others) or b"\0"]
    for number, piece in enumerate(ends, 1):
        team = read_team(piece)
        text = blocks.get(("next", team.name)) if team is not None else None
        parts.append(piece)
        if team is not None:
            parts[-1] = apply_to_team(piece, ticks, text, is_last=number == len(ends)) or b"\0"
    return None if b"\0" in parts else b"".join(parts)


@pytest.mark.parametrize("scene", SCENES)
def test_edits_of_parts_are_that_of_the_whole(scene: str) -> None:
    data = scene.encode()
    for words in WORDS if not parse(data).problems else ():
        for ticks in ({}, {"a1": True, "b1": True}):
            found = by_parts(data, ticks, dict.fromkeys(KEYS, words))
            assert found in (None, outcome(data, ticks, dict.fromkeys(KEYS, words)))


@pytest.mark.parametrize("words", ["", "old", "more\n\n- x", "```\nx\n```", "<!-- closed -->", "## Notes in `a`: no"])
def test_parts_can_be_edited_by_themselves(words: str) -> None:
    tight = HEAD + "# P\n" + SECTION.format("a", "  - `b` exists") + B
    for scene in (SCENES[0], SCENES[2], tight):
        blocks = dict.fromkeys(KEYS, words)
        found, whole = by_parts(scene.encode(), {"a1": True}, blocks), outcome(scene.encode(), {"a1": True}, blocks)
        assert found == (whole if isinstance(whole, bytes) else None)


def test_a_task_may_wait_for_one_in_another_part() -> None:
    piece = SECTION.format("a", "- [ ] **a2** y (after z9)").encode()
    assert apply_to_team(piece, {"a2": True}, None) == piece.replace(b"[ ] **a2**", b"[x] **a2**")


@pytest.mark.parametrize(
    "piece", [b"## Notes\n", (A + B).encode(), A.rstrip("\n").encode(), A.replace("\n", "\r\n").encode()]
)
def test_what_is_not_one_plain_team_is_left_to_the_whole(piece: bytes) -> None:
    assert apply_to_team(piece, {"a1": True}, "words") is None


@pytest.mark.parametrize("head", [HEAD, HEAD + "# P", "# P\n", "\ufeff" + HEAD + "# P\n", HEAD + "# P\n<!--\n"])
def test_what_is_not_a_plain_head_is_left_to_the_whole(head: str) -> None:
    assert apply_to_head(head.encode(), "words") is None


def said(team: Team, ticks: dict[str, bool]) -> Team:
    """The team without its place, which is what there is to compare."""
    tasks = (
        replace(
            task,
            ticked=ticks.get(task.id, task.ticked),
            line=0,
            expectations=tuple(replace(each, line=0, column=0) for each in task.expectations),
        )
        for task in team.tasks
    )
    return replace(team, line=0, tasks=tuple(tasks))


WORD = st.sampled_from("ab")
EXPECTATIONS = st.builds(Expectation, WORD, WORD, st.lists(WORD, max_size=1).map(tuple), WORD, st.integers(1, 2))
TASKS = st.builds(
    Task,
    WORD,
    st.just("x"),
    st.booleans(),
    st.lists(WORD, max_size=1).map(tuple),
    st.lists(EXPECTATIONS, max_size=1).map(tuple),
    st.integers(1, 2),
)
TEAMS = st.lists(
    st.builds(Team, WORD, folder=WORD, tasks=st.lists(TASKS, max_size=2).map(tuple), line=st.integers(1, 2))
)


@given(TEAMS, TEAMS, st.dictionaries(WORD, st.booleans()))
def test_teams_say_the_same_where_nothing_but_their_place_differs(
    one: list[Team], other: list[Team], ticks: dict[str, bool]
) -> None:
    moved = [said(team, ticks) for team in one]
    assert say_the_same(one, moved, ticks)
    assert say_the_same(one, other, ticks) == (moved == [said(team, {}) for team in other])
    assert say_the_same(one[:1], other[:1], ticks) == (moved[:1] == [said(team, {}) for team in other[:1]])


@pytest.mark.parametrize(
    "change", [{"title": "y"}, {"after": ("b",)}, {"ticked": True}, {"id": "b"}, {"expectations": ()}]
)
def test_a_task_that_says_something_else_is_seen(change: dict[str, Any]) -> None:
    task = Task("a", "x", ticked=False, expectations=(Expectation("f", "exists"),))
    assert not say_the_same([Team("t", tasks=(task,))], [Team("t", tasks=(replace(task, **change),))], {})


@pytest.mark.parametrize("change", [{"artifact": "y"}, {"validator": "y"}, {"arguments": ("y",)}, {"comment": "y"}])
def test_an_expectation_that_says_something_else_is_seen(change: dict[str, Any]) -> None:
    wanted = Expectation("f", "exists")
    one, other = (Task("a", "x", ticked=False, expectations=(each,)) for each in (wanted, replace(wanted, **change)))
    assert not say_the_same([Team("t", tasks=(one,))], [Team("t", tasks=(other,))], {})


def test_a_tick_that_is_missing_is_seen() -> None:
    team = Team("t", tasks=(Task("a", "x", ticked=False),))
    assert not say_the_same([team], [team], {"a": True})
