"""What a plan expects: the same for plans that expect the same, given back as a plan, and counted team by team."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkpoint.baseline import digest, expected, head, line_digest, part, restored, sealed
from checkpoint.plan.model import Expectation, Plan, Settings, Task, Team
from checkpoint.plan.parse import parse
from tests.helpers.plans import HEAD, plans

WORDS = st.text(max_size=4)
SOME = st.lists(WORDS, max_size=2).map(tuple)
PLACES = st.integers(0, 9)
EXPECTATIONS = st.builds(Expectation, WORDS, WORDS, SOME, WORDS, PLACES, PLACES)
TASKS = st.builds(
    Task, WORDS, WORDS, st.booleans(), SOME, st.lists(EXPECTATIONS, max_size=2).map(tuple), PLACES, PLACES
)
TEAMS = st.builds(Team, *[WORDS] * 6, SOME, WORDS, WORDS, st.lists(TASKS, max_size=2).map(tuple), PLACES)
SETTINGS = st.builds(Settings, st.just(1), WORDS, notify=SOME, approval=st.sampled_from(["normal", "strict"]))
PLANS = st.builds(Plan, SETTINGS, WORDS, st.lists(TEAMS, max_size=3).map(tuple))


def bare(plan: Plan) -> Plan:
    """The plan without places, titles, ticks and comments."""
    return Plan(
        plan.settings, teams=tuple(replace(team, title="", line=0, tasks=bare_tasks(team)) for team in plan.teams)
    )


def bare_tasks(team: Team) -> tuple[Task, ...]:
    return tuple(
        replace(task, title="", ticked=False, line=0, column=0, expectations=bare_expectations(task))
        for task in team.tasks
    )


def bare_expectations(task: Task) -> tuple[Expectation, ...]:
    return tuple(replace(each, comment="", line=0, column=0) for each in task.expectations)


@given(PLANS)
def test_a_plan_comes_back_bare(plan: Plan) -> None:
    assert restored(expected(plan)) == bare(plan)


@given(PLANS, PLANS)
def test_texts_are_equal_where_plans_expect_the_same(one: Plan, other: Plan) -> None:
    assert expected(one) == expected(bare(one))
    assert (expected(one) == expected(other)) == (bare(one) == bare(other))
    assert (digest(expected(one)) == digest(expected(other))) == (bare(one) == bare(other))


@given(plans())
def test_a_digest_is_made_of_those_of_the_lines(data: bytes) -> None:
    plan = parse(data)
    lines = [head(plan.settings), *map(part, plan.teams)]
    assert digest(expected(plan)) == sealed(map(line_digest, lines))
    assert expected(plan).split(b"\n") == lines


def test_the_order_of_teams_counts() -> None:
    teams = (Team("a"), Team("b"))
    assert digest(expected(Plan(teams=teams))) != digest(expected(Plan(teams=teams[::-1])))


def test_a_team_that_changed_is_put_into_words_anew_and_the_others_are_not() -> None:
    text = HEAD + "".join(f"## Team: t{n}\n- folder: `x`\n- [ ] **T{n}** x\n  - `a` exists\n" for n in range(3))
    one = parse(text.encode())
    expected(one)
    other = parse(text.replace("T1", "T9").encode())
    assert [a is b for a, b in zip(one.teams, other.teams, strict=True)] == [True, False, True]
    assert expected(other) == expected(restored(expected(other)) or one)
    assert b"T9" in expected(other)


def test_what_another_version_kept_is_no_plan() -> None:
    for content in (b"", b"{}\n[]", b'{"teams":[]}', b"[1]", b"\xff"):
        assert restored(content) is None
