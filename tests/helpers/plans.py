"""Plans for property tests: made of lines that mean something to the reader, then damaged."""

from hypothesis import strategies as st

HEAD = "---\ncheckpoint: 1\n---\n"
TEAM = HEAD + "\n# Plan\n\n## Team: a\n\n- folder: `out/a`\n\n"

PLAIN = [
    *("# Plan", "## Team: a", "## Team: b — words", "## Notes", "### Tasks", "- folder: `out/a`", "- agent: `claude`"),
    *("- [ ] **A1** One", "- [x] **A2** Two (after A1)", "- [ ] **B1** Three", "  - `a.txt` exists", "    - deeper"),
    *("  - `$ make` passes within 60s", "  prose of an item", "    prose", "      - deepest `x`", "* star", "+ plus"),
    *(
        "1. one",
        "2. two",
        "1) one",
        "   - in a number",
        "   1. sub",
        "text here",
        "**bold** text",
        "`code` text",
        "2024",
    ),
    *("", "", "", "<!-- checkpoint:status -->", "<!-- /checkpoint:status -->", "<!-- checkpoint:next a -->"),
    *("<!-- /checkpoint:next -->", "```", "```text", "~~~", "| a | b |", "|---|---|", "| 1 | 2 |", "| [ ] | |"),
]
ODD = [
    *("---", "===", "> quote", "> - [ ] **Q1** x", "<div>", "<!-- c -->", "<!--", "-->", "    code", "\tx", "-", "- "),
    *("- - x", "- # h", "# h #", "text  ", "  ", "10. ten", "     - five", "   - three", " - one", "2. two", "-\tx"),
    *("* * *", "_it_", "    more", "   text", "[x]: foo", "- [x]: foo", "- [~] **A3** x", "[ ] bare", "- ```", "  ```"),
    *("- <!--", "  -->", "<details>", "<script>", "</script>", "  ## Team: c", " ## Team: c", "## ", "##", "Team: d"),
    *("<<<<<<< HEAD", "=======", "---|---", ":--", "[x]: /u 'title", "- `x", "##\tTeam: e", "[a](b)", "[ab", "- [a"),
    *("- -", "\u00a0x", "- \u2003x", "``` a`b", "~~~~", "````", "    ```", "|---|", "|a|", "\\", "- [ ]", "- [ ] x"),
]
MARKS = " -*+#>`~|[]():x1.\t\n<!=_a\r"


@st.composite
def texts(draw: st.DrawFn, lines: list[str] = PLAIN + ODD, most: int = 14) -> str:
    """The body of a plan: some lines, with a few characters put in or taken out."""
    text = "\n".join(draw(st.lists(st.sampled_from(lines), max_size=most)))
    for place, mark in draw(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["", *MARKS])), max_size=2)):
        at = min(place, len(text))
        text = text[:at] + mark + text[at + (not mark) :]
    return text.replace("\r", "\n")


def plans() -> st.SearchStrategy[bytes]:
    """Whole plans that mostly have no errors, in several encodings of the same text."""
    body = st.lists(st.sampled_from(PLAIN), max_size=14).map("\n".join)
    ending = st.sampled_from(["\n", "\r\n", "\r"])
    mark = st.sampled_from(["", "\ufeff"])
    return st.builds(lambda m, b, e: (m + (TEAM + b).replace("\n", e)).encode(), mark, body, ending)
