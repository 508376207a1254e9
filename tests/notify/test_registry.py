"""The registry of notifiers: ours by name, others by entry point."""

import sys
from pathlib import Path

import pytest

from checkpoint.errors import ConfigurationError
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.file import FileNotifier
from checkpoint.notify.registry import OURS, find_notifiers
from checkpoint.notify.terminal import TerminalNotifier
from tests.helpers.distributions import install
from tests.helpers.programs import Program

PAGE = Path(__file__).parents[2] / "docs" / "notifiers.md"
NOTICE = Notice("r1", "plan.md", "title", "text")

PIGEON = """
class Pigeon:
    name = "pigeon"
    def __init__(self, means):
        self.loft = means.folder
        with open(self.loft, "a") as file:
            file.write("built ")
    def send(self, notice):
        with open(self.loft, "a") as file:
            file.write(notice.title)
"""


@pytest.fixture
def means(tmp_path: Path) -> Means:
    return Means(str(tmp_path / "loft"))


def test_ours_are_found_in_the_order_asked_for_and_once_each(means: Means) -> None:
    found = find_notifiers(["terminal", "file", "terminal"], means)
    assert [type(each) for each in found] == [TerminalNotifier, FileNotifier]


def test_an_installed_one_is_found_by_its_entry_point(
    tmp_path: Path, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "pigeons", "pigeon_post", PIGEON, "pigeon = pigeon_post:Pigeon")
    monkeypatch.syspath_prepend(str(tmp_path))
    (pigeon,) = find_notifiers(["pigeon"], means)
    assert pigeon.name == "pigeon"
    pigeon.send(NOTICE)
    pigeon.send(NOTICE)
    assert (tmp_path / "loft").read_text() == "built titletitle"


def test_what_else_an_installed_one_can_do_is_known(
    tmp_path: Path, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "pigeons", "homing_post", f"{PIGEON}    pace = 2.5\n", "homing = homing_post:Pigeon")
    monkeypatch.syspath_prepend(str(tmp_path))
    (homing,) = find_notifiers(["homing"], means)
    assert (getattr(homing, "pace", 0.0), getattr(homing, "edits", False)) == (2.5, False)


def test_an_installed_one_that_cannot_be_imported_is_degraded(
    tmp_path: Path, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "broken", "broken_post", "raise RuntimeError", "broken = broken_post:build")
    monkeypatch.syspath_prepend(str(tmp_path))
    (broken,) = find_notifiers(["broken"], means)
    assert not hasattr(broken, "resend")
    with pytest.raises(NotifyError, match="it cannot be loaded") as caught:
        broken.send(NOTICE)
    assert (caught.value.why, caught.value.lasting) == ("RuntimeError", True)


def test_an_installed_one_cannot_take_the_place_of_ours(
    tmp_path: Path, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "usurper", "usurper_post", PIGEON, "file = usurper_post:Pigeon")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert isinstance(find_notifiers(["file"], means)[0], FileNotifier)
    assert "usurper_post" not in sys.modules


def test_two_of_one_name_are_refused(tmp_path: Path, means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "one", "one_post", PIGEON, "twin = one_post:Pigeon")
    install(tmp_path, "two", "two_post", PIGEON, "twin = two_post:Pigeon")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match="there twice") as caught:
        find_notifiers(["twin"], means)
    assert caught.value.why == "one_post:Pigeon and two_post:Pigeon both have that name"


@pytest.mark.parametrize(
    ("name", "mend"), [("terminals", "did you mean `terminal`?"), ("owl", f"installed are: {', '.join(sorted(OURS))}")]
)
def test_an_unknown_one_names_the_nearest(means: Means, name: str, mend: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        find_notifiers([name], means)
    assert caught.value.mend == mend


def test_the_notifier_on_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = PAGE.read_text().split("```python\n")[1].split("```")[0]
    install(tmp_path, "syslog", "syslog_post", source, "syslog = syslog_post:Syslog")
    monkeypatch.syspath_prepend(str(tmp_path))
    logger = Program(tmp_path, "logger")
    (syslog,) = find_notifiers(["syslog"], Means("", environ={"PATH": str(tmp_path)}))
    syslog.send(NOTICE)
    assert logger.calls() == [["-t", "checkpoint", "-p", "user.notice", "--", "title"]]
    Program(tmp_path, "logger", "exit 3")
    with pytest.raises(NotifyError, match="nothing was logged"):
        syslog.send(NOTICE)


def test_the_page_names_each_of_ours() -> None:
    named = [line[4:-1] for line in PAGE.read_text().splitlines() if line.startswith("## `")]
    assert sorted(named) == sorted(OURS)
