from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkpoint.errors import UsageError
from checkpoint.files import Folder
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.validation.engine import Job, TeamFiles, jobs, narrow, validate
from checkpoint.validator import Artifact, Finding, Outcome, Repository, Validator, missing, validator
from checkpoint.verdicts import Verdict

TEAM = Team("t", folder="out")


@validator("holds")
def holds(artifact: Artifact, text: str) -> Iterator[Finding]:
    """The file holds the text."""
    if text not in artifact.text():
        yield Finding(text, "not there", artifact.path, f"add {text}")


@validator("there", on="artifact")
def there(artifact: Artifact) -> Iterator[Finding]:
    """Something is there."""
    if not artifact.entries:
        yield missing(artifact.path)


@validator("crash")
def crash(artifact: Artifact) -> None:
    """Always fails itself."""
    raise ZeroDivisionError


@validator("forever", on="artifact")
def forever(artifact: Artifact) -> None:
    """Never answers."""
    while True:
        pass


@validator("stuck", on="artifact", apart=True)
def stuck(artifact: Artifact) -> None:
    """Hangs where no signal of this process could reach it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    while True:
        pass


@validator("apart", on="artifact", apart=True)
def apart(artifact: Artifact, how: str) -> Iterator[Finding]:
    """Answers from a process of its own."""
    artifact.keep("who", str(os.getpid()))
    if how == "crash":
        raise ZeroDivisionError
    if how == "die":
        os._exit(1)
    if how == "mistake":
        raise ValueError("a bad word")
    yield Finding("a", "b", artifact.path, "c" * 200_000)


@validator("command", on="artifact")
def command(artifact: Artifact) -> None:
    """Keeps what ran."""
    artifact.keep("output", artifact.services.run(artifact.path, 1.0).output)


class Rules:
    def __init__(self, *, approved: bool = True) -> None:
        self.approved = approved

    def find(self, name: str) -> Validator:
        for each in (holds, there, crash, forever, stuck, apart, command):
            if each.name == name:
                return each
        raise UsageError(f"no validator `{name}`", mend="use another")

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return self.approved or expectation.validator != "command"


class Services:
    repository: Repository
    now = 0.0

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Outcome:
        return Outcome(0, f"ran {command}")


Judge = Callable[..., Verdict]


@pytest.fixture
def kept() -> dict[str, str]:
    return {}


@pytest.fixture
def judge(tmp_path: Path, kept: dict[str, str]) -> Judge:
    def run(artifact: str, name: str, *words: str, approved: bool = True, seconds: float = 20.0) -> Verdict:
        def keep(team: Team, task: Task, expectation: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
            kept.update(evidence)
            return tuple(evidence)

        job = Job(TEAM, Task("A", "a", ticked=False), Expectation(artifact, name, words, line=7))
        with Folder(str(tmp_path), "out") as tree:
            files = TeamFiles(tree, tree, Services(), "out")
            return validate([job], lambda team: files, Rules(approved=approved), keep, seconds=seconds)[0]

    return run


def test_an_expectation_that_holds_passes_and_is_bound_to_what_it_saw(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    verdict = judge("a.txt", "holds", "hello")
    assert (verdict.outcome, verdict.findings) == ("passed", ())
    assert (verdict.seen[0].path, verdict.seen[0].size) == ("a.txt", 5)
    (tmp_path / "a.txt").write_text("hello!")
    assert judge("a.txt", "holds", "hello").digest != verdict.digest


def test_nothing_there_is_missing(judge: Judge) -> None:
    assert judge("a.txt", "holds", "x").outcome == "missing"
    assert judge("a.txt", "there").outcome == "missing"


def test_each_file_of_a_glob_is_judged(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("yes")
    (tmp_path / "b.txt").write_text("no")
    verdict = judge("*.txt", "holds", "yes")
    assert verdict.outcome == "failed"
    assert [finding.where for finding in verdict.findings] == ["b.txt"]


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: path.write_text(""), "an empty file"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("/etc/hostname"), "a link"),
        (os.mkfifo, "no regular file"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid x\n"), "a Git LFS pointer"),
    ],
)
def test_what_is_no_deliverable_fails(judge: Judge, tmp_path: Path, make: Callable[[Path], object], found: str) -> None:
    make(tmp_path / "a.txt")
    verdict = judge("a.txt", "holds", "x")
    assert verdict.outcome == "failed"
    assert found in verdict.findings[0].found


def test_a_path_that_leaves_the_folder_fails(judge: Judge) -> None:
    assert judge("../../etc/hostname", "holds", "x").outcome == "failed"


def test_a_validator_that_crashes_gives_an_error_and_keeps_why(
    judge: Judge, tmp_path: Path, kept: dict[str, str]
) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert judge("a.txt", "crash").outcome == "error"
    assert "ZeroDivisionError" in kept["error"]


def test_an_unknown_validator_and_a_bad_argument_give_an_error_that_names_them(judge: Judge) -> None:
    assert "no validator `nothing`" in judge("a.txt", "nothing").findings[0].found
    assert "TEXT is missing" in judge("a.txt", "holds").findings[0].found


def test_a_validator_that_never_answers_is_stopped(judge: Judge) -> None:
    verdict = judge("a.txt", "forever", seconds=0.2)
    assert (verdict.outcome, verdict.findings[0].found) == ("error", "no answer within 0.2 s")


def test_code_that_no_signal_reaches_is_ended_all_the_same(judge: Judge) -> None:
    verdict = judge("a.txt", "stuck", seconds=0.3)
    assert (verdict.outcome, verdict.findings[0].found) == ("error", "no answer within 0.3 s")


def test_what_runs_apart_answers_as_if_it_ran_here(judge: Judge, kept: dict[str, str]) -> None:
    verdict = judge("a.txt", "apart", "finding")
    assert (verdict.outcome, len(verdict.findings[0].action)) == ("failed", 200_000)
    assert int(kept["who"]) != os.getpid()
    assert "a bad word" in judge("a.txt", "apart", "mistake").findings[0].found
    assert "ZeroDivisionError" in judge("a.txt", "apart", "crash").findings[0].found
    assert judge("a.txt", "apart", "die").outcome == "error"


def test_a_command_runs_only_when_approved(judge: Judge, kept: dict[str, str]) -> None:
    assert judge("echo hi", "command", approved=False).outcome == "untrusted"
    assert kept == {}
    assert judge("echo hi", "command").outcome == "passed"
    assert kept == {"output": "ran echo hi"}


def test_narrowing_keeps_what_is_named_and_forgets_what_it_waits_for_elsewhere() -> None:
    one = Team("one", folder="1", tasks=(Task("A", "", False), Task("B", "", False, after=("A", "C"))))
    two = Team("two", folder="2", tasks=(Task("C", "", False, expectations=(Expectation("x", "there"),)),))
    plan = Plan(teams=(one, two))
    assert [task.after for task in narrow(plan, ["B"]).tasks.values()] == [()]
    assert list(narrow(plan, ["one"]).tasks) == ["A", "B"]
    assert narrow(plan, []) is plan
    assert [job.task.id for job in jobs(plan)] == ["C"]


def two_teams(
    tmp_path: Path, first: str, second: str, *, copies: bool = False, owners: tuple[str, ...] = ()
) -> list[Verdict]:
    teams = []
    for name, text in (("one", first), ("two", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text)
        teams.append(
            Team(name, folder=name, tasks=(Task(name, "", False, expectations=(Expectation("a.txt", "there"),)),))
        )
    os.utime(tmp_path / "one" / "a.txt", ns=(0, 1_000))

    def files(team: Team) -> TeamFiles:
        tree = Folder(str(tmp_path), team.name, team.folder)
        return TeamFiles(tree, tree, Services(), team.folder)

    return validate(jobs(Plan(teams=tuple(teams))), files, Rules(), lambda *_: (), copies=copies, owners=owners)


def test_a_copy_of_another_teams_file_fails_for_the_one_that_came_later(tmp_path: Path) -> None:
    first, second = two_teams(tmp_path, "x" * 100, "x" * 100)
    assert (first.outcome, second.outcome) == ("passed", "failed")
    assert "one's `a.txt`" in second.findings[0].found


def test_who_was_proven_before_is_the_owner_whatever_the_times_say(tmp_path: Path) -> None:
    first, second = two_teams(tmp_path, "x" * 100, "x" * 100, owners=("two",))
    assert (first.outcome, second.outcome) == ("failed", "passed")


def test_a_plan_may_allow_copies_and_trifles_are_none(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "small").mkdir()
    assert {v.outcome for v in two_teams(tmp_path / "big", "x" * 100, "x" * 100, copies=True)} == {"passed"}
    assert {v.outcome for v in two_teams(tmp_path / "small", "{}", "{}")} == {"passed"}


def test_names_that_nobody_can_show_or_store_are_escaped(judge: Judge, tmp_path: Path) -> None:
    for name in (b"a\xff.txt", b"b\x1b[31m\n.txt", "c\u202e.txt".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x")
    verdict = judge("*.txt", "holds", "y")
    assert [finding.where for finding in verdict.findings] == ["a\\udcff.txt", "b\\x1b[31m\\n.txt", "c\\u202e.txt"]
    assert all(seen.path.isprintable() for seen in verdict.seen)


def many(number: int, *last: Expectation) -> list[Job]:
    task = Task("A", "a", ticked=False)
    return [Job(TEAM, task, each) for each in (*(Expectation(f"{n}.txt", "there") for n in range(number)), *last)]


def test_progress_is_told_as_often_as_an_eye_can_follow_and_before_what_takes_long(tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []

    def progress(done: int, total: int, what: str) -> None:
        told.append((done, what))

    work = many(500, Expectation("sleep 9", "command"), Expectation("501.txt", "there"))
    with Folder(str(tmp_path), "out") as tree:
        files = TeamFiles(tree, tree, Services(), "out")
        validate(work, lambda team: files, Rules(), lambda *_: (), progress=progress)
    assert (500, "t A: `$ sleep 9` passes") in told
    assert told[-1] == (502, "")
    assert len(told) < 250
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_progress_is_told_of_a_run_that_takes_longer_than_a_glance(tmp_path: Path) -> None:
    told: list[int] = []
    work = [*many(1), *many(0, Expectation("a.txt", "forever")), *many(50)]
    with Folder(str(tmp_path), "out") as tree:
        files = TeamFiles(tree, tree, Services(), "out")
        validate(
            work, lambda team: files, Rules(), lambda *_: (), seconds=0.2, progress=lambda done, *_: told.append(done)
        )
    assert told[0] == 2
    assert told[-1] == 52


def test_what_a_command_puts_in_the_place_of_a_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()

    class Replacing(Services):
        def run(
            self,
            command: str,
            seconds: float | None,
            *,
            network: bool = False,
            outside: bool = False,
            reads: tuple[str, ...] = (),
        ) -> Outcome:
            (tmp_path / "sub").rename(tmp_path / "old")
            (tmp_path / "sub").mkdir()
            (tmp_path / "sub" / "a.txt").write_text("new")
            return Outcome(0, "")

    expectations = (Expectation("sub/a.txt", "there"), Expectation("x", "command"), Expectation("sub/a.txt", "there"))
    with Folder(str(tmp_path), "out") as tree:
        files = TeamFiles(tree, tree, Replacing(), "out", forget=tree.close)
        found = validate(many(0, *expectations), lambda team: files, Rules(), lambda *_: ())
    assert [each.outcome for each in found] == ["missing", "passed", "passed"]


def test_files_of_a_team_that_is_done_are_not_held_open(tmp_path: Path) -> None:
    teams = []
    for number in range(20):
        (tmp_path / f"{number}" / "inner").mkdir(parents=True)
        task = Task(f"T{number}", "", False, expectations=(Expectation("inner/a.txt", "there"),))
        teams.append(Team(f"{number}", folder=f"{number}", tasks=(task,)))
    trees = {team.name: Folder(str(tmp_path), team.name, team.folder) for team in teams}

    def files(team: Team) -> TeamFiles:
        tree = trees[team.name]
        return TeamFiles(tree, tree, Services(), team.folder, forget=tree.close)

    before = len(os.listdir("/proc/self/fd"))
    validate(jobs(Plan(teams=tuple(teams))), files, Rules(), lambda *_: ())
    assert len(os.listdir("/proc/self/fd")) <= before + 3
