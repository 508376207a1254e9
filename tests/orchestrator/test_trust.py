"""What a plan can run or reach counts only as a person approved it, and not a byte different."""

from pathlib import Path

import pytest

from tests.helpers.repositories import write
from tests.helpers.scenes import PAGE, PLAN, Scene, local

COMMAND = "  - `$ touch ran; test -e go` passes\n"
RUNS = PLAN.replace("  - `index.html` contains `<ul`\n", "  - `index.html` contains `<ul`\n" + COMMAND)
PLUGIN = '''
from collections.abc import Iterator
from checkpoint.validator import Artifact, Finding, validator

open("MARKER", "w").close()

@validator("shouts")
def shouts(artifact: Artifact) -> Iterator[Finding]:
    """The text shouts."""
    if "!" not in artifact.text():
        yield Finding("a shout", "a whisper", artifact.path, "shout")
'''


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = local(tmp_path, RUNS)
    made.deliver(PAGE | {"out/frontend/go": "x"})
    return made


def has_run(scene: Scene) -> bool:
    return (scene.work / "out/frontend/ran").exists()


def test_what_nobody_approved_is_never_run(scene: Scene) -> None:
    scene.now()
    assert not has_run(scene)
    assert [each.outcome for each in scene.task("F1").verdicts] == ["passed", "untrusted"]
    assert "a person reads and approves the plan's commands: `checkpoint approve`" in scene.plan
    assert (scene.task("F1").state, scene.last and scene.last.report.count.failing) == ("unapproved", 0)
    assert "| blocked | unapproved |" in scene.plan
    assert "1 unapproved**" in scene.plan
    assert scene.now().result == "unchanged"


def test_approved_it_runs(scene: Scene) -> None:
    scene.approve()
    scene.now()
    assert has_run(scene)
    assert scene.task("F1").state == "verified"
    assert "unapproved" not in scene.plan


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("test -e go`", "test -e g`"),
        ("go` passes", "go` passes within 5s"),
        ("- folder: `out/frontend`", "- folder: `out/fronten`"),
        ("## Team: frontend", "## Team: others"),
    ],
)
def test_one_byte_different_it_is_not_approved_any_more(scene: Scene, old: str, new: str) -> None:
    scene.approve()
    scene.edit(old, new)
    scene.now()
    assert not has_run(scene)
    assert scene.task("F1").verdicts[1].outcome == "untrusted"


def test_an_approval_is_for_one_repository_alone(scene: Scene, tmp_path: Path) -> None:
    scene.approve()
    (tmp_path / "other").mkdir()
    other = local(tmp_path / "other", RUNS)
    other.now()
    assert other.task("F1").verdicts[1].outcome == "untrusted"


def test_a_folder_whose_name_says_that_it_is_of_a_branch_is_another(tmp_path: Path) -> None:
    place = "- folder: `out/frontend`"
    scene = local(tmp_path, RUNS.replace(place, f"{place}\n- ref: `main`"))
    scene.approve()
    scene.edit(f"{place}\n- ref: `main`", "- folder: `out/frontend of main`")
    write(scene.work, {"out/frontend of main/index.html": "<ul>", "out/frontend of main/go": "x"})
    scene.now()
    assert [each.outcome for each in scene.task("F1").verdicts] == ["passed", "untrusted"]
    assert not (scene.work / "out/frontend of main/ran").exists()
    scene.approve()
    scene.now()
    assert (scene.work / "out/frontend of main/ran").exists()


def test_what_is_to_be_approved_is_shown_as_it_stands(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS.replace("touch ran", "touch\u00a0ran\u202e\u200b"))
    assert "`$ touch\\xa0ran\\u202e\\u200b; test" in scene.run("approve").out
    write(scene.work, {"plan.md": PLAN.replace("contains `<ul`", "shouts")})
    write(scene.work, {"validators/shouts.py": PLUGIN.replace("a whisper", "a\u202ewhisper")})
    assert '"a\\u202ewhisper"' in scene.run("approve").out


def test_no_line_of_ours_is_turned_round(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("Show the books", "Show \u202ethe\u2066 books"))
    taken = scene.now().report
    assert "Show \u202ethe\u2066 books" in {task.title for team in taken.teams for task in team.tasks}
    told = "".join(scene.run(*words).out for words in (("status",), ("status", "--json"), ("next",), ("check",)))
    assert "Show \\u202ethe\\u2066 books" in told
    assert not set("\u202e\u2066") & set(told)


def test_check_runs_nothing_unapproved_either(scene: Scene) -> None:
    assert scene.run("check", "F1").status == 5
    assert not has_run(scene)


def test_a_plug_in_of_the_repository_runs_once_approved_and_as_approved(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("`index.html` contains `<ul`", "`index.html` shouts"))
    marker = tmp_path / "imported"
    scene.deliver(
        {"out/frontend/index.html": "Books!\n", "validators/shouts.py": PLUGIN.replace("MARKER", str(marker))}
    )
    scene.now()
    assert (scene.task("F1").verdicts[0].outcome, marker.exists()) == ("untrusted", False)
    scene.approve()
    scene.now()
    assert (scene.task("F1").state, marker.exists()) == ("verified", True)
    marker.unlink()
    with (scene.work / "validators/shouts.py").open("a") as file:
        file.write("#")
    scene.now()
    assert (scene.task("F1").verdicts[0].outcome, marker.exists()) == ("untrusted", False)


def test_a_template_of_the_repository_counts_once_approved(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.deliver({"templates/status.md.j2": "All of it: {{ headline }}\n"})
    scene.now()
    assert "All of it" not in scene.plan
    scene.approve()
    scene.now()
    assert "All of it: backend 0/2" in scene.plan


def test_a_template_that_cannot_be_rendered_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.deliver({"templates/status.md.j2": "{{ nothing.like.it }}\n"})
    scene.approve()
    ran = scene.run("now")
    assert (ran.status, scene.commits) == (3, 1)
    assert "templates/status.md.j2" in ran.err


def test_a_template_cannot_tick_a_box_or_add_a_task(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.deliver({"templates/next.md.j2": "- [x] **F9** All done\n"})
    scene.approve()
    ran = scene.run("now")
    assert (ran.status, scene.commits) == (3, 1)
    assert "the repository's templates break the plan" in ran.err


@pytest.mark.parametrize("folder", ["{outside}", "../elsewhere"])
def test_a_folder_outside_of_the_repository_is_looked_at_once_approved(tmp_path: Path, folder: str) -> None:
    place = folder.format(outside=tmp_path / "elsewhere")
    scene = local(tmp_path, PLAN.replace("out/frontend", place))
    write(tmp_path / "elsewhere", {"index.html": "<ul>\n"})
    scene.now()
    assert scene.task("F1").verdicts[0].outcome == "untrusted"
    scene.approve()
    scene.now()
    assert scene.task("F1").state == "verified"


def test_what_others_write_between_the_markers_is_overwritten_and_believed_by_nobody(tmp_path: Path) -> None:
    scene = local(tmp_path)
    honest = scene.now()
    forged = scene.plan.replace("**backend 0/2, frontend 0/2", "**backend 2/2, frontend 2/2").replace("[ ]", "[x]")
    scene.commit({"plan.md": forged + "\n"}, "Say that all is done")
    taken = scene.now()
    assert taken.report.count.verified == honest.report.count.verified == 0
    assert taken.report.count.false_claims == 3
    assert "**backend 0/2, frontend 1/2, 2 missing, 1 blocked, 3 false claims**" in scene.plan


def test_a_plug_in_cannot_take_the_name_of_a_validator_of_ours(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.deliver({"validators/contains.py": PLUGIN.replace('"shouts"', '"contains"'), **PAGE})
    scene.now()
    assert scene.task("F1").state == "verified"
    scene.approve()
    scene.now()
    assert [each.outcome for each in scene.task("F1").verdicts] == ["error"]
