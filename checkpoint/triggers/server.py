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

from checkpoint.documents import Served, Told
from checkpoint.errors import CheckpointError, bug
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.delivery import Couriers
from checkpoint.triggers.agenda import Agenda
from checkpoint.triggers.alarm import Alarm
from checkpoint.triggers.calendar import Calendar
from checkpoint.triggers.lines import failure, of_channel, outlook, served
from checkpoint.triggers.lookout import Lookout
from checkpoint.triggers.ping import Ping
from checkpoint.triggers.scope import Scope
from checkpoint.triggers.taking import Taking
from checkpoint.triggers.walk import ENTRIES_LIMIT
from checkpoint.triggers.watch import Watch

HEARTBEAT = 20.0
"""Seconds between two looks at the wall clock: it may have been changed, or the machine suspended."""
PATIENCE = 0.5
"""Seconds for which a checkpoint may take without a word of what it will find."""


class Slot(msgspec.Struct, frozen=True):
    """A scheduled checkpoint has come due."""

    name: str


class Hint(msgspec.Struct, frozen=True):
    """Something has changed, somewhere: at this moment of the monotonic clock, however long it is not heard of."""

    at: float


class Stop(msgspec.Struct, frozen=True):
    """The server is to end."""


Event = Slot | Hint | Stop | Served
"""What its own thread hears of from others; what they have to say, too."""


class Server:
    """Serves one plan. `say` is called by the thread that runs it, for whoever reads what it prints.

    Without `watches`, only the schedule begins a checkpoint. `agenda` is how it paces itself, `patience` how many
    seconds a checkpoint may take without a word ahead, `clock` gives seconds since the epoch. Raises
    ConfigurationError for a notifier that is not installed.
    """

    def __init__(
        self,
        directory: str,
        plan: str | None,
        say: Callable[[Served], None],
        *,
        watches: bool = True,
        publish_branch: str | None = None,
        agenda: Agenda | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._say = say
        self._watches = watches
        self._lookout = Lookout(directory, plan, publish_branch)
        workspace = self._lookout.renewed()
        notifiers = chosen_notifiers(workspace)
        self._top = workspace.top
        self._agenda = agenda or Agenda(poll=workspace.configuration.poll)
        self._clock = clock
        self._ping = Ping(workspace.configuration.ping, os.environ, self._warn)
        folder, channels = workspace.store_folder, (each.name for each in notifiers)
        self._couriers = Couriers(folder, notifiers, report=self._was_told)
        self._alarm = Alarm(folder, self._lookout.plan_path, channels, clock, self._couriers.wake)
        self._taking = Taking(self._lookout, notifiers, self._ping, say, self._couriers.wake, patience, clock)
        self._calendar: Calendar | None = None
        self._watch: Watch | None = None
        self._scope: Scope | None = None
        self._is_crowded = False
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
                # With a first look at hand nothing is to be made up for; without watching there is none.
                self._taking.slot = self._lookout.missed_slot(self._clock(), counts_first=not self._watches)
                self._taking.take(news if self._watches else (), self._top)
            except CheckpointError as error:
                self._alarm.failed_again(error)
                raise
            else:
                self._alarm.recovered()
            finally:
                self._wind_up()

    def run(self) -> None:
        """Serves until `stop` is called."""
        with self._couriers, closing(Calendar(self._slot_has_come, self._clock)) as calendar, ExitStack() as stack:
            self._calendar = calendar
            touches = self._lookout.glances.touches
            if self._watches:
                self._watch = stack.enter_context(closing(Watch(self._hint, self._warn, touches)))
            else:
                touches.hears_all(hears=True)  # nothing is: but what changes begins nothing either
            self._act()
            while not self._is_stopping:
                self._step()
            self._wind_up()
        self._taking.tell("stopped", "stopped")

    def _step(self) -> None:
        self._await(self._wait())
        if self._calendar:
            self._calendar.look()
        now = time.monotonic()
        setback = self._alarm.setback
        retries = setback is not None and now >= setback.again
        is_time = self._agenda.due(now) or self._agenda.poll_due(now) or retries or bool(self._taking.slot)
        if is_time and not self._is_stopping:
            self._act()

    def _wait(self) -> float:
        now, setback = time.monotonic(), self._alarm.setback
        again = setback.again - now if setback else inf if not self._taking.slot else 0.0
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
            self._taking.slot = event.name
        elif isinstance(event, Hint):
            self._agenda = self._agenda.hint(event.at)
        elif isinstance(event, Served):
            self._say(event)
        else:
            self._is_stopping = True

    def _act(self) -> None:
        """Looks whether there is anything to do, and does it."""
        began = time.monotonic()
        is_everywhere = self._pace(began)
        try:
            self._lookout.renewed()
            has_asked = self._ask(began)
            self._lookout.glance()
            if self._alarm.setback and self._alarm.setback.holds(began, self._lookout.world.digest):
                return
            news = self._lookout.news()
            self._follow(is_everywhere=is_everywhere)
            if not self._lookout.world.complete and not self._is_crowded:
                self._is_crowded = True
                self._taking.tell(
                    "note", f"there are more than {ENTRIES_LIMIT:,} files: only a part of them is looked at"
                )
            if self._lookout.has_unpublished_edit():
                text = f"{self._lookout.plan_path} has uncommitted changes, which count once they are pushed"
                self._taking.tell("note", text)
            has_taken = self._taking.take(news if self._watches else (), self._top)
        except CheckpointError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - people must hear of a bug of ours, which an end would keep from them
            self._fail(bug(error))
        else:
            if has_asked or has_taken:
                self._recover()

    def _pace(self, now: float) -> bool:
        """Notes a look that begins now; whether it is time for one at everything, and not only where hints are from."""
        if not self._agenda.rescan_due(now):
            self._agenda = self._agenda.answered(now)
            return False
        self._lookout.glances.touches.doubt()
        self._agenda = self._agenda.looked(now, self._lookout.glances.cost)
        return True

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

    def _follow(self, *, is_everywhere: bool) -> None:
        """Goes by the plan as it is now."""
        scope, was = self._lookout.scope, self._scope
        if scope == was:
            if self._watch and is_everywhere:
                self._watch.rearm()
            return
        self._scope = scope
        if self._watch:
            self._watch.follow((*scope.folders, *scope.hints), (*scope.files, scope.plan), scope.roots)
        if self._calendar and (was is None or was.schedule != scope.schedule):
            now = self._clock()
            self._calendar.plan(scope.schedule, now if was else self._lookout.handled(now), self._lookout.ahead(now))
            self._taking.tell("serving", self._outlook())

    def _fail(self, error: CheckpointError) -> None:
        # Held against the world as the failed run left it: its commands may have written.
        if self._alarm.failed(error, time.monotonic(), self._lookout.look_after_run().digest):
            self._taking.tell("setback", failure(error))

    def _recover(self) -> None:
        if self._alarm.recovered():
            self._taking.tell("recovered", "checkpoints are taken again")

    def _wind_up(self) -> None:
        self._couriers.wait()
        self._ping.close()
        self._await(0.0)

    def _slot_has_come(self, name: str) -> None:
        self._events.put(Slot(name))

    def _hint(self) -> None:
        self._events.put(Hint(time.monotonic()))

    def _warn(self, text: str) -> None:
        self._events.put(served("note", text, self._clock()))

    def _was_told(self, told: Told) -> None:
        self._events.put(of_channel(told, self._clock()))

    def _outlook(self) -> str:
        schedule = self._scope.schedule if self._scope else None
        following = self._calendar.next if self._calendar else None
        return outlook(f"{self._lookout.plan_path} on {self._lookout.where}", schedule, following)
