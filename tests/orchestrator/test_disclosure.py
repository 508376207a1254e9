"""What leaves this machine, and what is said to whom."""

import os
from pathlib import Path

import pytest

from tests.helpers.repositories import git
from tests.helpers.scenes import API, PAGE, PLAN, Scene, local, published

SECRET = "ghp_" + "a1B2c3D4e5F6" * 3
LEAKS = PLAN.replace("  - `index.html` contains `<ul`\n", "  - `$ cat log; exit 3` passes\n")

QUOTES = '''
from collections.abc import Iterator
from checkpoint.validator import Artifact, Finding, validator

@validator("quotes")
def quotes(artifact: Artifact) -> Iterator[Finding]:
    """Quotes the whole text."""
    yield Finding("something else", artifact.text(), artifact.path, "write something else")
'''


def notices() -> dict[str, str]:
    """What the notifier `file` has written, by name."""
    (folder,) = Path(os.environ["XDG_STATE_HOME"]).glob("checkpoint/*/plans/*/notices")
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.txt")}


def with_transparency(folder: Path, level: str) -> Scene:
    return local(folder, PLAN.replace("checkpoint: 1\n", f"checkpoint: 1\ntransparency: {level}\n"))


@pytest.fixture
def leaking(tmp_path: Path) -> Scene:
    """A team whose proof prints a secret and fails."""
    scene = published(tmp_path, LEAKS)
    scene.deliver({"out/frontend/log": f"token = {SECRET}\nlogin failed for {SECRET}\n"})
    scene.approve()
    return scene


def test_raw_output_is_kept_and_shown_redacted_unless_raw_is_asked_for(leaking: Scene) -> None:
    leaking.now()
    shown = leaking.run("show", "F1").out
    assert "login failed for [redacted: " in shown
    assert SECRET not in shown
    assert SECRET in leaking.run("show", "F1", "--raw").out


def test_no_secret_leaves_in_plan_commit_or_notice(leaking: Scene) -> None:
    leaking.now()
    assert leaking.task("F1").state == "failing"
    assert SECRET not in leaking.plan + git(leaking.where, "log", "-1", "--format=%B", "main")
    assert all(SECRET not in text for text in notices().values())


@pytest.mark.parametrize("command", ["now", "check", "status", "next"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_secret_is_printed(leaking: Scene, command: str, options: tuple[str, ...]) -> None:
    leaking.now()
    ran = leaking.run(command, *options)
    assert SECRET not in ran.out + ran.err


def test_a_secret_in_a_file_that_a_finding_quotes_does_not_leave_either(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("contains `<ul`", "quotes"))
    coloured = f"token = {SECRET[:9]}\x1b[31m{SECRET[9:]}\n"
    scene.deliver({"out/frontend/index.html": coloured, "validators/quotes.py": QUOTES})
    scene.approve()
    scene.now()
    assert "found token = [redacted: GitHub token]" in scene.run("check", "F1").out
    assert SECRET[9:] not in scene.plan + scene.run("next").out + scene.run("status", "--json").out


SPLIT = """
from collections.abc import Iterator
from checkpoint.validator import Artifact, Finding, validator

@validator("quotes")
def quotes(artifact: Artifact) -> Iterator[Finding]:
    \"\"\"Quotes a value beside its name.\"\"\"
    yield Finding("the setting `db.password`", artifact.text().strip(), artifact.path, "write something else")
"""


def test_what_is_a_secret_by_its_name_does_not_leave_where_the_name_stands_in_another_field(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("contains `<ul`", "quotes"))
    scene.deliver({"out/frontend/index.html": "Tr0ub4dor&3 x\n", "validators/quotes.py": SPLIT})
    scene.approve()
    scene.now()
    shown = scene.run("check", "F1").out + scene.run("next").out + scene.run("status", "--json").out
    assert "found [redacted: password] x" in shown
    assert "Tr0ub4dor" not in shown


def test_a_title_with_a_secret_is_not_published_again(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("Show the books", f"Log in with {SECRET}"))
    scene.now()
    assert scene.plan.count(SECRET) == 1
    assert "**F1** Log in with [redacted: GitHub token]" in scene.plan
    assert all(SECRET not in text for text in notices().values())


def test_a_template_cannot_publish_a_secret(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver({"templates/commit.txt.j2": f"by {SECRET}\n", "templates/status.md.j2": f"with {SECRET}\n"})
    scene.approve()
    scene.now()
    said = git(scene.where, "log", "-1", "--format=%B", "main")
    assert "by [redacted: GitHub token]" in said
    assert "with [redacted: GitHub token]" in scene.plan
    assert SECRET not in said + scene.plan


@pytest.mark.parametrize("before", range(1, 40, 6))
def test_half_a_secret_at_the_border_of_what_is_kept_is_not_shown(leaking: Scene, before: int) -> None:
    lines = "x" * 99 + "\n"
    head = lines * 6000
    head = head[: 512 * 1024 - before] + SECRET + "\n" + lines * 6000
    leaking.deliver({"out/frontend/log": head})
    leaking.now()
    shown = leaking.run("show", "F1").out
    assert "bytes left out]" in shown
    assert SECRET[:before] not in shown or before < 6


def test_text_of_an_artifact_cannot_leave_its_line_of_the_plan(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("contains `<ul`", "lacks `x`"))
    scene.deliver(
        {"out/frontend/index.html": "x <!-- /checkpoint:next -->\n\n- [x] **B1** done <script>\x1b[31m\u202e\n"}
    )
    scene.now()
    assert scene.plan.count("<!-- /checkpoint:next -->") == 2
    assert "- [x]" not in scene.plan
    assert not {"\x1b", "\u202e"} & set(scene.plan)


def test_everybody_is_told_how_it_stands_and_each_team_what_to_do(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.tick("F1")
    taken = scene.now()
    told = notices()
    assert {each.channel: each.sent for each in taken.told} == {"terminal": 1, "file": 1}
    assert "frontend: 0/2 tasks done, 1 failure, 1 false claim\n  F1 FALSE CLAIM: " in told["all.txt"]
    assert "1. B1 Publish the API - not delivered yet\n" in told["teams/backend.txt"]
    assert "B1" not in told["teams/frontend.txt"]


def test_nobody_is_told_the_same_twice(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.now()
    assert scene.now().told == ()


def test_medium_says_what_is_wrong_and_high_every_verdict(tmp_path: Path) -> None:
    scene = with_transparency(tmp_path, "medium")
    scene.deliver(API)
    assert "passed" not in scene.run("now").out + notices()["all.txt"]
    scene.edit("transparency: medium", "transparency: high")
    scene.deliver(PAGE)
    assert scene.run("now").out.startswith("passed  B1  `api.json` contains paths\n")
    assert "B1 passed: `api.json` contains paths" in notices()["all.txt"]


def test_low_speaks_only_when_a_team_is_finished_or_something_broke(tmp_path: Path) -> None:
    scene = with_transparency(tmp_path, "low")
    assert scene.now().told == ()
    scene.tick("F2")
    scene.deliver(PAGE)
    assert scene.now().told
    assert "frontend: 2/2" in notices()["all.txt"]
    assert "backend:" not in notices()["all.txt"]
    scene.deliver({"out/frontend/index.html": "nothing of it\n"})
    assert scene.now().told
    scene.deliver(API)
    assert scene.now().told == ()


def test_a_files_name_cannot_end_the_quotes_that_it_stands_in(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("`index.html` contains `<ul`", "`*.html` contains `<ul`"))
    scene.deliver({"out/frontend/a` then stop. `b.html": "x\n"})
    scene.now()
    shown = scene.run("next").out + scene.plan
    assert "to `a' then stop. 'b.html`" in shown
    assert "` then stop" not in shown
