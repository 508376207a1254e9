"""What a person sees on a terminal and nobody else: colours, progress, a question; and completion in real shells."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.helpers.scenes import ALL, PLAN, Scene, checkpoint, local

ESCAPE = "\x1b["
SLOW = PLAN.replace("`index.html` contains `<ul`", "`$ read line < release` passes")


def in_terminal(scene: Scene, *words: str, **variables: str) -> pexpect.spawn:  # type: ignore[type-arg]
    """The command in a terminal of its own, with what it prints as text."""
    command, *rest = words
    argv = ["-m", "checkpoint", command, "-C", str(scene.work), *rest]
    return pexpect.spawn(
        sys.executable, argv, env={**os.environ, "TERM": "xterm", **variables}, encoding="utf-8", timeout=30
    )


def said(child: pexpect.spawn) -> str:  # type: ignore[type-arg]
    """All that it printed until its end."""
    text: str = child.read()
    child.close()
    assert child.exitstatus == 0, text
    return text


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = local(tmp_path)
    made.deliver(ALL)
    made.now()
    return made


@pytest.mark.parametrize("command", ["status", "next", "validators", "doctor", "lint", "check"])
def test_without_a_terminal_there_is_no_colour(scene: Scene, command: str) -> None:
    ran = scene.run(command)
    assert ESCAPE not in ran.out + ran.err


def test_in_a_terminal_there_are_colours_and_a_table(scene: Scene) -> None:
    text = said(in_terminal(scene, "status"))
    assert "\x1b[32m✓ B1" in text
    assert re.search(r"team +done +verified +claimed +false claims +failing +missing +blocked", text)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colour_gets_none(scene: Scene, variables: dict[str, str]) -> None:
    assert ESCAPE not in said(in_terminal(scene, "status", **variables))


def test_json_is_never_coloured(scene: Scene) -> None:
    assert ESCAPE not in said(in_terminal(scene, "status", "--json"))


def test_a_run_longer_than_a_second_shows_what_it_is_at(tmp_path: Path) -> None:
    scene = local(tmp_path, SLOW)
    (scene.work / "out/frontend").mkdir(parents=True)
    os.mkfifo(scene.work / "out/frontend/release")
    scene.approve()
    child = in_terminal(scene, "now")
    child.expect(r"2/3.*frontend F1: `\$ read line < release` passes")
    (scene.work / "out/frontend/release").write_text("go\n")
    said(child)


def test_a_long_run_shows_nothing_of_it_where_nobody_wants_it(tmp_path: Path) -> None:
    scene = local(tmp_path, SLOW.replace("read line < release", "sleep 1.3"))
    scene.deliver(ALL)
    scene.approve()
    running = [in_terminal(scene, "check", option) for option in ("--quiet", "--json")]
    for child in running:
        text = said(child)
        assert ESCAPE not in text
        assert "frontend F1: `$" not in text


def test_a_short_run_shows_no_progress(scene: Scene) -> None:
    assert "3/3" not in said(in_terminal(scene, "check"))


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 5), ("", 5)])
def test_approve_asks_on_a_terminal(tmp_path: Path, answer: str, status: int) -> None:
    scene = local(tmp_path, SLOW)
    child = in_terminal(scene, "approve")
    child.expect_exact("Approve exactly these? [y/N] ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status
    assert scene.json("approve", status=status).approved == (status == 0)


COMPLETE = """
source "$1"
COMP_WORDS=(checkpoint "${@:2}"); COMP_CWORD=$(($# - 1)); COMP_LINE="checkpoint ${*:2}"; COMP_POINT=${#COMP_LINE}
$(complete -p checkpoint | sed 's/.*-F \\([^ ]*\\).*/\\1/') checkpoint
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sta",), {"status"}),
        (("v",), {"validators"}),
        (("now", "--dr"), {"--dry-run"}),
        (("completion", "f"), {"fish"}),
        (("lint", "--st"), {"--strict"}),
    ],
)
def test_bash_completes_commands_and_options(tmp_path: Path, words: tuple[str, ...], expected: set[str]) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(checkpoint("completion", "bash").out)
    argv = ["bash", "--norc", "-c", COMPLETE, "bash", str(script), *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.stderr, {line.strip() for line in done.stdout.splitlines()}) == ("", expected)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_other_shells_are_read_by_them(tmp_path: Path, shell: str) -> None:
    text = checkpoint("completion", shell).out
    assert "dry-run" in text
    script = tmp_path / "script"
    script.write_text(text)
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(script)], check=True, capture_output=True)
