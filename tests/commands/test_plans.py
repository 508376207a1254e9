"""`init`, `lint`, `validators`, `approve` and `doctor`: before a checkpoint is taken."""

from pathlib import Path

import msgspec
import pytest

from checkpoint.documents import Doctor
from checkpoint.place import Place
from checkpoint.resources import example_plan
from checkpoint.store import Store
from tests.helpers.repositories import git, make_repository
from tests.helpers.scenes import PLAN, Scene, checkpoint, local, published

RUNS = PLAN.replace("`index.html` contains `<ul`", "`$ make test` passes within 5s")


@pytest.fixture
def bare(tmp_path: Path) -> Scene:
    """A repository without a plan."""
    return Scene(make_repository(tmp_path / "work", {"README": "Words.\n"}))


def test_init_puts_the_example_there_which_has_nothing_wrong(bare: Scene) -> None:
    assert bare.json("init").plan == "plan.md"
    assert (bare.work / "plan.md").read_text() == example_plan()
    assert bare.json("lint").problems == ()
    assert bare.run("lint").out == "plan.md: nothing wrong\n"


def test_init_never_overwrites(bare: Scene) -> None:
    bare.deliver({"plan.md": "mine\n"})
    ran = bare.run("init")
    assert (ran.status, ran.out) == (64, "")
    assert (bare.work / "plan.md").read_text() == "mine\n"


def test_init_makes_the_folder_of_another_plan(bare: Scene) -> None:
    assert bare.run("init", "--plan", "plans/shop.md").status == 0
    assert (bare.work / "plans/shop.md").exists()


def test_what_init_makes_can_be_committed_and_checked_at_once(bare: Scene) -> None:
    bare.run("init")
    git(bare.work, "add", "plan.md")
    git(bare.work, "commit", "-qm", "Plan")
    assert bare.now().result == "published"


def test_lint_names_every_problem_with_line_column_and_mend(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("**B2**", "**B1**").replace("contains `<ul`", "contian `<ul`"))
    ran = scene.run("lint")
    assert ran.status == 3
    assert "plan.md:13:4: error: task `B1` a second time" in ran.out
    assert "there is no validator `contian`" in ran.out
    assert "    → did you mean `contains` or " in ran.out
    lines = [(each.line, each.severity) for each in scene.json("lint", status=3).problems]
    assert lines == sorted(lines)


def test_lint_warns_of_the_vacuous_and_ends_with_3_only_if_strict(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("`index.html` contains `<ul`", "`$ true` passes"))
    assert scene.run("lint").status == 0
    assert [each.severity for each in scene.json("lint", "--strict", status=3).problems] == ["warning"]


def test_lint_names_tasks_that_wait_for_each_other(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("Publish the API", "Publish the API (after B2)"))
    assert "B1 after B2 after B1" in scene.run("lint").out
    assert (scene.run("now").status, scene.commits) == (3, 1)


def test_validators_lists_all_and_explains_one(tmp_path: Path) -> None:
    listed = checkpoint("validators", "-C", str(tmp_path)).out
    assert {"exists", "contains", "command"} <= {line.split()[0] for line in listed.splitlines() if line}
    explained = checkpoint("validators", "contains").out
    assert "examples:\n  - " in explained
    assert "from: built in" in explained
    assert checkpoint("validators", "contians").status == 64


def test_validators_as_a_document(tmp_path: Path) -> None:
    found = local(tmp_path).json("validators").validators
    assert [each.name for each in found] == sorted(each.name for each in found)
    assert all(each.examples and each.summary for each in found)


def test_approve_shows_the_whole_command_and_approves_exactly_that(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS)
    shown = scene.json("approve", status=5)
    assert [(item.kind, item.text, item.approved) for item in shown.items] == [
        ("command", "in out/frontend: make test", False)
    ]
    ran = scene.run("approve")
    assert ran.status == 5
    assert "new       command   frontend: `$ make test` passes within 5s" in ran.out
    assert ran.out.endswith(f"To approve exactly these: checkpoint approve {shown.digest}\n")
    assert scene.run("approve", shown.digest).status == 0
    assert scene.json("approve").approved


def test_approve_refuses_the_digest_of_something_else(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS)
    digest = scene.json("approve", status=5).digest
    scene.edit("make test", "make tests")
    ran = scene.run("approve", digest)
    assert ran.status == 5
    assert f"error: {digest} is not what the plan would run" in ran.err
    assert not scene.json("approve", status=5).approved


def test_a_plan_that_runs_nothing_needs_no_approval(tmp_path: Path) -> None:
    scene = local(tmp_path)
    assert "nothing needs an approval" in scene.run("approve").out
    assert scene.json("approve").items == ()


def diagnosed(document: Doctor) -> dict[str, str]:
    return {each.name: each.state for each in document.diagnoses}


def test_doctor_finds_nothing_wrong_where_nothing_is(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    assert set(diagnosed(scene.json("doctor")).values()) == {"ok"}
    assert scene.run("doctor", "--quiet").out == ""


def test_doctor_names_what_is_wrong_with_its_mend_and_ends_with_6(tmp_path: Path) -> None:
    scene = published(tmp_path, RUNS.replace("**B2**", "**B1**"))
    git(scene.work, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    found = scene.json("doctor", status=6)
    assert {name for name, state in diagnosed(found).items() if state == "wrong"} == {
        "plan",
        "remote",
        "approvals",
        "schedule",
    }
    assert all(each.mend for each in found.diagnoses if each.state != "ok")
    assert "→ checkpoint lint" in scene.run("doctor").out


def test_doctor_says_once_that_there_is_no_plan(bare: Scene) -> None:
    found = {each.name: each for each in bare.json("doctor", status=6).diagnoses}
    assert found["plan"].found.startswith("there is no plan at plan.md")
    assert (found["checkout"].state, found["checkout"].found) == ("warning", "on main, without plan.md")
    assert {found[name].mend for name in ("approvals", "sandbox", "notifiers", "schedule")} == {"mend the plan first"}


def test_doctor_says_who_tells_what_a_person_has_to_do(tmp_path: Path) -> None:
    scene = published(tmp_path)
    hook = scene.where / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch hook declined >&2\nexit 1\n")
    hook.chmod(0o755)
    assert scene.run("now").status == 6
    (last,) = [each for each in scene.json("doctor").diagnoses if each.name == "last run"]
    assert last.mend.startswith("checkpoint now, which says")


def test_doctor_warns_of_what_a_checkpoint_does_not_see(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS)
    scene.deliver({"plan.md": RUNS + "\nMore.\n"})
    states = diagnosed(scene.json("doctor"))
    assert {name for name, state in states.items() if state == "warning"} == {"remote", "checkout", "approvals"}


def test_doctor_warns_where_what_is_published_has_moved_on(tmp_path: Path) -> None:
    scene = published(tmp_path)
    git(scene.work, "checkout", "-q", "--detach")
    assert diagnosed(scene.json("doctor", status=6))["remote"] == "wrong"


def test_doctor_warns_of_a_channel_that_fails_and_of_a_slot_that_was_missed(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    scene.now()
    with Store(Place(str(scene.work), None).store_folder) as store:
        store.outbox.degrade("file", "the disk is full", 1.0)
        run = store.journal.last()
        assert run
        store.journal.finish(msgspec.structs.replace(run, started=0.0))
    diagnoses = {each.name: each for each in scene.json("doctor").diagnoses}
    assert diagnoses["notifiers"].found == "degraded: file: the disk is full"
    assert diagnoses["schedule"].found.startswith("0 * * * * (UTC): the checkpoint of cron:")


def test_doctor_warns_of_a_notifier_that_the_plan_names_and_nobody_has(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", "checkpoint: 1\nnotify: [slak]"))
    diagnoses = {each.name: each for each in scene.json("doctor").diagnoses}
    assert diagnoses["notifiers"].found == "plan.md names slak, and yours are terminal, file"
