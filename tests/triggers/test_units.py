"""Units of systemd say what is meant, whatever the paths hold."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.errors import Stalled
from checkpoint.triggers.service import Service
from checkpoint.triggers.units import MARK, command, unit_texts, word

TEXTS = st.text("ab %$\\\"';{}#=-\n\t\x1bé") | st.text(st.characters(exclude_characters="\0", codec="utf-8"))
SERVICE = Service(("/usr/bin/true",), "/home/me/api", "plan.md", (("PATH", "/usr/bin:/opt/$x/%h"),))
HARD = '/tmp/it\'s "100%" $HOME ${X} %h\\'
NAMED = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


def words(value: str, variable: str = r"\$\$") -> list[str]:
    """How systemd reads a value: systemd.syntax(7) on quotes, systemd.unit(5) on `%`, systemd.service(5) on `$`."""
    return [re.sub(variable, "$", undoubled(each, "%")) for each in split(value)]


def split(value: str) -> Iterator[str]:
    while value := value.lstrip(" "):
        quoted = re.match(r'"((?:[^"\\]|\\.)*)"(?: |$)', value) or re.match(r"([^\s\"'\\]+)(?: |$)", value)
        assert quoted is not None, value
        yield re.sub(r"\\(x[0-9a-f]{2}|.)", unescaped, quoted[1])
        value = value[quoted.end() :]


def unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1][1:], 16)) if match[1][0] == "x" else NAMED[match[1]]


def undoubled(text: str, sign: str) -> str:
    assert len(re.sub(re.escape(sign * 2), "", text).split(sign)) == 1, text
    return text.replace(sign * 2, sign)


def lines(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_command_is_read_back_as_it_was(arguments: list[str]) -> None:
    line = command(("/usr/bin/checkpoint", *arguments))
    assert min(line) >= " "
    assert words(line) == ["/usr/bin/checkpoint", *arguments]
    assert not re.search(r"(?<!\$)(\$\$)*\$(?!\$)", line)


@given(TEXTS)
def test_a_variable_is_read_back_as_it_was(value: str) -> None:
    assert words(word(f"X={value}", "$"), "$^") == [f"X={value}"]


@pytest.mark.parametrize("path", ["/a$b/checkpoint", "/a'b/checkpoint", '/a"b/checkpoint', "/a\\b/checkpoint"])
def test_a_program_that_systemd_would_not_name_is_started_by_another(path: str) -> None:
    assert words(command((path, "serve"))) == ["/usr/bin/env", path, "serve"]


def test_a_path_that_is_not_in_utf8_is_refused() -> None:
    with pytest.raises(Stalled, match="systemd cannot name"):
        command(("/usr/bin/true", "\udcff"))


def test_the_service_is_what_is_promised() -> None:
    texts = unit_texts(SERVICE)
    name = SERVICE.name
    service, timer = lines(texts[f"{name}.service"]), lines(texts[f"{name}.timer"])
    assert list(texts) == [f"{name}.service", f"{name}.timer"]
    assert all(text.startswith(MARK) for text in texts.values())
    assert service["ExecStart"] == "/usr/bin/true -C /home/me/api --plan plan.md serve"
    assert service["Environment"] == '"PATH=/usr/bin:/opt/$x/%%h"'
    assert service["Description"] == "checkpoint serve (plan.md in /home/me/api)"
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "3 5 6 64")
    assert (service["KillMode"], service["KillSignal"]) == ("mixed", "SIGTERM")
    assert (timer["OnCalendar"], timer["Persistent"], timer["WantedBy"]) == ("*:0/5", "true", "timers.target")


def test_a_path_cannot_add_a_line() -> None:
    hard = Service(("/usr/bin/true",), "/tmp/100%\n[Service]\nUser=root\\", "b\\\n.md\\", (("PATH", "a\nb\\"),))
    plain, found = unit_texts(SERVICE), unit_texts(hard)
    for (_, expected), (_, text) in zip(plain.items(), found.items(), strict=True):
        assert [line.split("=")[0] for line in expected.splitlines()[1:]] == [
            line.split("=")[0] for line in text.splitlines()[1:]
        ]
        assert not any(line.endswith("\\") for line in text.splitlines())
        assert "100%%" in lines(text)["Description"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("top", ["/home/me/api", HARD])
def test_systemd_finds_nothing_wrong(top: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    service = Service(("/usr/bin/true",), top, "plan.md", (("PATH", HARD),))
    paths = [tmp_path / name for name in unit_texts(service)]
    for path, text in zip(paths, unit_texts(service).values(), strict=True):
        path.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *paths], capture_output=True, text=True, check=False, timeout=60
    )
    assert [line for line in done.stderr.splitlines() if service.name in line or "manager" in line] == []
