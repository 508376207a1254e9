"""Reading a plan by pieces is reading the whole, and the pieces are as small as they can be."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkpoint.plan import markdown
from checkpoint.plan.model import Plan, Task, Team
from checkpoint.plan.nodes import Node
from checkpoint.plan.parse import parse
from checkpoint.plan.pieces import cut, read_team
from checkpoint.plan.reading import is_closed
from checkpoint.plan.sections import cuts
from tests.helpers.plans import HEAD, TEAM, plans, texts


def moved(node: Node, by: int) -> Node:
    return replace(node, line=node.line + by, last=node.last + by)


def starts(text: str) -> list[int]:
    """The lines, from 0, that pieces begin with."""
    data = text.encode()
    return [data[:at].count(b"\n") for at in cuts(data, 0, is_closed)]


@given(texts())
def test_reading_by_pieces_is_reading_the_whole(text: str) -> None:
    lines = text.split("\n")
    by_pieces = pairwise([0, *starts(text), len(lines)])
    found = [moved(n, a) for a, b in by_pieces for n in markdown.nodes(lines[a:b])]
    assert found == markdown.nodes(lines)


def test_fences_and_comments_in_the_first_column_do_not_join_pieces() -> None:
    lines = ["```", "## no", "`````", "## Team: b", "~~~ x", "## no", "~~", "~~~", "<!-- c -->", "## Team: c", "### no"]
    assert starts("\n".join(lines)) == [3, 9]


def test_an_open_comment_is_asked_about_in_linear_time() -> None:
    data = b"<!--\n" + b"## Team: x\n\n" * 5000
    asked: list[int] = []

    def is_never_closed(before: bytes) -> bool:
        asked.append(len(before))
        return False

    assert not list(cuts(data, 0, is_never_closed))
    assert sum(asked) <= 2 * len(data)


def without_places(team: Team) -> Team:
    def task(each: Task) -> Task:
        wanted = tuple(replace(expectation, line=0) for expectation in each.expectations)
        return replace(each, line=0, expectations=wanted)

    return replace(team, line=0, tasks=tuple(map(task, team.tasks)))


def check_pieces(data: bytes) -> None:
    """Pieces cover every byte, and the teams that are read from them one by one are those of the plan."""
    pieces, plan = cut(data), parse(data)
    assert [piece.start for piece in pieces] == [0, *(piece.stop for piece in pieces[:-1])]
    assert pieces[-1].stop == len(data)
    assert len(pieces) == 1 or [piece.first for piece in pieces] == [
        1 + data[: piece.start].count(b"\n") for piece in pieces
    ]
    for piece in pieces:
        team = read_team(data[piece.start : piece.stop])
        if team is not None:
            there = [each for each in plan.teams if each.line == piece.first + team.line - 1]
            assert list(map(without_places, there)) == [without_places(team)]
            assert [task.line - piece.first for task in there[0].tasks] == [task.line - 1 for task in team.tasks]


@given(plans(), texts())
def test_teams_are_the_same_one_by_one(plan: bytes, text: str) -> None:
    check_pieces(plan)
    check_pieces(plan + text.encode())
    check_pieces((HEAD + text).encode() + plan)


@given(st.binary(max_size=60))
def test_any_bytes_are_covered(data: bytes) -> None:
    check_pieces(data)
    check_pieces(HEAD.encode() + data)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_each_section_has_a_piece(ending: str, mark: str) -> None:
    sections = ["## Team: b\n- folder: `y`\n", "## Notes\n\nwords\n", "## Team: c\n- folder: `z`"]
    texts = [text.replace("\n", ending).encode() for text in (mark + HEAD + "## no\n# P\n\n", *sections)]
    texts[:1] = [texts[0][: texts[0].index(b"##")], texts[0][texts[0].index(b"##") :]]
    data = b"".join(texts)
    assert [data[piece.start : piece.stop] for piece in cut(data)] == texts
    assert [team.name if team else "" for team in map(read_team, texts)] == ["", "", "b", "", "c"]


def test_equal_pieces_have_equal_digests() -> None:
    one, other = cut(TEAM.encode()), cut(TEAM.replace("# Plan", "# Another\nline").encode())
    assert (one[1].digest, one[1].first + 1) == (other[1].digest, other[1].first)
    assert one[0].digest != other[0].digest
    assert {len(piece.digest) for piece in (*one, *other)} == {16}


def test_what_lies_in_the_front_matter_is_no_section() -> None:
    data = b"---\ncheckpoint: 1\n## no\n---\n## Team: a\n- folder: `x`\n"
    assert [piece.first for piece in cut(data)] == [1, 5]
    assert parse(data) == replace(Plan(), teams=(Team("a", folder="x", line=5),))


@pytest.mark.parametrize(
    "more",
    [
        "- [ ] no id\n",
        "# A title\n",
        "<!-- checkpoint:next b -->\n<!-- /checkpoint:next -->\n",
        "<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n",
        "<<<<<<< HEAD\n",
        "- [ ] **A1** one\n- [ ] **A1** two\n",
        "## Team: b\n- folder: `y`\n",
    ],
)
def test_what_only_the_whole_plan_can_settle_is_no_team(more: str) -> None:
    team = "## Team: a\n- folder: `x`\n\n"
    assert read_team(f"{team}<!-- checkpoint:next a -->\n<!-- /checkpoint:next -->\n".encode())
    assert read_team((team + more).encode()) is None
