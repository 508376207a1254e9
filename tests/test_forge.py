"""Pull requests by the forges' own programs: which one, what it is told, and what becomes of its failures."""

import os
from pathlib import Path

import pytest

from checkpoint.forge import Forge, Request, ask_to_merge, find_forge
from tests.helpers.forges import HOSTS, close_requests, forge, live_on
from tests.helpers.programs import Program
from tests.helpers.scenes import API, Scene, published

BRANCH = "checkpoint/status"
REQUEST = Request(BRANCH, "main", "plan.md", "/", "origin")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://github.com/ada/shop.git", ("gh", "github.com", "ada/shop")),
        ("git@github.com:ada/shop.git", ("gh", "github.com", "ada/shop")),
        ("ssh://git@github.com:22/ada/shop", ("gh", "github.com", "ada/shop")),
        (
            "https://ada:secret@gitlab.example.org:8443/group/part/shop.git/",
            ("glab", "gitlab.example.org", "group/part/shop"),
        ),
        ("https://codeberg.org/ada/shop", ("tea", "codeberg.org", "ada/shop")),
        ("https://git.example.org/ada/shop", None),
        ("https://notgithub.com/ada/shop", None),
        ("https://example.org/github.com/shop", None),
        ("/srv/github.com/ada/shop.git", None),
        ("../github.com/ada", None),
    ],
)
def test_the_host_decides(programs: Path, url: str, found: tuple[str, str, str] | None) -> None:
    for name in HOSTS:
        forge(programs, name)
    assert find_forge((url,), "auto") == (Forge(*found) if found else None)


def test_a_person_decides_before_it(programs: Path) -> None:
    forge(programs, "gh")
    assert find_forge(("https://git.example.org/ada/shop",), "gh") == Forge("gh", "git.example.org", "ada/shop")
    assert find_forge(("https://github.com/ada/shop",), "off") is None
    assert find_forge(("https://gitlab.com/ada/shop",), "auto") is None, "its program is not installed"
    shortened = ("forge:ada/shop", "https://github.com/ada/shop")
    assert find_forge(shortened, "auto") == Forge("gh", "github.com", "ada/shop")


@pytest.mark.parametrize("name", HOSTS)
def test_one_request_is_opened_and_stays(programs: Path, name: str) -> None:
    program = forge(programs, name)
    found = Forge(name, HOSTS[name], "ada/shop")
    said = [ask_to_merge(found, REQUEST, os.environ) for _ in range(2)]
    assert said == [f"opened a pull request of {BRANCH} into main: https://{HOSTS[name]}/ada/shop/pull/7", ""]
    assert [call[1] for call in program.calls()] == ["list", "create", "list"]
    close_requests(programs)
    assert ask_to_merge(found, REQUEST, os.environ)


def test_what_gh_is_told(programs: Path) -> None:
    program = forge(programs, "gh")
    ask_to_merge(Forge("gh", "github.com", "ada/shop"), REQUEST, {**os.environ, "GIT_DIR": "/x", "GH_TOKEN": "t"})
    listed, created = program.calls()
    ends = ["--repo=github.com/ada/shop", f"--head={BRANCH}", "--base=main"]
    assert listed == ["pr", "list", *ends, "--state=open", "--limit=1", "--json=url"]
    assert created[:6] == ["pr", "create", *ends, "--title=Checkpoints of plan.md"]
    assert created[6].startswith("--body=This branch holds the checkpoints of `plan.md`")
    environ = program.environ()
    assert (environ["GH_PROMPT_DISABLED"], environ["GH_TOKEN"]) == ("1", "t")
    assert not [name for name in environ if name.startswith("GIT_")]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo not logged in to github.com >&2; exit 4", "not logged in to github.com"),
        ("exit 1", "it ended with status 1"),
        ("echo nonsense", "JSON is malformed"),
        ('echo "{}"', "Expected `array"),
        ("printf 'token ghp_%036d\\033[31m' 7 >&2; exit 1", "token [redacted: GitHub token]"),
    ],
)
def test_a_failure_is_said_and_no_more(programs: Path, script: str, said: str) -> None:
    Program(programs, "gh", script)
    told = ask_to_merge(Forge("gh", "github.com", "ada/shop"), REQUEST, os.environ)
    assert told.startswith(f"gh could not open a pull request: {said}")
    assert told.isprintable()


def test_somebody_who_was_faster_is_no_failure(programs: Path) -> None:
    Program(programs, "gh", 'case $2 in list) echo "[]";; *) echo "a pull request already exists" >&2; exit 1;; esac')
    assert "could not" not in ask_to_merge(Forge("gh", "github.com", "ada/shop"), REQUEST, os.environ)


def test_a_secret_in_a_plans_name_is_not_passed_on() -> None:
    name = f"plans/ghp_{'a' * 36}.md"
    assert "ghp_" not in Request(BRANCH, "main", name, "/", "origin").title


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = published(tmp_path)
    live_on(scene.work, scene.where, "github.com")
    return scene


def test_a_checkpoint_asks_once_for_its_branch(programs: Path, scene: Scene) -> None:
    program = forge(programs, "gh")
    taken = scene.now("--branch", BRANCH)
    assert taken.notes == (f"opened a pull request of {BRANCH} into main: https://github.com/ada/shop/pull/7",)
    scene.deliver(API)
    assert scene.now("--branch", BRANCH).notes == ()
    assert scene.now("--branch", BRANCH).result == "unchanged"
    assert [call[1] for call in program.calls()] == ["list", "create", "list"]


def test_a_checkpoint_of_the_plans_own_branch_asks_for_nothing(programs: Path, scene: Scene) -> None:
    program = forge(programs, "gh")
    assert scene.now().result == "published"
    assert program.calls() == []


def test_a_program_that_fails_keeps_no_checkpoint_from_being_published(programs: Path, scene: Scene) -> None:
    Program(programs, "gh", "echo no network >&2; exit 1")
    taken = scene.now("--branch", BRANCH)
    assert (taken.result, taken.notes) == ("published", ("gh could not open a pull request: no network",))
    assert [each.result for each in scene.json("log").checkpoints] == ["published"]


def test_off_is_off(programs: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_PULL_REQUEST", "off")
    program = forge(programs, "gh")
    assert scene.now("--branch", BRANCH).notes == ()
    assert program.calls() == []


def test_who_was_named_and_cannot_ask_is_said(programs: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_PULL_REQUEST", "glab")
    (note,) = scene.now("--branch", BRANCH).notes
    assert note.startswith(f"nobody was asked to merge {BRANCH}: glab is missing")


@pytest.mark.parametrize(
    ("host", "installed", "chosen", "state", "found"),
    [
        ("github.com", True, "auto", "ok", "to origin/checkpoint/status; gh asks people to merge it"),
        ("github.com", False, "auto", "warning", "to origin/checkpoint/status, and nobody is asked to merge it"),
        ("git.example.org", True, "auto", "warning", "to origin/checkpoint/status, and nobody is asked to merge it"),
        ("github.com", True, "off", "ok", "to origin/checkpoint/status, for people to merge"),
    ],
)
def test_doctor_tells_who_asks(
    programs: Path,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    installed: bool,
    chosen: str,
    state: str,
    found: str,
) -> None:
    live_on(scene.work, scene.where, host)
    if installed:
        forge(programs, "gh")
    monkeypatch.setenv("CHECKPOINT_PUBLISH_BRANCH", BRANCH)
    monkeypatch.setenv("CHECKPOINT_PULL_REQUEST", chosen)
    diagnoses = {each.name: each for each in scene.json("doctor").diagnoses}
    assert diagnoses["publishing"].state == state
    assert diagnoses["publishing"].found.startswith(found)
    assert diagnoses["remote"].found == f"origin/main at {scene.tip[:10]} has the plan"


def test_doctor_tells_where_it_publishes_without_such_a_branch(scene: Scene) -> None:
    diagnoses = {each.name: each for each in scene.json("doctor").diagnoses}
    assert (diagnoses["publishing"].state, diagnoses["publishing"].found) == ("ok", "to origin/main")
