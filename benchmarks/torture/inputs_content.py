"""What teams deliver in files: text that acts, documents that grow or mean two things, secrets."""

from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.torture.inputs_case import Delivery
from benchmarks.torture.inputs_stage import Ran, Stage
from checkpoint.plan.parse import parse
from tests.helpers.repositories import Content

ACTING = "a <!-- /checkpoint:next --> ``` \\1 C:\\Users\\x - [x] **H1** ## Team: evil <!-- checkpoint:status -->"
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
_ACTING_IN_XML = ACTING.replace("<", "&lt;").replace(">", "&gt;")
_LEAKING = f"{SECRET} &lt;!channel&gt; \u009b31m"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
_SCHEMA = '{"properties": {"country": {"type": "string"}}, "required": ["country"]}'


def _file(name: str, content: Content) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content

    def make(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return make


def _failed(name: str) -> str:
    return f'<testsuite><testcase name="{name}"><failure/></testcase></testsuite>'


def _still_the_same_plan(stage: Stage, ran: Ran) -> Iterable[str]:
    """The plan that is published has the teams, tasks, blocks and boxes that it had, and no mistake."""
    before, after = (parse(each) for each in (stage.begun, stage.plan() or b""))
    if [team.name for team in after.teams] != [team.name for team in before.teams]:
        yield "the plan has other teams than before"
    if list(after.tasks) != list(before.tasks) or after.problems:
        yield "the plan has other tasks than before, or mistakes"
    if len(after.blocks) != len(before.blocks):
        yield "the plan has other blocks than before"
    ticked = [name for name, task in after.tasks.items() if task.ticked and name not in ("H1", *_verified(ran))]
    yield from (f"{name} was ticked" for name in ticked)


def _verified(ran: Ran) -> list[str]:
    teams = ran.document.get("report", {}).get("teams", ()) if isinstance(ran.document, dict) else ()
    return [task["id"] for team in teams for task in team["tasks"] if task["state"] == "verified"]


def _nothing_leaked(stage: Stage, ran: Ran) -> Iterable[str]:
    """Neither the plan nor a notice nor what is printed holds the secret, or a byte that acts on a terminal."""
    notices = [path.read_text(errors="replace") for path in stage.notices.rglob("*") if path.is_file()]
    shown = {"the plan": (stage.plan() or b"").decode(), "a notice": "\n".join(notices), "the output": ran.out}
    for where, text in shown.items():
        if SECRET in text:
            yield f"the secret stands in {where}"
        if "\x1b" in text or "\u009b" in text:
            yield f"an escape stands in {where}"


def _parses(row: str, name: str, file: str, content: Content, *says: str) -> Delivery:
    return Delivery(row, name, (f"`{file}` parses",), _file(file, content), says=(file, *says))


DELIVERIES = (
    Delivery(
        "9",
        "a test's name that closes a block, ticks a box and begins a team",
        ("`report.xml` junit",),
        _file("report.xml", _failed(_ACTING_IN_XML)),
        says=("a failure", "C:\\Users"),
        also=_still_the_same_plan,
    ),
    _parses("15", "JSON nested 200,000 deep", "a.json", "[" * 200_000 + "]" * 200_000, "nesting that is too deep"),
    _parses("15", "a number with 200,000 digits", "b.json", "[" + "9" * 200_000 + "]", "thousands of digits"),
    _parses("15", "NaN in JSON", "c.json", '{"a": NaN}', "NaN"),
    _parses("15", "a name twice in JSON", "d.json", '{"a": 1, "a": 2}', "the name `a` twice"),
    _parses("15", "JSON with a byte order mark", "e.json", "\ufeff{}", "a byte order mark"),
    _parses("16", "YAML whose aliases multiply", "a.yaml", _ALIASES, "250,000 values"),
    _parses("16", "YAML that makes an object of Python", "b.yaml", "!!python/object/apply:os.system [id]\n", "tag"),
    Delivery(
        "16",
        "`no` in YAML, where a word is expected",
        ("`country.yaml` json-schema `schemas/country.json`",),
        _file("country.yaml", "country: no\n"),
        "verified",
        shared=(("schemas/country.json", _SCHEMA),),
    ),
    Delivery(
        "17",
        "a JUnit report of a billion laughs",
        ("`laughs.xml` junit",),
        _file("laughs.xml", f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]><testsuite><testcase name="&l9;"/></testsuite>'),
        says=("laughs.xml", "a document type"),
    ),
    Delivery(
        "18",
        "a pattern that takes for ever",
        ("`a.txt` matches `^(a+)+$`",),
        _file("a.txt", "a" * 60 + "!"),
        says=("`^(a+)+$`",),
    ),
    Delivery(
        "18",
        "a pattern that only other engines know",
        ("`a.txt` matches `(?=x)x`",),
        _file("a.txt", "x"),
        says=("is not a regular expression of RE2",),
    ),
    Delivery(
        "30",
        "a secret, an escape and <!channel> in a test's name",
        ("`leak.xml` junit",),
        _file("leak.xml", _failed(_LEAKING)),
        says=("a failure",),
        also=_nothing_leaked,
    ),
)
