"""Wrong command lines, errors and their exit statuses; never 2, which agents' hooks read as "block"."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint.cli import COMMANDS
from checkpoint.documents import Error
from tests.helpers.scenes import PLAN, Scene, checkpoint, decoded, local

PROGRAM = [sys.executable, "-m", "checkpoint"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("--nonsense",),
        ("now", "--nonsense"),
        ("now", "too", "many"),
        ("log", "-n", "many"),
        ("completion",),
        ("completion", "tcsh"),
        ("-C",),
        ("status", "-C", "/nowhere"),
        ("check", "--js"),
    ],
)
def test_a_wrong_command_line_is_64_with_what_and_mend(words: tuple[str, ...]) -> None:
    ran = checkpoint(*words)
    assert (ran.status, ran.out) == (64, "")
    assert "error: " in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("words", [("now", "--json", "--nonsense"), ("status", "--json", "-C", "/nowhere")])
def test_under_json_an_error_is_a_document_and_nothing_else(words: tuple[str, ...]) -> None:
    ran = checkpoint(*words)
    assert (ran.status, ran.err) == (64, "")
    assert decoded(ran.out, Error).exit == 64


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("validators", "demo", "completion")])
def test_outside_of_a_repository_every_command_says_so(tmp_path: Path, command: str) -> None:
    ran = checkpoint(command, "-C", str(tmp_path))
    assert (ran.status, ran.out) == (64, "")
    assert "this is not a git repository" in ran.err


@pytest.mark.parametrize("command", ["now", "check", "approve"])
def test_a_plan_with_errors_is_3_everywhere(tmp_path: Path, command: str) -> None:
    scene = local(tmp_path, PLAN.replace("**B2**", "**B1**"))
    ran = scene.run(command)
    assert (ran.status, ran.out) == (3, "")
    assert "plan.md:13:4: task `B1` a second time; " in ran.err


@pytest.mark.parametrize("command", ["lint", "check", "now"])
def test_a_plan_is_named_from_the_top_or_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    scene = local(tmp_path)
    scene.commit({"plans/other.md": PLAN.replace("Shop", "Other")}, "Add a plan")
    monkeypatch.chdir(scene.work / "plans")
    for path in ("plans/other.md", "other.md", str(scene.work / "plans/other.md")):
        assert checkpoint(command, "--plan", path, "--quiet").status in (0, 1)
    assert checkpoint(command, "--plan", "nothing.md").status in (6, 64)
    assert checkpoint(command, "--plan", "../../elsewhere.md").status == 64


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        checkpoint(command, "--help")
    assert ended.value.code == 0


def test_an_error_is_what_why_and_mend_a_line_each(tmp_path: Path) -> None:
    ran = checkpoint("status", "-C", str(tmp_path))
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["error", "why", "mend"]


def test_with_debug_an_error_has_its_traceback_and_its_status(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "status", "--debug", "-C", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 64
    assert "Traceback" in done.stderr
    assert "mend:  " in done.stderr


def test_a_bug_of_ours_is_70_and_asks_to_be_reported() -> None:
    ran = checkpoint(5)  # type: ignore[arg-type]
    assert ran.status == 70
    assert ran.err.startswith("error: this is a bug in checkpoint: AttributeError: ")
    assert "mend:  run it again with --debug and report what it prints" in ran.err


def test_interrupted_it_ends_with_130_and_without_a_traceback(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("`index.html` contains `<ul`", "`$ touch started; sleep 60` passes"))
    scene.deliver({"out/frontend/index.html": ""})
    os.mkfifo(scene.work / "out/frontend/started")
    scene.edit("touch started", "echo > started")
    scene.approve()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a shell in the background ignore it
    running = subprocess.Popen([*PROGRAM, "now", "-C", str(scene.work)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    signal.signal(signal.SIGINT, before)
    (scene.work / "out/frontend/started").read_text()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (130, b"", b"interrupted\n")
    assert scene.json("log").checkpoints[0].result in ("running", "interrupted")
    assert scene.commits == 2


@pytest.mark.parametrize("command", ["validators", "log", "status"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, command: str) -> None:
    scene = local(tmp_path)
    scene.now()
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with os.fdopen(writer, "wb") as gone:
        argv = [*PROGRAM, command, "-C", str(scene.work)]
        done = subprocess.run(argv, env=buffered, stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_options_that_every_command_takes_may_stand_before_it(tmp_path: Path) -> None:
    scene: Scene = local(tmp_path)
    assert checkpoint("-C", str(scene.work), "--quiet", "now").status == 0
