"""Plans that are damaged, or are not where they should be."""

import os
from collections.abc import Callable, Iterable

from benchmarks.torture.inputs_case import Case
from benchmarks.torture.inputs_stage import HEAD, HEALTHY, PLAN, Ran, Stage, section
from tests.helpers.repositories import Content

_NEXT = "<!-- checkpoint:next bad -->\n"
_END = "<!-- /checkpoint:next -->\n"
_STATUS = "<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n"
_EXAMPLE = "```markdown\n<!-- checkpoint:status -->\nan example\n<!-- /checkpoint:status -->\n```\n"
_CONFLICT = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n"
_MISSING = (("X-bad", "missing"),)


def as_it_is(stage: Stage) -> None:
    """The plan is what is odd."""


def _holds(*parts: bytes) -> Callable[[Stage, Ran], Iterable[str]]:
    """Those bytes stand in the published plan as they stood there before."""

    def also(stage: Stage, ran: Ran) -> Iterable[str]:
        plan = stage.plan() or b""
        yield from (f"the plan has lost {part!r}" for part in parts if plan.count(part) < stage.begun.count(part))

    return also


def _only_crlf(stage: Stage, ran: Ran) -> Iterable[str]:
    plan = stage.plan() or b""
    if plan.count(b"\n") != plan.count(b"\r\n"):
        yield "line ends are mixed"
    if plan.count(b"\n") <= stage.begun.count(b"\n"):
        yield "no block was written"


def _byte_order_mark(stage: Stage, ran: Ran) -> Iterable[str]:
    if (stage.plan() or b"").count("\ufeff".encode()) != 1 or not (stage.plan() or b"").startswith("\ufeff".encode()):
        yield "the byte order mark is gone, or not at the beginning"


def _is_told(line: int) -> tuple[str, ...]:
    """A block that is not written is named with its line."""
    return (f"plan.md:{line}:", "not written")


def _linked(stage: Stage) -> None:
    """The plan becomes a link to a file outside, in a commit that is pushed."""
    (stage.work / "plan.md").unlink()
    (stage.work / "plan.md").symlink_to(stage.outside / "secret.txt")
    stage.git("commit", "-qam", "Link the plan")
    stage.git("push", "-q")


def _folder_linked(stage: Stage) -> None:
    """A folder on the plan's path becomes a link to one outside."""
    stage.env["CHECKPOINT_PLAN"] = "docs/plan.md"
    stage.commit({"docs/plan.md": stage.begun})
    stage.git("rm", "-q", "docs/plan.md")
    (stage.work / "docs").symlink_to(stage.outside)
    (stage.outside / "plan.md").write_bytes(stage.begun)
    stage.git("add", "docs")
    stage.git("commit", "-qm", "Link the folder")
    stage.git("push", "-q")


def _removed(stage: Stage) -> None:
    stage.git("rm", "-q", "plan.md")
    stage.git("commit", "-qm", "Remove the plan")
    stage.git("push", "-q")


def _renamed(stage: Stage) -> None:
    stage.git("mv", "plan.md", "PLAN-2.md")
    stage.git("commit", "-qm", "Rename the plan")
    stage.git("push", "-q")


def _gone(stage: Stage, ran: Ran) -> Iterable[str]:
    if stage.plan() is not None:
        yield "the plan is back"


def _twin(name: bytes, other: bytes) -> Callable[[Stage], None]:
    """Two names in the team's folder that are one on other machines, put into a tree without a work tree's help."""

    def build(stage: Stage) -> None:
        blob = stage.git("hash-object", "-w", "plan.md")
        for each in (name, other):
            stage.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{os.fsdecode(each)}")
        stage.git("commit", "-qm", "Add twins")

    return build


def _refused(row: str, name: str, plan: Content, *says: str, short: bool = False) -> Case:
    return Case(row, name, as_it_is, 3, False, ("plan.md", *says), plan=plan, short=short)


_END_LINE = PLAN.count("\n") + 1
"""The line after the last one."""
_LINT = ("lint", "--json")
_UNCLOSED = PLAN.replace(_NEXT + _END, _NEXT, 1)
_TWICE = PLAN.replace(_STATUS, _STATUS + "\n" + _STATUS, 1)


def _line(text: str, part: str, number: int = 1) -> int:
    """The line in which a part stands for that time."""
    place = -1
    for _ in range(number):
        place = text.index(part, place + 1)
    return text.count("\n", 0, place) + 1


CASES = (
    Case(
        "1",
        "a block that is not closed",
        as_it_is,
        says=_is_told(_line(_UNCLOSED, _NEXT)),
        states=_MISSING,
        plan=_UNCLOSED,
        also=_holds(b"## Team: healthy", b"- folder: `out/healthy`"),
        short=True,
    ),
    Case(
        "1",
        "a block that is not closed, in lint",
        as_it_is,
        3,
        False,
        ("block-unclosed",),
        plan=_UNCLOSED,
        words=_LINT,
    ),
    Case(
        "2",
        "markers in a code fence",
        as_it_is,
        plan=PLAN.replace("## Team: bad", _EXAMPLE + "\n## Team: bad", 1),
        also=_holds(_EXAMPLE.encode()),
        states=_MISSING,
    ),
    Case(
        "3",
        "a block that stands twice",
        as_it_is,
        says=_is_told(_line(_TWICE, _STATUS, 2)),
        states=_MISSING,
        plan=_TWICE,
        also=_holds(_STATUS.encode() + b"\n" + _STATUS.encode()),
    ),
    _refused("4", "conflict markers in the plan", PLAN + _CONFLICT, f":{_END_LINE}:", "<<<<<<<"),
    Case("5", "a plan with CRLF", as_it_is, plan=PLAN.replace("\n", "\r\n"), also=_only_crlf, states=_MISSING),
    _refused("6", "a plan in Latin-1", PLAN.encode() + b"Caf\xe9\n", f"{_END_LINE}:4", "0xe9", "UTF-8"),
    _refused("6", "a NUL in the plan", PLAN.encode() + b"a\0b\n", f"{_END_LINE}:2", "U+0000"),
    Case("6", "a byte order mark", as_it_is, plan="\ufeff" + PLAN, also=_byte_order_mark, states=_MISSING),
    Case("7", "the plan is a link", _linked, 6, False, ("plan.md is a link", "regular file"), short=True),
    Case("7", "the plan's folder is a link", _folder_linked, 6, False, ("docs/plan.md is a link", "regular file")),
    Case("8", "the plan was removed", _removed, 6, False, ("plan.md", "Ada Lovelace", "Remove the plan"), also=_gone),
    Case("8", "the plan was renamed", _renamed, 6, False, ("plan.md", "Ada Lovelace", "Rename the plan"), also=_gone),
    Case(
        "18",
        "a pattern that RE2 does not know, in lint",
        as_it_is,
        3,
        False,
        ("is not a regular expression of RE2",),
        plan=HEAD + section("bad", "`a.txt` matches `(?<=x)y`") + HEALTHY,
        words=_LINT,
    ),
    Case(
        "30+",
        "names in one tree that differ in case",
        _twin(b"out/bad/Report.md", b"out/bad/report.md"),
        3,
        False,
        ("out/bad/report.md", "out/bad/Report.md", "rename"),
        words=_LINT,
    ),
    Case(
        "30+",
        "a plan beside one whose name differs in case",
        _twin(b"Plan.md", b"other.md"),
        3,
        False,
        ("Plan.md", "plan.md", "rename"),
        words=_LINT,
    ),
    Case(
        "30+",
        "names in one tree that differ in how an accent is encoded",
        _twin("out/bad/caf\u00e9.md".encode(), "out/bad/cafe\u0301.md".encode()),
        3,
        False,
        ("out/bad/caf", "rename"),
        words=_LINT,
    ),
)
