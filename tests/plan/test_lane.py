"""The reader of the plainest forms gives up, or says what the scanner and Markdown say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan import markdown
from checkpoint.plan.edit import apply
from checkpoint.plan.lane import read_plain
from checkpoint.plan.model import Expectation, Task
from checkpoint.plan.parse import parse
from checkpoint.plan.section import Section, interpret, placed
from tests.helpers.plans import HEAD, MARKS, ODD, PLAIN, TEAM, texts

PLAINEST = [
    *("", "", "- [ ] **A1** One", "- [x] **A2** Two (after A1, B1)", "* [X] **A3:** three", "+ [ ] **B1**: Three"),
    *("  - `a.txt` exists", "  * `b c` lines at-least 3 — at *least*", "  + `$ make` passes within 60s", "  "),
    *(
        "  - `d` contains `x y` `z`",
        "  - `$ x` exists",
        "  - `e` contains `x`y",
        "  - `f` `g`",
        "  - `h` x — ",
        "  - ` i` x",
    ),
    *(
        "  - `$ x` passes (reads `a/**` `b c`) — as `d`",
        "  - `$ x` passes (reads a/** b )",
        "  - `$ x` passes (reads `a)`",
    ),
    *(
        "  - `a` contains (reads `b`)",
        "  - `a` passes (reads b )",
        "  - `$ x` passes (reads `a` ) within 5s (reads `b`)",
    ),
    *("- folder: `out/a`", "* agent: `claude` — words", "- notify: `slack, file`", "- ref: `v1`", "- words: `x`"),
    *("### Tasks", "### Team: no", "#### Later #", "Words", "Words <b> [x] | y", "  words", "  - words", "  - [ ] x"),
    *("<!-- checkpoint:next a -->", "<!-- /checkpoint:next -->", "<!-- /checkpoint:next a -->", "1. **A1** do; it"),
    *("   - do `that`", "… and 3 more", "- [ ] **B2** a  b (x) ", "- [ ] **B3**", "- [ ]  **B4** x", "  - `$` passes"),
    *("3 lines", "---", "    - `x` exists", "- [ ] **B5** x (after )", "- [ ] **B6** (after A1) x", "\u2003x", "-\tx"),
]
HEADING = "## Team: a\n- folder: `x`\n"


def said(text: str) -> Section:
    """What the slowest reader says, which is right."""
    lines = text.split("\n")
    return placed(interpret(markdown.nodes(lines), lines), 7)


def check(text: str) -> None:
    assert read_plain(text, 7) in (None, said(text)), text


@given(texts(PLAINEST, 20))
def test_it_gives_up_or_agrees_on_the_plainest_lines(text: str) -> None:
    check(HEADING + text)
    check("## Team: a — words\n" + text)


@given(texts(PLAIN + ODD + PLAINEST))
def test_it_gives_up_or_agrees_on_any_lines(text: str) -> None:
    check(HEADING + text)
    check(text)


@given(
    st.lists(st.text(MARKS.replace("\r", "") + "``$é—  ", max_size=12), max_size=6),
    st.sampled_from(["  - `a", "- [ ] **A1** ", ""]),
)
def test_it_gives_up_or_agrees_on_any_words(words: list[str], before: str) -> None:
    check(HEADING + "- [ ] **A0** x\n" + "\n".join(before + each for each in words))


@given(st.lists(st.sampled_from([*PLAINEST, *ODD]), max_size=6), st.text(MARKS.replace("\r", ""), max_size=6))
def test_it_gives_up_or_agrees_on_what_stands_in_a_block(lines: list[str], words: str) -> None:
    block = "\n".join(["<!-- checkpoint:next a -->", *lines, words, "<!-- /checkpoint:next -->"])
    check(f"{HEADING}{block}\n- [ ] **A1** x\n  - `a` exists")


@pytest.mark.parametrize(
    "text",
    [
        HEADING + "\n### Tasks\n\nProse, <b>free</b> [x](y).\nMore.\n"
        "- [ ] **A1** One (after B2)\n\n  words\n  - `a` exists\n  - or so",
        HEADING + "- [ ] **A1** x\n  - `a` lines at-least 3 — why\n  - `$ make` passes within 60s\n\n- [x] **A2** y\n",
        HEADING + "- [ ] **A1** x\n  - `$ pytest -q` passes within 5m (reads `src/**` `a b`) — why\n",
        "## Team: a — A team\n\n* folder: `y`\n* notify: `a, b`\n\n\n+ [X] **A.1**: x\n  + `b c` contains `d e`\n",
        HEADING
        + "<!-- checkpoint:next a -->\n\n1. **A1** x — y; 3 tasks\n   - do `z`\n   - prove it: `p`\n\n… and more\n\n"
        "<!-- /checkpoint:next -->\n",
    ],
)
def test_it_answers_the_plainest_forms(text: str) -> None:
    assert read_plain(text, 7) == said(text)


@pytest.mark.parametrize(
    "lines",
    [
        *(
            "- [ ] **A1** x\nwords",
            "  - `a` exists",
            "- [ ] **A1** x\n\nwords\n  - `a` exists",
            "- [ ] **A1** x\n  words",
        ),
        *("- [ ] **A1** x\n  - `a` exists\n  words", "- [ ] **A1** x\n\n  words\nlazy", "- agent: `a`\nlazy", "> x"),
        *("- [ ] **A1** x\n- agent: `a`", "- folder: `y`", "- words: `x`", "### Team: b", "### x #", "<div>", "# x"),
        *("- [ ] **A1** x\n  - `$` passes", "- [ ] **A1** x\n  - `$ a` exists", "- [ ] **A1** x\n  - `a`", "- [ ] x"),
        *("- [ ] **A1** x\n    - `a` exists", "- [ ] **A1** x\n### b\n  - `a` exists", "\tx", "x\u00a0", "words\n==="),
        *(
            f"<!-- checkpoint:next a -->\n{each}\n<!-- /checkpoint:next -->"
            for each in ("```", "[ ] x", "a\n---", "<b>")
        ),
        *("<!-- checkpoint:next a -->", "<!-- /checkpoint:next -->", "<!-- checkpoint:next a -->\n- - [ ] x"),
        *("- [ ] **A1** (after x) y", "- [ ] **A1** x (after y z)", "- [~] **A1** x", "- [ ] **A-** x\n- a [x] b"),
    ],
)
def test_it_gives_up_where_a_line_may_mean_more(lines: str) -> None:
    assert read_plain(HEADING + lines, 7) is None


def test_it_gives_up_without_a_folder() -> None:
    assert read_plain("## Team: a\n- [ ] **A1** x\n", 7) is None


@pytest.mark.parametrize("title", ["a  b", "a ", "a (b) c", "a (after  B1,B2 ) ", ": a", "a (after B1)"])
def test_titles_are_read_alike(title: str) -> None:
    text = f"{HEADING}- [ ] **A1** {title}\n  - `a` exists"
    assert read_plain(text, 7) == said(text)


def test_it_answers_what_a_checkpoint_writes() -> None:
    body = "1. **A1** One — `a` is missing; 2 tasks wait for it\n"
    body += "   - write `a` (a\\_b)\n   - prove it: `checkpoint check A1`\n"
    written = apply(f"{TEAM}- [ ] **A1** One\n  - `a` exists\n".encode(), {}, {("next", "a"): body}).decode()
    section = written[written.index("## Team") :]
    assert read_plain(section, 7) == said(section)
    assert read_plain(section.replace("next a -->", "next b -->"), 7) == said(
        section.replace("next a -->", "next b -->")
    )


def test_places_are_those_of_the_plan() -> None:
    plan = parse(f"{HEAD}{HEADING}- [x] **A1** One\n  - `a` exists\n  - `b` exists\n".encode())
    wanted = (Expectation("a", "exists", line=7, column=5), Expectation("b", "exists", line=8, column=5))
    assert plan.teams[0].tasks == (Task("A1", "One", True, (), wanted, 6, 4),)


def test_many_expectations_of_one_task_are_read_in_linear_time() -> None:
    lines = [f"  - `f{number}` exists" for number in range(20_000)]
    section = read_plain("\n".join([HEADING + "- [ ] **A1** x", *lines]), 1)
    assert section is not None
    assert len(section.owners[0].team.tasks[0].expectations) == len(lines)
