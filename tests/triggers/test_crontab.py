"""A line of the crontab means what is meant to cron and to the shell, and nobody else's line changes."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkpoint.errors import ProcessError, Stalled
from checkpoint.triggers.crontab import cron_line, crontab, install_line
from checkpoint.triggers.install import Installation, install
from checkpoint.triggers.service import Service

PRINTABLE = st.characters(exclude_categories=("Cc", "Cs"))
TEXTS = st.text("ab %\\\"'$;#&~*=-é\udcff", max_size=40) | st.text(PRINTABLE, max_size=40)
LINE = "*/5 * * * * checkpoint serve --once # checkpoint-api-1f3c"
CRONTAB = """#!/bin/sh
case $1 in
-l) cat "$HOME/table" 2>/dev/null || { echo "no crontab for ada" >&2; exit 1; } ;;
-) cat > "$HOME/table" ;;
esac
"""
BROKEN = """#!/bin/sh
[ "$1" = -l ] || touch "$HOME/table"
echo "crontab: you (ada) are not allowed to use this program" >&2
exit 1
"""


def as_cron_runs_it(line: str, dropped: tuple[str, ...]) -> str:
    """The shell command of a line: cron drops the first of two characters that it knows, and ends at any other `%`."""
    command, text = "", line.split(" ", 5)[5]
    while text:
        pair = text[:2] if text[0] == "\\" else text[0]
        if pair == "%":
            break
        command += pair[1] if pair in dropped else pair
        text = text[len(pair) :]
    return command


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Prints a variable and its arguments, each with a NUL at its end."""
    path = tmp_path_factory.mktemp("program") / "checkpoint"
    path.write_text('#!/bin/sh\nprintf \'%s\\0\' "$XDG_STATE_HOME" "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("dropped", [("\\%",), ("\\%", "\\\\")], ids=["cronie", "debian"])
@given(top=TEXTS, plan=TEXTS, state=TEXTS)
@example(top="a\\%b", plan="a\\\\%b", state="%'%")
def test_cron_and_the_shell_read_back_what_was_meant(
    program: str, dropped: tuple[str, ...], top: str, plan: str, state: str
) -> None:
    service = Service((program,), top, plan, (("XDG_STATE_HOME", state),))
    command = as_cron_runs_it(cron_line(service), dropped)
    printed = subprocess.run(["/bin/sh", "-c", os.fsencode(command)], capture_output=True, check=True).stdout
    expected = (state, "-C", top, "--plan", plan, "serve", "--once", "--quiet")
    assert printed == b"".join(os.fsencode(each) + b"\0" for each in expected)


def test_the_line_looks_every_five_minutes_and_bears_its_name() -> None:
    service = Service(("/usr/bin/checkpoint",), "/home/me/api", "plan.md")
    command = "/usr/bin/checkpoint -C /home/me/api --plan plan.md serve --once --quiet"
    assert cron_line(service) == f"*/5 * * * * {command} # {service.name}"


@pytest.mark.parametrize(("top", "why"), [("/a\nb", "control character"), ("/" + 990 * "x", "more than 990")])
def test_what_no_crontab_can_hold_is_refused(top: str, why: str) -> None:
    with pytest.raises(Stalled, match="crontab") as refused:
        cron_line(Service(("/usr/bin/checkpoint",), top, "plan.md"))
    assert why in refused.value.why


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", f"{LINE}\n"),
        ("1 2 * * * x\n", f"1 2 * * * x\n{LINE}\n"),
        ("1 2 * * * x", f"1 2 * * * x\n{LINE}\n"),
        (f"{LINE}\n", f"{LINE}\n"),
        ("a\n0 * * * * old # checkpoint-api-1f3c\nb\n", f"a\n{LINE}\nb\n"),
        ("a # checkpoint-api-1f3c\nb\nc # checkpoint-api-1f3c  \n", f"{LINE}\nb\n"),
        ("a # checkpoint-api-1f3c2\n", f"a # checkpoint-api-1f3c2\n{LINE}\n"),
        ("a checkpoint-api-1f3c\n", f"a checkpoint-api-1f3c\n{LINE}\n"),
        ("a\u2028b\fc\x85d # checkpoint-api-1f3c\n", f"{LINE}\n"),
    ],
)
def test_the_line_replaces_its_own_and_no_other(old: str, new: str) -> None:
    assert crontab(old, LINE) == new
    assert crontab(new, LINE) == new


@given(st.text())
def test_whatever_is_in_the_crontab_stays(old: str) -> None:
    new = crontab(old, LINE)
    assert new.startswith(old)
    assert new.removeprefix(old).lstrip("\n") == f"{LINE}\n"


def with_program(home: Path, text: str) -> dict[str, str]:
    program = home / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(text)
    program.chmod(0o755)
    return {"HOME": str(home), "PATH": f"{program.parent}:{os.environ['PATH']}"}


def test_the_users_crontab_is_changed(home: Path) -> None:
    environ = with_program(home, CRONTAB)
    newer = LINE.replace("--once", "--once --quiet")
    for line in (LINE, newer, newer):
        install(Installation(line=line), environ)
    assert (home / "table").read_text() == f"{newer}\n"
    (home / "table").write_bytes(b"# caf\xe9\n")
    install_line(LINE, environ)
    assert (home / "table").read_bytes() == b"# caf\xe9\n" + LINE.encode() + b"\n"


def test_a_crontab_that_cannot_be_read_is_not_written(home: Path) -> None:
    with pytest.raises(ProcessError) as refused:
        install_line(LINE, with_program(home, BROKEN))
    assert "not allowed to use this program" in refused.value.why
    assert not (home / "table").exists()


def test_without_cron_it_says_what_to_install(home: Path) -> None:
    with pytest.raises(ProcessError) as refused:
        install_line(LINE, {"HOME": str(home), "PATH": str(home)})
    assert refused.value.mend == "install crontab, or add its folder to PATH"
