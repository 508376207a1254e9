"""Delivery: every notifier gets every notice, and none of them can do harm."""

import subprocess
import sys
import threading

import pytest

from checkpoint.notify import Notice, NotifyError
from checkpoint.notify.delivery import Delivery, deliver

NOTICES = [Notice("plan.md", "r1", "", f"title {number}", "") for number in range(3)]


class Recorder:
    def __init__(self, name: str = "recorder") -> None:
        self.name = name
        self.seen: list[str] = []

    def send(self, notice: Notice) -> None:
        self.seen.append(notice.title)


class Raising(Recorder):
    def __init__(self, error: BaseException) -> None:
        super().__init__("raising")
        self._error = error

    def send(self, notice: Notice) -> None:
        super().send(notice)
        if notice.title == "title 1":
            raise self._error


class Hanging(Recorder):
    def __init__(self) -> None:
        super().__init__("hanging")
        self.release = threading.Event()

    def send(self, notice: Notice) -> None:
        self.release.wait()
        super().send(notice)


def test_each_notifier_gets_all_in_order() -> None:
    recorders = [Recorder("a"), Recorder("b")]
    assert deliver(NOTICES, recorders) == (Delivery("a", 3), Delivery("b", 3))
    assert [recorder.seen for recorder in recorders] == [["title 0", "title 1", "title 2"]] * 2


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (NotifyError("no way", why="the door is shut"), "no way: the door is shut"),
        (NotifyError("no way"), "no way"),
        (ValueError("https://hooks.example/T0/secret"), "failed with ValueError"),
        (SystemExit(3), "failed with SystemExit"),
        (KeyboardInterrupt(), "failed with KeyboardInterrupt"),
    ],
)
def test_one_that_fails_is_degraded_and_goes_on(error: BaseException, problem: str) -> None:
    raising, recorder = Raising(error), Recorder()
    assert deliver(NOTICES, [raising, recorder]) == (Delivery("raising", 2, problem), Delivery("recorder", 3))
    assert raising.seen == ["title 0", "title 1", "title 2"]


def test_one_that_hangs_is_given_up() -> None:
    hanging, recorder = Hanging(), Recorder()
    first, second = deliver(NOTICES, [hanging, recorder], seconds=0.2)
    hanging.release.set()
    assert first == Delivery("hanging", 0, "did not end within 0.2 s")
    assert first.is_degraded
    assert second == Delivery("recorder", 3)


def test_one_that_hangs_does_not_keep_the_process() -> None:
    source = (
        "import threading\n"
        "from checkpoint.notify import Notice\n"
        "from checkpoint.notify.delivery import deliver\n"
        "class Hanging:\n"
        "    name = 'hanging'\n"
        "    def send(self, notice):\n"
        "        threading.Event().wait()\n"
        "print(deliver([Notice('p', 'r', '', 't', '')], [Hanging()], 0.1)[0].problem)\n"
    )
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "did not end within 0.1 s\n"


def test_nothing_to_say_wakes_nobody() -> None:
    assert deliver([], [Recorder()]) == ()
