"""The boundaries between the steps of a checkpoint: functions of the product that are entered or left there."""

from typing import Final, NamedTuple

from benchmarks.torture.killed_scene import KINDS, Kind

_REMOTE: Final[tuple[Kind, ...]] = ("disk", "HTTP")
_NONE: Final[tuple[Kind, ...]] = ("none",)


class Point(NamedTuple):
    """Where a run is killed. `first`: only a first run comes there. `kinds`: the scenes in which it does."""

    name: str
    when: str
    function: str
    kinds: tuple[Kind, ...] = KINDS
    first: bool = False


POINTS: Final = (
    Point("a first run, before the tables of its journal", "enter", "checkpoint.store.schema:migrate", first=True),
    Point("a first run, its journal not in place yet", "leave", "checkpoint.store.database:_connect", first=True),
    Point("a first run, its private clone empty", "leave", "checkpoint.git.remote:Remote._create", _REMOTE, first=True),
    Point("a first run, after its push", "leave", "checkpoint.orchestrator:Checkpoint.publish", first=True),
    Point("before it begins", "enter", "checkpoint.record:Record.begin"),
    Point("after it has begun", "leave", "checkpoint.record:Record.begin"),
    Point("after the fetch", "leave", "checkpoint.orchestrator:Checkpoint.pull"),
    Point("after validating", "leave", "checkpoint.orchestrator:Checkpoint.validate"),
    Point("before its commit is made", "enter", "checkpoint.git.publish:make_commit"),
    Point("before the push", "leave", "checkpoint.git.publish:make_commit"),
    Point("while it is being pushed", "enter", "checkpoint.orchestrator:Checkpoint.notices"),
    Point("after the push", "leave", "checkpoint.orchestrator:Checkpoint.publish"),
    Point("before the journal", "enter", "checkpoint.store.journal:Journal.finish"),
    Point("after the journal", "leave", "checkpoint.store.journal:Journal.finish"),
    Point("before the snapshot", "enter", "checkpoint.snapshot:write_snapshot"),
    Point("after the snapshot", "leave", "checkpoint.snapshot:write_snapshot"),
    Point("while old evidence is forgotten", "leave", "checkpoint.store.pruning:forget_notices", first=True),
    Point("before the checkout is moved", "enter", "checkpoint.git.fast_forward:fast_forward"),
    Point("its branch, or the remote's as known here, locked", "enter", "checkpoint.git.refs:_write"),
    Point("that branch moved, and locked", "leave", "checkpoint.git.refs:_write"),
    Point("the index locked", "leave", "checkpoint.git.held_index:hold"),
    Point("the work tree written", "leave", "checkpoint.git.work_tree:update"),
    Point("the index in its place, and locked", "leave", "checkpoint.git.held_index:HeldIndex.keep"),
    Point("after the checkout was moved", "leave", "checkpoint.git.fast_forward:fast_forward"),
    Point("before a notice is sent", "leave", "checkpoint.store.outbox:Outbox.claim"),
    Point("a notice sent, and its thread not yet", "enter", "checkpoint.notify.slack_message:SlackMessage._say_reply"),
    Point("a notice sent, and not recorded", "leave", "checkpoint.notify.slack:SlackNotifier.send"),
    Point("after a notice was recorded", "leave", "checkpoint.store.outbox:Outbox.sent"),
    Point("all done, and not ended", "leave", "checkpoint.notify.delivery:Couriers.wait"),
)
