"""Delivery from the outbox: every channel carries every notice once, and none of them can do harm."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from checkpoint.documents import Told
from checkpoint.notify import Notice, Notifier, NotifyError
from checkpoint.notify.channel import BURST, CROWDED, DOUBT, MESSAGES, Channel, ended
from checkpoint.notify.delivery import Couriers, open_outbox
from checkpoint.notify.plain import remarks
from checkpoint.notify.rows import row
from checkpoint.store import Store
from checkpoint.store.outbox import WAITING, ChannelState, Outbox

NOW = 1_800_000_000.0


def notice(number: int, **changes: object) -> Notice:
    return msgspec.structs.replace(Notice(f"r{number}", "plan.md", f"title {number}", ""), **changes)


class Recorder:
    """Keeps what it carried; each `fault` is raised at one `send`, in order, None standing for none."""

    edits = False
    pace: float | None = 0.0

    def __init__(self, name: str = "recorder", *faults: BaseException | None) -> None:
        self.name = name
        self.faults = list(faults)
        self.seen: list[Notice] = []

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.seen]

    def send(self, notice: Notice) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        self.seen.append(notice)
        return notice.replaces or f"message {len(self.seen)}"


class Looking(Recorder):
    """Can look for what it carried, and edit it; `arrived` holds keys of what arrived although `send` failed."""

    edits = True

    def __init__(self, *faults: BaseException | None) -> None:
        super().__init__("looking", *faults)
        self.arrived: set[str] = set()
        self.looked: list[str] = []

    def resend(self, notice: Notice) -> str:
        self.looked.append(notice.key)
        return "found" if notice.key in self.arrived else self.send(notice)


class Hanging(Recorder):
    def __init__(self) -> None:
        super().__init__("hanging")
        self.release = threading.Event()

    def send(self, notice: Notice) -> str:
        self.release.wait()
        return super().send(notice)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> str:
    Store(str(tmp_path / "store")).close()
    return str(tmp_path / "store")


@pytest.fixture
def outbox(folder: str) -> Iterator[Outbox]:
    opened = open_outbox(folder)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


Carry = Callable[..., float | None]


@pytest.fixture
def carry(outbox: Outbox, clock: Clock) -> Carry:
    """One turn of a channel as a fresh process takes it, `later` seconds after the one before."""

    def turn(notifier: Notifier, *numbers: int, later: float = 0.0) -> float | None:
        clock.now += later
        outbox.add(clock.now, [row(notifier.name, notice(number)) for number in numbers])
        return Channel(notifier, outbox, clock).carry(threading.Event(), 0.0)

    return turn


def put(outbox: Outbox, *channels: str, numbers: int = 3) -> None:
    made = [notice(number) for number in range(numbers)]
    outbox.add(0.0, [row(channel, each) for each in made for channel in channels])


def test_what_waits_together_is_one_notice_that_names_the_others(carry: Carry) -> None:
    recorder = Recorder()
    assert carry(recorder, 1, 2, 3) is None
    assert recorder.titles == ["title 3"]
    assert recorder.seen[0].earlier == ("title 1", "title 2")


def test_a_channel_never_carries_the_same_key_again(carry: Carry) -> None:
    recorder = Recorder()
    carry(recorder, 1)
    carry(recorder, 1)
    carry(recorder, later=3600.0)
    assert recorder.titles == ["title 1"]


def test_trouble_is_not_merged_with_checkpoints(carry: Carry, outbox: Outbox) -> None:
    recorder = Recorder()
    outbox.add(NOW, [row("recorder", notice(7, kind="trouble"))])
    carry(recorder, 1, 2)
    assert recorder.titles == ["title 7", "title 2"]


def test_a_burst_is_one_message_that_is_brought_up_to_date(carry: Carry) -> None:
    looking = Looking()
    for number in range(30):
        carry(looking, number, later=BURST / 40)
    assert {each.replaces for each in looking.seen[1:]} == {"message 1"}
    assert looking.seen[-1].earlier == tuple(f"title {number}" for number in range(29))
    carry(looking, 30, later=BURST)
    assert looking.seen[-1].replaces == ""
    assert looking.seen[-1].earlier == ()


def test_new_messages_are_few_in_an_hour(carry: Carry) -> None:
    looking = Looking()
    for number in range(MESSAGES + 5):
        carry(looking, number, later=BURST + 1)
    assert [each.replaces for each in looking.seen] == [""] * MESSAGES + [f"message {MESSAGES}"] * 5


def test_one_that_cannot_edit_gathers_what_is_too_much_for_an_hour(carry: Carry) -> None:
    recorder = Recorder()
    for number in range(MESSAGES):
        assert carry(recorder, number, later=5.5) is None
    assert carry(recorder, MESSAGES, later=5.5) == CROWDED - 5.5
    assert carry(recorder, MESSAGES + 1, later=5.5) == CROWDED - 11.0
    assert carry(recorder, later=CROWDED - 11.0) is None
    assert (len(recorder.seen), recorder.seen[-1].earlier) == (MESSAGES + 1, (f"title {MESSAGES}",))
    assert carry(recorder, MESSAGES + 2, later=3600.0) is None


def test_one_that_interrupts_nobody_is_given_everything_at_once(carry: Carry) -> None:
    recorder = Recorder()
    recorder.silent = True  # type: ignore[attr-defined]
    for number in range(MESSAGES + 5):
        assert carry(recorder, number, later=1.0) is None
    assert len(recorder.seen) == MESSAGES + 5


def test_of_very_much_that_waits_the_older_part_is_counted(carry: Carry, outbox: Outbox) -> None:
    recorder = Recorder("recorder", NotifyError("down"))
    outbox.add(NOW, [row("recorder", notice(-1, kind="trouble"))])
    for number in range(WAITING + 12):
        outbox.add(NOW, [row("recorder", notice(number))])
    assert len(outbox.unsent("recorder")) == WAITING + 1
    assert outbox.channels()["recorder"].waiting == WAITING + 13
    carry(recorder)
    assert carry(recorder, later=5.0) is None
    trouble, last = recorder.seen
    assert (trouble.title, trouble.more) == ("title -1", 0)
    assert (last.title, last.earlier[0], last.more) == (f"title {WAITING + 11}", "title 12", 12)
    assert remarks(last) == (f"stands for {WAITING + 11} earlier checkpoints too",)
    assert outbox.channels()["recorder"].waiting == 0


def test_a_message_that_is_brought_up_to_date_keeps_its_count(carry: Carry, outbox: Outbox) -> None:
    looking = Looking()
    for number in range(WAITING + 12):
        outbox.add(NOW, [row("looking", notice(number))])
    carry(looking)
    carry(looking, 1000, later=1.0)
    first, second = looking.seen
    assert (len(first.earlier), first.more) == (WAITING - 1, 12)
    assert (len(second.earlier), second.more) == (WAITING, 12)


def test_a_failure_is_tried_again_later_and_later(carry: Carry) -> None:
    recorder = Recorder("recorder", *[NotifyError("down")] * 3)
    waits = [carry(recorder, 1), *(carry(recorder, later=wait) for wait in (5.0, 10.0))]
    assert waits == [5.0, 10.0, 20.0]
    assert recorder.seen == []
    assert carry(recorder, later=20.0) is None
    assert recorder.titles == ["title 1"]


def test_nothing_is_tried_before_the_server_allows_it(carry: Carry) -> None:
    recorder = Recorder("recorder", NotifyError("slow down", after=30.0))
    assert carry(recorder, 1) == 30.0
    assert carry(recorder, 2, later=29.0) == 1.0
    assert carry(recorder, later=1.0) is None
    assert [each.earlier for each in recorder.seen] == [("title 1",)]


def test_notices_keep_their_pace_across_processes(carry: Carry) -> None:
    recorder = Recorder()
    recorder.pace = 1.0
    carry(recorder, 1)
    assert carry(recorder, 2, later=0.25) == 0.75


@pytest.mark.parametrize("arrived", [True, False])
def test_what_may_have_arrived_is_looked_for_before_it_is_sent_again(carry: Carry, arrived: bool) -> None:
    looking = Looking(NotifyError("no answer", doubtful=True))
    looking.arrived = {"r1"} if arrived else set()
    assert carry(looking, 1) == DOUBT
    assert carry(looking, 2, later=DOUBT) is None
    assert looking.looked == ["r1"]
    assert looking.titles == (["title 2"] if arrived else ["title 1", "title 2"])


def test_a_courier_that_died_is_followed_by_one_that_looks(carry: Carry, outbox: Outbox) -> None:
    outbox.add(NOW, [row("looking", notice(1))])
    outbox.claim(outbox.unsent("looking"), "", NOW, NOW + DOUBT)
    looking = Looking()
    assert carry(looking) == DOUBT
    assert carry(looking, later=DOUBT) is None
    assert (looking.looked, looking.titles) == (["r1"], ["title 1"])


class Passing(threading.Event):
    """Time passes at once, by the channel's clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now += timeout or 0.0
        return False


def test_what_a_courier_died_at_is_waited_for(outbox: Outbox, clock: Clock) -> None:
    """After a checkpoint by hand nobody else may come for days who looks whether it arrived."""
    outbox.add(NOW, [row("looking", notice(1))])
    outbox.claim(outbox.unsent("looking"), "", NOW, NOW + DOUBT)
    looking = Looking()
    assert Channel(looking, outbox, clock).carry(Passing(clock), 3.0, DOUBT) is None
    assert (looking.looked, looking.titles, clock.now) == (["r1"], ["title 1"], NOW + DOUBT)


def test_what_has_failed_is_not_waited_for(outbox: Outbox, clock: Clock) -> None:
    outbox.add(NOW, [row("looking", notice(1))])
    looking = Looking(NotifyError("no answer", doubtful=True))
    assert Channel(looking, outbox, clock).carry(Passing(clock), 3.0, DOUBT) == DOUBT
    assert clock.now == NOW


def test_one_that_cannot_look_does_not_repeat_and_admits_it(carry: Carry) -> None:
    recorder = Recorder("recorder", NotifyError("no answer", doubtful=True))
    carry(recorder, 1)
    carry(recorder, later=3600.0)
    assert recorder.seen == []
    carry(recorder, 2)
    carry(recorder, 3)
    assert [each.unsure for each in recorder.seen] == [("title 1",), ()]


def test_one_that_may_not_look_gives_up_rather_than_to_hold_up_the_rest(carry: Carry) -> None:
    looking = Looking(NotifyError("no answer", doubtful=True), NotifyError("missing scope", lasting=True))
    carry(looking, 1)
    carry(looking, 2, later=DOUBT)
    assert [(each.title, each.unsure) for each in looking.seen] == [("title 2", ("title 1",))]


def test_one_that_repeats_itself_harmlessly_just_does(carry: Carry, outbox: Outbox) -> None:
    recorder = Recorder("recorder", NotifyError("no answer", doubtful=True))
    recorder.repeatable = True  # type: ignore[attr-defined]
    carry(recorder, 1)
    assert [each.state for each in outbox.unsent("recorder")] == ["waiting"]
    carry(recorder, later=5.0)
    assert recorder.titles == ["title 1"]


def test_a_channel_that_keeps_failing_is_degraded_until_it_works(outbox: Outbox, clock: Clock) -> None:
    recorder = Recorder("recorder", NotifyError("no token", mend="set one", lasting=True))
    outbox.add(NOW, [row("recorder", notice(1))])
    channel = Channel(recorder, outbox, clock)
    channel.carry(threading.Event(), 0.0)
    assert channel.change
    assert (channel.change.title, channel.change.text, channel.change.level, channel.change.kind) == (
        "recorder is degraded: notices wait",
        "no token → set one",
        "bad",
        "trouble",
    )
    assert outbox.channels()["recorder"].problem == "no token"
    clock.now += 900
    channel.carry(threading.Event(), 0.0)
    assert channel.change.level == "good"
    assert outbox.channels()["recorder"].since == 0.0


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
def test_one_that_fails_does_so_alone(folder: str, outbox: Outbox, error: BaseException, problem: str) -> None:
    raising, recorder = Recorder("raising", error), Recorder()
    put(outbox, "raising", "recorder")
    with Couriers(folder, [raising, recorder]) as couriers:
        assert couriers.wait() == (Told("raising", 0, problem), Told("recorder", 3, receipt="message 1"))


@pytest.mark.parametrize("after", [-1.0, float("nan"), float("inf"), 1e308])
def test_whatever_a_service_asks_for_it_is_tried_again_soon_but_not_at_once(carry: Carry, after: float) -> None:
    failing = Recorder("recorder", NotifyError("no", after=after))
    assert 0 < (carry(failing, 0) or 0) <= 3600
    assert failing.faults == []


def test_what_was_put_in_before_a_clock_was_set_back_is_carried(carry: Carry, outbox: Outbox) -> None:
    recorder = Recorder()
    recorder.pace = 1.0
    outbox.add(NOW + 1e9, [row("recorder", notice(0))])
    assert carry(recorder) is None
    assert recorder.titles == ["title 0"]


def test_what_cannot_be_read_is_told_as_that_and_stops_nothing(carry: Carry, outbox: Outbox) -> None:
    recorder = Recorder()
    outbox.add(NOW, [("recorder", "later", "checkpoint", b'{"key": 1}')])
    assert carry(recorder, 1) is None
    assert [each.earlier for each in recorder.seen] == [("a notice that this version of checkpoint cannot read",)]


def test_a_receipt_and_a_problem_may_be_any_words(carry: Carry, outbox: Outbox) -> None:
    odd = Recorder("recorder", NotifyError("no\ud800\x1b[31m", why="\ud800"))
    carry(odd, 0)
    assert outbox.channels()["recorder"].waiting == 1
    odd.send = lambda notice: "receipt\ud800"  # type: ignore[method-assign]
    carry(odd, later=3600.0)
    assert [each.receipt for each in outbox.sent_since("recorder", 0.0)] == ["receipt"]


def test_a_channel_of_which_nobody_knows_whether_it_works_is_degraded(carry: Carry, outbox: Outbox) -> None:
    doubtful = Recorder("recorder", *(NotifyError("it broke", doubtful=True) for _ in range(3)))
    for number in range(3):
        assert outbox.channels().get("recorder", ChannelState("recorder")).state != "degraded"
        carry(doubtful, number, later=60.0)
    assert outbox.channels()["recorder"].state == "degraded"


def test_a_courier_outlives_whatever_becomes_of_its_turn(folder: str, outbox: Outbox) -> None:
    unreadable = Recorder()
    unreadable.pace = None
    put(outbox, "recorder", numbers=1)
    with Couriers(folder, [unreadable]) as couriers:
        assert couriers.wait() == (Told("recorder", 0, "failed with TypeError"),)
        unreadable.pace = 0.0
        couriers.wake()
        assert couriers.wait() == (Told("recorder", 1, receipt="message 1"),)


def test_the_other_channels_hear_that_one_is_degraded(folder: str, outbox: Outbox) -> None:
    failing, recorder = Recorder("failing", NotifyError("no token", lasting=True)), Recorder()
    put(outbox, "failing", "recorder", numbers=1)
    with Couriers(folder, [failing, recorder]) as couriers:
        couriers.wait()
        couriers.wait()
    assert recorder.titles == ["title 0", "failing is degraded: notices wait"]


def test_one_that_hangs_holds_up_nobody(folder: str, outbox: Outbox) -> None:
    hanging, recorder = Hanging(), Recorder()
    put(outbox, "hanging", "recorder")
    with Couriers(folder, [hanging, recorder]) as couriers:
        first, second = couriers.wait(0.3)
        hanging.release.set()
        assert first == Told("hanging", 0, "did not end within 0.3 s")
        assert second == Told("recorder", 3, receipt="message 1")
        assert couriers.wait()[0] == Told("hanging", 3, receipt="message 1")


def test_the_others_hear_of_one_that_never_returns(folder: str, outbox: Outbox) -> None:
    hanging, recorder, heard = Hanging(), Recorder(), threading.Event()

    def report(told: Told) -> None:
        if told.channel == "recorder" and "hanging is degraded: notices wait" in recorder.titles:
            heard.set()

    put(outbox, "hanging", numbers=1)
    with Couriers(folder, [hanging, recorder], report=report, hanging=0.05):
        assert heard.wait(30.0)
        found = outbox.channels()["hanging"]
        assert (found.state, found.problem) == ("degraded", "it has not returned for 0.05 s")
        assert "start it again" in found.mend
        hanging.release.set()


def test_a_channel_that_comes_and_goes_is_told_of_once_a_day(carry: Carry, outbox: Outbox, clock: Clock) -> None:
    told = []
    for _ in range(3):
        recorder = Recorder("recorder", NotifyError("no", lasting=True))
        outbox.add(clock.now, [row("recorder", notice(int(clock.now)))])
        for _ in range(2):
            channel = Channel(recorder, outbox, clock)
            channel.carry(threading.Event(), 0.0)
            assert channel.change
            listeners = ("other",) if channel.change.level == "bad" else ("other", "newcomer")
            change = [row(each, channel.change) for each in listeners]
            told.append(outbox.add(clock.now, change, ended(channel.change.key)))
            clock.now += 900.0
    assert told == [1, 1, 0, 0, 0, 0]


def test_only_who_heard_of_a_trouble_hears_of_its_end(outbox: Outbox) -> None:
    outbox.add(NOW, [row("old", notice(1))])
    assert outbox.add(NOW, [row("old", notice(2)), row("new", notice(2))], "r1") == 1
    assert [channel for channel in ("old", "new") if len(outbox.unsent(channel)) == 2] == ["old"]


def test_a_channel_has_one_courier_at_a_time(folder: str, outbox: Outbox) -> None:
    hanging, second = Hanging(), Recorder("hanging")
    put(outbox, "hanging")
    with Couriers(folder, [hanging]) as first:
        first.wait(0.3)
        with Couriers(folder, [second]) as others:
            assert others.wait() == (Told("hanging"),)
        hanging.release.set()
        assert first.wait() == (Told("hanging", 3, receipt="message 1"),)
    assert second.seen == []


def test_one_that_hangs_does_not_keep_the_process(folder: str, outbox: Outbox) -> None:
    put(outbox, "hanging")
    source = (
        "import sys, threading\n"
        "from checkpoint.notify.delivery import Couriers\n"
        "class Hanging:\n"
        "    name = 'hanging'\n"
        "    def send(self, notice):\n"
        "        threading.Event().wait()\n"
        "print(Couriers(sys.argv[1], [Hanging()]).wait(0.3)[0].problem)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", source, folder], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "did not end within 0.3 s\n"


def test_nothing_to_say_wakes_nobody(folder: str) -> None:
    recorder = Recorder()
    with Couriers(folder, [recorder]) as couriers:
        assert couriers.wait() == (Told("recorder"),)
    assert recorder.seen == []
