"""Takes checkpoints by itself: when the plan's schedule says so, and when the world that they depend on has changed.

One thread decides and takes them; others only wake it: the schedule's, the watch's, the couriers'. What they say is a
hint. Whether there is anything to do is found by looking.
"""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from math import inf

import msgspec

from checkpoint.documents import Now, Served, Told
from checkpoint.errors import Busy, CheckpointError
from checkpoint.notify import Notice
from checkpoint.notify.channel import row
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.delivery import Couriers, open_outbox
from checkpoint.orchestrator import Request
from checkpoint.report import Trigger
from checkpoint.triggers.agenda import Agenda
from checkpoint.triggers.calendar import Calendar
from checkpoint.triggers.lookout import Lookout
from checkpoint.triggers.ping import Ping
from checkpoint.triggers.scope import Scope
from checkpoint.triggers.setback import Setback, after, is_open, over, trouble
from checkpoint.triggers.watch import Watch
from checkpoint.triggers.world import said
from checkpoint.wording import headline

HEARTBEAT = 20.0
"""Seconds between two looks at the wall clock: it may have been changed, or the machine suspended."""


class Slot(msgspec.Struct, frozen=True):
    """A scheduled checkpoint has come due."""

    name: str


class Hint(msgspec.Struct, frozen=True):
    """Something has changed, somewhere."""


class Stop(msgspec.Struct, frozen=True):
    """The server is to end."""


Event = Slot | Hint | Stop | Served


class Server:
    """Serves one plan. `say` is called by the thread that runs it, for whoever reads what it prints.

    Without `watches`, only the schedule begins a checkpoint. `agenda` is how it paces itself, `clock` gives seconds
    since the epoch. Raises ConfigurationError for a notifier that is not installed.
    """

    def __init__(
        self,
        directory: str,
        plan: str | None,
        say: Callable[[Served], None],
        *,
        watches: bool = True,
        agenda: Agenda | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._say = say
        self._watches = watches
        self._lookout = Lookout(directory, plan)
        workspace = self._lookout.renewed()
        self._notifiers = chosen_notifiers(workspace)
        self._folder = workspace.store_folder
        self._top = workspace.top
        self._agenda = agenda or Agenda(poll=workspace.configuration.poll)
        self._clock = clock
        self._ping = Ping(workspace.configuration.ping, os.environ, self._warn)
        self._couriers = Couriers(self._folder, self._notifiers, report=self._was_told)
        self._calendar: Calendar | None = None
        self._watch: Watch | None = None
        self._scope: Scope | None = None
        self._setback: Setback | None = None
        self._slot = ""
        """The scheduled slot that is due and has not had its checkpoint yet."""
        self._is_trouble_open = self._was_trouble_left_open()
        self._is_stopping = False

    def stop(self) -> None:
        """Ends it, after the checkpoint at hand; may be called by a signal handler."""
        self._events.put(Stop())

    def once(self) -> None:
        """Takes the checkpoint that is due, or that changes ask for, if any; carries what waits, and ends.

        Raises CheckpointError where that checkpoint cannot be taken.
        """
        with self._couriers:
            try:
                self._lookout.ask()
                self._lookout.glance()
                news = self._lookout.news()
                self._slot = self._missed_slot()
                self._take_what_is_due(news if self._watches else ())
            except CheckpointError as error:
                self._tell_people(after(None, error, 0.0, ""), 0.0)
                raise
            else:
                self._recover()
            finally:
                self._wind_up()

    def run(self) -> None:
        """Serves until `stop` is called."""
        with self._couriers, closing(Calendar(self._slot_has_come, self._clock)) as calendar, ExitStack() as stack:
            self._calendar = calendar
            if self._watches:
                self._watch = stack.enter_context(closing(Watch(self._hint, self._warn)))
            self._act()
            self._tell("serving", self._outlook())
            while not self._is_stopping:
                self._step()
            self._wind_up()
        self._tell("stopped", "stopped")

    def _missed_slot(self) -> str:
        schedule, handled = self._lookout.scope.schedule, self._lookout.handled()
        latest = schedule.latest(self._clock()) if schedule else None
        is_missed = latest is not None and handled is not None and latest > handled
        return schedule.slot(latest) if schedule and latest and is_missed else ""

    def _step(self) -> None:
        self._await(self._wait())
        if self._calendar:
            self._calendar.look()
        now = time.monotonic()
        retries = self._setback is not None and now >= self._setback.again
        is_time = self._agenda.due(now) or self._agenda.poll_due(now) or retries or bool(self._slot)
        if is_time and not self._is_stopping:
            self._act()

    def _wait(self) -> float:
        now = time.monotonic()
        again = self._setback.again - now if self._setback else inf if not self._slot else 0.0
        return max(0.0, min(self._agenda.wait(now), HEARTBEAT, again))

    def _await(self, seconds: float) -> None:
        """Waits for an event, and takes in all that there are."""
        try:
            event = self._events.get(timeout=seconds) if seconds else self._events.get_nowait()
            while True:
                self._take_in(event)
                event = self._events.get_nowait()
        except queue.Empty:
            return

    def _take_in(self, event: Event) -> None:
        if isinstance(event, Slot):
            self._slot = event.name
        elif isinstance(event, Hint):
            self._agenda = self._agenda.hint(time.monotonic())
        elif isinstance(event, Served):
            self._say(event)
        else:
            self._is_stopping = True

    def _act(self) -> None:
        """Looks whether there is anything to do, and does it."""
        began = time.monotonic()
        self._agenda = self._agenda.looked(began)
        try:
            self._lookout.renewed()
            has_asked = self._ask(began)
            self._lookout.glance()
            if self._setback and self._setback.holds(began, self._lookout.world.digest):
                return
            news = self._lookout.news()
            self._follow()
            if self._lookout.has_unpublished_edit():
                self._tell(
                    "note", f"{self._lookout.plan_path} has uncommitted changes, which count once they are pushed"
                )
            has_taken = self._take_what_is_due(news if self._watches else ())
        except CheckpointError as error:
            self._fail(error)
        else:
            if has_asked or has_taken:
                self._recover()

    def _ask(self, now: float) -> bool:
        """Asks the remote where it is time to, or where git knows here already that it has moved on; whether it did."""
        if not self._agenda.poll_due(now) and not self._lookout.has_moved():
            return False
        try:
            self._lookout.ask()
        except CheckpointError:
            self._agenda = self._agenda.polled(now, failed=True)
            raise
        self._agenda = self._agenda.polled(now)
        return True

    def _follow(self) -> None:
        """Goes by the plan as it is now."""
        scope = self._lookout.scope
        if scope == self._scope:
            if self._watch:
                self._watch.rearm()
            return
        is_first, was = self._scope is None, self._scope
        self._scope = scope
        if self._watch:
            self._watch.follow((*scope.folders, *scope.hints), (*scope.files, scope.plan))
        if self._calendar and (was is None or was.schedule != scope.schedule):
            self._calendar.plan(scope.schedule, self._lookout.handled() if is_first else self._clock())
            if not is_first:
                self._tell("serving", self._outlook())

    def _take_what_is_due(self, news: tuple[str, ...]) -> bool:
        """Takes a checkpoint where there is a reason to; whether it did."""
        if self._slot:
            self._tell("due", "a scheduled checkpoint is due", slot=self._slot)
            self._checkpoint("cron", self._slot)
            self._slot = ""
        elif news:
            self._tell("changed", "a first look" if self._lookout.is_new else said(news, self._top))
            self._checkpoint("watch", self._lookout.slot())
        else:
            return False
        return True

    def _checkpoint(self, trigger: Trigger, slot: str) -> None:
        request = Request(os.urandom(8).hex(), slot, trigger)
        if trigger == "cron":
            self._ping.started(request.id)
        try:
            taken = self._lookout.take(request, self._notifiers, self._couriers.wake)
        except CheckpointError as error:
            if trigger == "cron" and not isinstance(error, Busy):
                self._ping.ended(request.id, error.exit_code, error.what)
            raise
        if trigger == "cron":
            self._ping.ended(request.id, 0, headline(taken.report))
        self._tell_of(taken, trigger, slot)

    def _fail(self, error: CheckpointError) -> None:
        now = time.monotonic()
        is_new = self._setback is None or not self._setback.is_of(error)
        self._setback = after(self._setback, error, now, self._lookout.world.digest)
        if is_new:
            self._tell("setback", f"{error.line} → {error.mend}" if error.mend else error.line)
        self._tell_people(self._setback, now)

    def _tell_people(self, setback: Setback, now: float) -> None:
        if setback.is_news(now):
            self._put(trouble(setback.error, self._lookout.plan_path, self._clock()))

    def _recover(self) -> None:
        if self._setback:
            self._setback = None
            self._tell("recovered", "checkpoints are taken again")
        if self._is_trouble_open:
            self._put(over(self._lookout.plan_path, self._clock()))
        self._is_trouble_open = False

    def _put(self, notice: Notice) -> None:
        """Tells everybody of trouble, or of its end."""
        outbox = open_outbox(self._folder)
        try:
            outbox.add(notice.at, [row(each.name, notice) for each in self._notifiers])
        finally:
            outbox.close()
        self._is_trouble_open = notice.level == "bad"
        self._couriers.wake()

    def _was_trouble_left_open(self) -> bool:
        outbox = open_outbox(self._folder)
        try:
            return is_open(outbox.keys())
        finally:
            outbox.close()

    def _wind_up(self) -> None:
        self._couriers.wait()
        self._ping.close()
        self._await(0.0)

    def _slot_has_come(self, name: str) -> None:
        self._events.put(Slot(name))

    def _hint(self) -> None:
        self._events.put(Hint())

    def _warn(self, text: str) -> None:
        self._tell("note", text, later=True)

    def _was_told(self, told: Told) -> None:
        text = f"{told.channel}: {told.problem}" if told.problem else f"{told.channel} was told"
        self._tell("degraded" if told.problem else "told", text, later=True)

    def _outlook(self) -> str:
        where = f"{self._lookout.plan_path} on {self._lookout.where}"
        schedule = self._scope.schedule if self._scope else None
        moment = self._calendar.next if self._calendar else None
        if schedule is None or moment is None:
            return f"serving {where}: no schedule"
        return f"serving {where}: {schedule.text}; next {time.strftime('%a %d %b %H:%M', time.localtime(moment))}"

    def _tell_of(self, taken: Now, trigger: Trigger, slot: str) -> None:
        words = {
            "published": f"published {taken.commit[:10]}: {headline(taken.report)}",
            "unchanged": f"nothing new: {headline(taken.report)}",
        }
        text = words.get(taken.result, f"{slot} has its checkpoint already")
        self._tell("checkpoint", text, slot=slot, trigger=trigger, result=taken.result, commit=taken.commit)
        for note in taken.notes:
            self._tell("note", note)

    def _tell(self, event: str, text: str, *, later: bool = False, **more: str) -> None:
        """Says something: at once, or, from another thread, when the server's own comes to it."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        served = msgspec.convert({"at": at, "event": event, "text": text, **more}, Served)
        if later:
            self._events.put(served)
        else:
            self._say(served)
