"""Commands of a plan in the sandbox of whoever runs the checkpoint."""

import os
from pathlib import Path

import pytest

from tests.helpers.repositories import commit, git
from tests.helpers.sandboxes import DEEP, needs_layers, needs_sandbox
from tests.helpers.scenes import API, PAGE, PLAN, Scene, local


def scene_of(folder: Path, *expectations: str, plan: str = PLAN) -> Scene:
    """A repository whose task F1 expects these, approved."""
    scene = local(folder, plan.replace("`index.html` contains `<ul`", "\n  - ".join(expectations)))
    scene.deliver(PAGE)
    scene.approve()
    return scene


def outcomes(scene: Scene) -> list[str]:
    scene.now()
    return [each.outcome for each in scene.task("F1").verdicts]


def evidence(scene: Scene, name: str = "sandbox") -> str:
    """What stands behind the first verdict of F1, under that name."""
    found: str = scene.json("show", "F1").evidence[0].output.get(name, "")
    return found


@pytest.fixture(autouse=True)
def wanted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox is asked for; what cannot have one is an error."""
    monkeypatch.setenv("CHECKPOINT_SANDBOX", "on")


@needs_layers
def test_what_a_command_writes_is_thrown_away_and_named(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ touch made; echo x >> ../../plan.md` passes", "`$ test -e made` passes")
    before = scene.plan
    assert outcomes(scene) == ["passed", "passed"]
    assert not list(scene.work.rglob("made"))
    assert (scene.work / "plan.md").read_text().strip() == scene.plan != before
    assert "no network, an empty home" in evidence(scene)
    assert "thrown away: out/frontend/made, plan.md" in evidence(scene)


@needs_layers
def test_of_many_files_that_a_command_writes_the_folders_are_named(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ mkdir -p target/deep && touch a target/deep/$(seq -s ' target/deep/' 30)` passes")
    assert outcomes(scene) == ["passed"]
    assert evidence(scene).endswith("thrown away: out/frontend/a, out/frontend/target/\n")


@needs_layers
@pytest.mark.parametrize("how", ["exists", "parses"])
def test_a_report_that_was_thrown_away_is_missing_for_that_reason(tmp_path: Path, how: str) -> None:
    writes = "`$ mkdir build; echo '{}' > build/report.json` passes"
    scene = scene_of(tmp_path, writes, f"`build/report.json` {how}", "`other.json` exists")
    assert outcomes(scene) == ["passed", "missing", "missing"]
    report, other = (each.findings[0].action for each in scene.task("F1").verdicts[1:])
    assert report == "deliver `build/report.json`: a command wrote it in its sandbox, where nothing is kept"
    assert other == "deliver `other.json`"


@needs_layers
def test_git_finds_its_repository_from_a_folder_that_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX_WRITABLE", "out/frontend, nowhere")
    scene = scene_of(tmp_path, "`$ git log -1 && touch kept` passes")
    assert outcomes(scene) == ["passed"]
    assert (scene.work / "out/frontend/kept").exists()
    assert evidence(scene).splitlines()[0].endswith("is thrown away afterwards, except in out/frontend")


@needs_layers
def test_nothing_of_a_run_is_left_for_the_next(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ ! test -e made && touch made` passes")
    assert outcomes(scene) == ["passed"]
    assert outcomes(scene) == ["passed"]


@needs_layers
def test_what_a_command_leaves_behind_fails_no_checkpoint(tmp_path: Path) -> None:
    left = "touch $(printf 'a\\033[31m\\377'); mkdir -m 0 shut"
    scene = scene_of(tmp_path, f"`$ {left}; {DEEP}` passes")
    assert outcomes(scene) == ["passed"]
    assert f"thrown away: out/frontend/a[31m{chr(10)}" in evidence(scene)


@needs_layers
def test_what_a_team_writes_another_teams_commands_do_not_see(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ ! ls ~/forged /tmp/forged ../forged | grep .` passes")
    forge = "`$ touch ~/forged /tmp/forged ../forged` passes"
    scene.deliver(API)
    scene.edit("`api.json` contains `paths`", forge)
    scene.approve()
    assert outcomes(scene) == ["passed"]
    assert [each.outcome for each in scene.task("B1").verdicts] == ["passed"]


@needs_sandbox
def test_a_variable_that_holds_a_secret_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_PING", "env:MY_HOOK")
    monkeypatch.setenv("MY_HOOK", "http://127.0.0.1:9/hook")
    scene = scene_of(tmp_path, '`$ test -z "$MY_HOOK"` passes', '`$ test -z "$MY_HOOK"` passes without-sandbox')
    assert outcomes(scene) == ["passed", "passed"]


@needs_sandbox
def test_our_own_files_are_hidden_where_they_lie_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "work/private"))
    scene = scene_of(tmp_path, "`$ ! find ../../private -type f | grep .` passes")
    assert (scene.work / "private").is_dir()
    assert outcomes(scene) == ["passed"]


@needs_sandbox
def test_approvals_evidence_and_keys_cannot_be_read(tmp_path: Path, home: Path) -> None:
    (home / ".netrc").write_text("password")
    (home / "keys").write_text("token")
    os.chmod(home / "keys", 0o600)
    scene = scene_of(tmp_path, "`$ ls -A ~ ~/.local ~/.config; cat ~/keys ~/.netrc` passes")
    assert outcomes(scene) == ["failed"]
    output = evidence(scene, "output")
    assert "checkpoint" not in output
    assert output.count("No such file") == 4


@needs_sandbox
def test_a_secret_that_the_configuration_names_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_of(tmp_path, "`$ cat token` passes")
    secret = scene.work / "out/frontend/token"
    secret.write_text("https://example.org/xoxb-1")
    secret.chmod(0o600)
    monkeypatch.setenv("CHECKPOINT_PING", f"file:{secret}")
    assert outcomes(scene) == ["failed"]
    assert "xoxb" not in evidence(scene, "output")


@needs_sandbox
def test_folders_of_the_users_choice_can_be_written_and_read(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "sdk").mkdir()
    (home / "sdk/tool").write_text("a tool")
    monkeypatch.setenv("CHECKPOINT_SANDBOX_READABLE", "~/sdk")
    monkeypatch.setenv("CHECKPOINT_SANDBOX_WRITABLE", "out/frontend, ~/nowhere")
    scene = scene_of(tmp_path, "`$ cp ~/sdk/tool copy` passes", "`copy` contains `a tool`")
    assert outcomes(scene) == ["passed", "passed"]


@needs_sandbox
def test_a_command_of_a_branch_runs_in_its_copy(tmp_path: Path) -> None:
    plan = PLAN.replace("- folder: `out/frontend`", "- folder: `out/frontend`\n- ref: `pages`")
    scene = scene_of(tmp_path, "`$ touch ran; grep -q ul index.html` passes", plan=plan)
    git(scene.work, "switch", "-q", "-c", "pages")
    commit(scene.work, PAGE, "Deliver")
    git(scene.work, "switch", "-q", "main")
    assert outcomes(scene) == ["passed"]
    assert not list(scene.work.rglob("ran"))


@needs_layers
def test_an_approved_folder_elsewhere_has_a_layer_too(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    plan = PLAN.replace("- folder: `out/frontend`", f"- folder: `{elsewhere}`")
    scene = scene_of(tmp_path, "`$ touch ran && ls` passes", plan=plan)
    assert outcomes(scene) == ["passed"]
    assert not list(elsewhere.iterdir())


@needs_sandbox
def test_a_linked_folder_leads_nowhere(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ touch ran` passes")
    (scene.work / "out/frontend/index.html").unlink()
    (scene.work / "out/frontend").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (scene.work / "out/frontend").symlink_to(tmp_path / "elsewhere")
    assert outcomes(scene) == ["error"]
    assert "leads out of the repository" in scene.task("F1").verdicts[0].findings[0].found
    assert not list((tmp_path / "elsewhere").iterdir())


@needs_sandbox
def test_a_command_without_the_sandbox_is_approved_as_one(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ touch ran` passes")
    scene.edit("passes", "passes without-sandbox")
    assert outcomes(scene) == ["untrusted"]
    scene.approve()
    assert outcomes(scene) == ["passed"]
    assert list(scene.work.rglob("ran"))
    assert evidence(scene) == "without a sandbox: the plan says so\n"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without bubblewrap."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "touch", "ls"):
        (programs / name).symlink_to(Path("/usr/bin") / name)
    monkeypatch.setenv("PATH", str(programs))
    return programs


def test_where_there_must_be_one_and_is_none_nothing_runs(tmp_path: Path, bare: Path) -> None:
    scene = scene_of(tmp_path, "`$ touch ran` passes", "`index.html` exists")
    assert outcomes(scene) == ["error", "passed"]
    (finding,) = scene.task("F1").verdicts[0].findings
    assert (finding.expected, finding.found) == (
        "a proof that can be made here",
        "no sandbox: bubblewrap is not installed",
    )
    assert finding.action.startswith("a person mends it here: install bubblewrap")
    assert "install bubblewrap" in finding.action
    assert not list(scene.work.rglob("ran"))


def test_where_there_is_none_it_says_so(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", "auto")
    scene = scene_of(tmp_path, "`$ touch ran` passes")
    assert outcomes(scene) == ["passed"]
    assert list(scene.work.rglob("ran"))
    assert evidence(scene) == "without a sandbox: bubblewrap is not installed\n"


@pytest.mark.parametrize(("wish", "state"), [("on", "wrong"), ("auto", "warning"), ("off", "ok")])
def test_doctor_says_what_commands_can_do(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, wish: str, state: str
) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", wish)
    scene = scene_of(tmp_path, "`$ touch ran` passes")
    (found,) = [
        each for each in scene.json("doctor", status=6 if wish == "on" else 0).diagnoses if each.name == "sandbox"
    ]
    assert found.state == state
    assert ("install bubblewrap" in found.mend) == (wish != "off")


@needs_layers
def test_doctor_says_what_the_sandbox_is(tmp_path: Path) -> None:
    (found,) = [each for each in local(tmp_path).json("doctor").diagnoses if each.name == "sandbox"]
    assert found.state == "ok"
    assert found.found.startswith("bubblewrap: an empty home")
