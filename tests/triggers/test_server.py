"""The server: what begins a checkpoint, what does not, and what people hear where none can be taken."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pytest

from checkpoint.documents import Served
from checkpoint.errors import PublishError, Stalled
from checkpoint.notify import Notice
from checkpoint.notify.rows import decoded, row
from checkpoint.place import Place
from checkpoint.store import Store
from checkpoint.triggers import outage
from checkpoint.triggers.agenda import Agenda
from checkpoint.triggers.server import Server
from tests.helpers.repositories import clone, git, push_edit
from tests.helpers.scenes import ALL, API, PLAN, Scene, local, published

QUICK = Agenda(poll=0.2, rescan=0.5, settle=0.05, patience=1.0)
PATIENCE = 30.0


class Clock:
    """A wall clock that stands at half past the hour when it is made, so that no hour ends during a test.

    It is ahead of the others, and can be set forward.
    """

    def __init__(self) -> None:
        self.ahead = (1800 - time.time()) % 3600

    def __call__(self) -> float:
        return time.time() + self.ahead


class Serving:
    """A server at work in a thread; `said` is what it has said so far."""

    def __init__(
        self,
        scene: Scene,
        *,
        watches: bool = True,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.said: list[Served] = []
        self._changed = threading.Condition()
        self.server = Server(
            str(scene.work), None, self._hear, watches=watches, agenda=QUICK, patience=patience, clock=clock
        )
        self._thread = threading.Thread(target=self.server.run, name="server", daemon=True)

    def __enter__(self) -> "Serving":
        self._thread.start()
        self.until("serving")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _hear(self, served: Served) -> None:
        with self._changed:
            self.said.append(served)
            self._changed.notify_all()

    def count(self, event: str, **fields: str) -> int:
        return sum(_fits(each, event, fields) for each in self.said)

    def until(self, event: str, times: int = 1, **fields: str) -> Served:
        """Waits until this has been said so many times; the last one."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.count(event, **fields) >= times, PATIENCE), self.said
            return [each for each in self.said if _fits(each, event, fields)][times - 1]

    def quiet(self, seconds: float = 1.5) -> None:
        """Lets some looks pass, in none of which anything is taken."""
        before = self.count("checkpoint")
        with self._changed:
            assert not self._changed.wait_for(lambda: self.count("checkpoint") > before, seconds), self.said


def _fits(served: Served, event: str, fields: dict[str, str]) -> bool:
    return served.event == event and all(value in getattr(served, name) for name, value in fields.items())


def runs(scene: Scene) -> list[str]:
    return [each.result for each in scene.json("log").checkpoints]


def decline(scene: Scene) -> Path:
    """From now on the server takes no push; the hook that says so."""
    hook = scene.where / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    return hook


@pytest.fixture(params=["remote", "local"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return published(tmp_path) if request.param == "remote" else local(tmp_path)


def test_what_is_delivered_is_proven_without_being_asked(scene: Scene) -> None:
    with Serving(scene) as serving:
        serving.until("checkpoint", result="published")
        scene.deliver(API)
        serving.until("checkpoint", 2, result="published")
        assert "[x] **B1**" in scene.plan
        serving.until("changed", text="out/backend")


HALF = "backend: 1 of 2 expectations hold; B2 `search.py` defines search: expected `search.py`, found nothing there"


@pytest.mark.parametrize(("patience", "times"), [(0.0, 1), (PATIENCE, 0)])
def test_where_a_checkpoint_takes_a_while_what_is_true_is_said_before(
    tmp_path: Path, patience: float, times: int
) -> None:
    scene = published(tmp_path)
    with Serving(scene, patience=patience) as serving:
        serving.until("checkpoint", result="published")
        scene.deliver(API)
        serving.until("checkpoint", 2, result="published")
        said = [each for each in serving.said if each.event == "judged"]
        assert [each.text for each in said] == [HALF] * times
        assert [each.event for each in serving.said if each.event in ("judged", "checkpoint")][-1] == "checkpoint"


def test_what_it_writes_itself_begins_nothing(scene: Scene) -> None:
    scene.deliver(ALL)  # before the first look: what comes while a checkpoint is taken rightly begins another one
    with Serving(scene) as serving:
        serving.until("checkpoint", text="backend 2/2, frontend 1/2")
        serving.quiet()


def test_commands_that_write_into_their_folder_do_not_keep_it_busy(tmp_path: Path) -> None:
    plan = PLAN.replace("  - `api.json` contains `paths`", "  - `$ date +%N > log` passes")
    scene = published(tmp_path, plan)
    scene.deliver(API)
    scene.approve()
    with Serving(scene) as serving:
        serving.until("checkpoint", 2)
        serving.quiet(3.0)


def test_a_plan_edited_elsewhere_is_noticed(tmp_path: Path) -> None:
    scene = published(tmp_path)
    colleague = clone(scene.where, tmp_path / "colleague")
    with Serving(scene) as serving:
        serving.until("checkpoint")
        push_edit(colleague, {"plan.md": scene.plan.replace("Show the books", "Show all books")})
        serving.until("changed", text="branch main")
        serving.until("checkpoint", 2)


def test_what_another_orchestrator_publishes_begins_nothing(tmp_path: Path) -> None:
    scene = published(tmp_path)
    other = Scene(clone(scene.where, tmp_path / "elsewhere" / "work"), scene.where)
    other.has_remote = True
    with Serving(scene) as serving:
        serving.until("checkpoint")
        other.deliver(API)
        assert other.now().result == "published"
        serving.quiet()


def test_an_approval_is_worth_a_checkpoint(tmp_path: Path) -> None:
    plan = PLAN.replace("  - `api.json` contains `paths`", "  - `$ true` passes")
    scene = published(tmp_path, plan)
    scene.deliver(API)
    with Serving(scene) as serving:
        serving.until("checkpoint", result="published")
        scene.approve()
        serving.until("checkpoint", 2, result="published")


def test_a_schedule_is_kept_and_what_was_missed_is_made_up_for_once(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    clock = Clock()
    with Serving(scene, clock=clock) as serving:
        serving.until("checkpoint")
        clock.ahead += 5 * 3600.0
        serving.until("checkpoint", trigger="cron")
        serving.quiet()
    assert serving.count("due") == 1
    slots = [each.slot for each in scene.json("log").checkpoints if each.trigger == "cron"]
    assert slots == [time.strftime("cron:%Y-%m-%dT%H:00Z", time.gmtime(clock()))]


def test_a_slot_is_not_taken_again_after_a_restart_with_the_clock_set_back(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    clock = Clock()
    with Serving(scene, watches=False, clock=clock) as serving:
        clock.ahead += 3600.0
        serving.until("checkpoint", result="published", trigger="cron")
        clock.ahead += 3600.0
        serving.until("checkpoint", result="unchanged", trigger="cron")  # of which the remote knows nothing
    clock.ahead -= 3600.0
    scene.deliver(API)
    with Serving(scene, watches=False, clock=clock) as serving:
        clock.ahead += 3600.0
        serving.quiet()
        clock.ahead += 3600.0
        serving.until("checkpoint", result="published", trigger="cron")
    slots = [each.slot for each in scene.json("log").checkpoints]
    assert len(slots) == len(set(slots)) == 3


def test_a_schedule_that_changes_is_gone_by_without_a_restart(tmp_path: Path) -> None:
    scene = published(tmp_path)
    with Serving(scene) as serving:
        serving.until("serving", text="no schedule")
        scene.edit("checkpoint: 1", 'checkpoint: 1\nschedule: "15 4 * * *"\ntimezone: Asia/Tokyo')
        serving.until("serving", text="15 4 * * * (Asia/Tokyo)")


def test_without_watching_only_the_schedule_counts(tmp_path: Path) -> None:
    scene = published(tmp_path)
    with Serving(scene, watches=False) as serving:
        scene.deliver(API)
        serving.quiet()
        scene.edit("checkpoint: 1", 'checkpoint: 1\nschedule: "15 4 * * *"')
        serving.until("serving", text="15 4 * * *")
        serving.quiet(0.5)


def test_trouble_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    scene = published(tmp_path)
    hook = decline(scene)
    with Serving(scene) as serving:
        serving.until("setback", text="main is protected")
        serving.quiet()
        hook.unlink()
        scene.deliver(API)
        serving.until("recovered")
        serving.until("checkpoint", result="published")
    assert serving.count("setback") == 1
    titles = [notice.title for notice in told(scene, "file") if notice.kind == "trouble"]
    assert titles == [
        "no checkpoint of plan.md: the server declines pushes to main",
        "checkpoints of plan.md are taken again",
    ]


def test_a_broken_plan_is_named_and_the_one_that_follows_is_taken(tmp_path: Path) -> None:
    scene = published(tmp_path)
    with Serving(scene) as serving:
        serving.until("checkpoint")
        scene.edit("- [ ] **F2**", "- [~] **F2**")
        serving.until("setback", text="plan.md has 1 error")
        scene.edit("- [~] **F2**", "- [ ] **F2**")
        serving.until("recovered")


def test_a_remote_that_is_gone_for_a_while_stops_nothing(tmp_path: Path) -> None:
    scene = published(tmp_path)
    with Serving(scene) as serving:
        serving.until("checkpoint")
        away = scene.where.rename(tmp_path / "away.git")
        serving.until("setback")
        away.rename(scene.where)
        scene.deliver(API)
        serving.until("checkpoint", 2, result="published")


def test_what_waits_in_the_outbox_is_carried_when_it_begins(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    with Store(Place(str(scene.work), None).store_folder) as store:
        store.outbox.add(0.0, [row("file", Notice("left", "plan.md", "left over", ""))])
    with Serving(scene) as serving:
        serving.until("told", text="file")
    assert "left over" in [notice.title for notice in told(scene, "file")]


def told(scene: Scene, channel: str) -> list[Notice]:
    """The notices that a channel has had, oldest first."""
    with Store(Place(str(scene.work), None).store_folder) as store:
        return [decoded(each) for each in store.outbox.sent_since(channel, 0.0)]


def test_once_takes_what_is_due_and_no_more(scene: Scene) -> None:
    assert once(scene) == ["changed", "checkpoint"]
    assert once(scene) == []
    scene.deliver(API)
    assert once(scene) == ["changed", "checkpoint"]
    assert runs(scene) == ["published", "published"]


def test_once_makes_up_for_a_slot_that_was_missed(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    assert once(scene) == ["changed", "checkpoint"]
    clock = Clock()
    clock.ahead += 7200.0
    assert once(scene, clock) == ["due", "checkpoint"]
    assert once(scene, clock) == []


def test_once_a_slot_that_somebody_says_is_done_hides_nothing(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    assert once(scene) == ["changed", "checkpoint"]
    clock = Clock()
    clock.ahead += 7200.0
    slot = time.strftime("cron:%Y-%m-%dT%H:00Z", time.gmtime(clock()))
    scene.commit({}, f"checkpoint: Shop\n\nCheckpoint-Id: 0123456789abcdef\nCheckpoint-Slot: {slot}\n")
    scene.deliver(API)
    assert once(scene, clock) == ["due", "checkpoint", "changed", "checkpoint"]
    assert "[x] **B1**" in scene.plan
    assert once(scene, clock) == []


def test_once_without_watching_a_first_slot_comes_too(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1", 'checkpoint: 1\nschedule: "0 * * * *"'))
    clock = Clock()
    assert once(scene, clock, watches=False) == ["due", "checkpoint"]
    assert once(scene, clock, watches=False) == []


def test_once_tells_people_of_trouble_and_another_once_of_its_end(tmp_path: Path) -> None:
    scene = published(tmp_path)
    hook = scene.where / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Stalled, match="declines pushes"):
        once(scene)
    hook.unlink()
    assert once(scene) == ["changed", "checkpoint"]
    titles = [notice.title for notice in told(scene, "file") if notice.kind == "trouble"]
    assert titles == [
        "no checkpoint of plan.md: the server declines pushes to main",
        "checkpoints of plan.md are taken again",
    ]


def test_once_knows_how_long_a_remote_has_been_away(tmp_path: Path) -> None:
    scene, clock = published(tmp_path), Clock()
    assert once(scene, clock) == ["changed", "checkpoint"]

    def away() -> None:
        git(scene.work, "remote", "set-url", "origin", "http://127.0.0.1:1/away.git")
        with pytest.raises(PublishError):
            once(scene, clock)

    for minutes, known in ((0, []), (9, []), (2, ["trouble"]), (5, ["trouble"])):
        clock.ahead += 60.0 * minutes
        away()
        assert troubles(scene) == known
    git(scene.work, "remote", "set-url", "origin", str(scene.where))
    assert once(scene, clock) == []
    assert troubles(scene) == ["over", "trouble"]
    away()
    assert outage.since(Place(str(scene.work), None).store_folder, clock()) == pytest.approx(clock(), abs=PATIENCE)


def troubles(scene: Scene) -> list[str]:
    """What people were, or are to be, told of trouble, the latest first."""
    with Store(Place(str(scene.work), None).store_folder) as store:
        keys = dict.fromkeys(store.outbox.keys())
    return [kind for kind, _, rest in (key.partition(":") for key in keys) if rest]


def once(scene: Scene, clock: Callable[[], float] = time.time, *, watches: bool = True) -> list[str]:
    said: list[Served] = []
    Server(str(scene.work), None, said.append, watches=watches, agenda=QUICK, clock=clock).once()
    return [each.event for each in said if each.event not in ("told", "note")]


def test_a_person_is_told_that_an_edit_is_not_committed(tmp_path: Path) -> None:
    scene = published(tmp_path)
    with Serving(scene) as serving:
        serving.until("checkpoint")
        plan = scene.work / "plan.md"
        plan.write_text(plan.read_text() + "\nA thought.\n")
        serving.until("note", text="uncommitted")
        git(scene.work, "commit", "-qam", "Think")
        git(scene.work, "push", "-q")
        serving.until("checkpoint", 2)


def test_a_bug_is_heard_of_and_ends_nothing(tmp_path: Path) -> None:
    class Broken:
        name = "broken"
        template = "terminal"

        @property
        def team(self) -> str:
            raise ValueError("nobody foresaw this")

        def send(self, notice: Notice) -> None:
            """Never comes so far."""

    scene = published(tmp_path)
    with Serving(scene) as serving:
        serving.until("checkpoint")
        working = serving.server._taking.notifiers
        serving.server._taking.notifiers = (Broken(), *working)
        scene.deliver(API)
        serving.until("setback", text="this is a bug in checkpoint: ValueError: nobody foresaw this")
        serving.server._taking.notifiers = working
        scene.deliver(ALL)
        serving.until("checkpoint", 2)
    assert any("nobody foresaw this" in notice.title for notice in told(scene, "file"))


def test_commands_that_write_do_not_have_a_declined_push_tried_again_at_once(tmp_path: Path) -> None:
    plan = PLAN.replace("  - `api.json` contains `paths`", "  - `$ date +%N > log` passes")
    scene = published(tmp_path, plan)
    scene.deliver(API)
    scene.approve()
    decline(scene)
    with Serving(scene) as serving:
        serving.until("setback")
        serving.quiet(2.0)
    assert runs(scene) == ["stalled"]
