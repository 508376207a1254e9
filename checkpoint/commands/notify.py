"""Shows how the notifiers do and what waits to be sent (`list`), or sends a test notice through them (`test`).

A test goes to the notifiers that are configured, or to the one that is named, whether it is configured or not; or to
one channel of it, named as `list` shows it. Exit 6 where a test could not be sent.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from checkpoint.console import Console, columns
from checkpoint.documents import Channel, Notify, to_json
from checkpoint.errors import Stalled, UsageError
from checkpoint.notify import Notice, Notifier, NotifyError
from checkpoint.notify.channel import Channel as Carrying
from checkpoint.notify.channel import carried
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.registry import kind
from checkpoint.store.outbox import ChannelState
from checkpoint.workspace import Workspace

_STYLES = {"ok": "good", "sent": "good", "waiting": "warn", "unsure": "warn", "degraded": "bad", "failed": "bad"}
_SHORT = 5.0
"""Seconds that a test waits where a service asks for patience."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "test"))
    parser.add_argument("name", nargs="?", help="one notifier alone, as `slack`, or one channel, as `slack:backend`")


def run(options: argparse.Namespace) -> int:
    with Workspace(options.directory, options.plan) as workspace:
        if options.action == "list":
            channels = tuple(_listed(workspace, options.name or ""))
        else:
            channels = tuple(_tested(each, workspace) for each in _meant(workspace, options.name or ""))
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Notify(action=options.action, channels=channels)))
    else:
        _print(channels, console)
    return Stalled.exit_code if any(each.state == "failed" for each in channels) else 0


def _meant(workspace: Workspace, name: str) -> tuple[Notifier, ...]:
    """The notifiers, one for each channel, that are configured, or those of a name. Raises UsageError for none."""
    there = chosen_notifiers(workspace, [kind(name)] if name else [])
    meant = tuple(each for each in there if name in ("", kind(name), each.name))
    if there and not meant:
        mend = f"its channels are: {', '.join(each.name for each in there)}"
        raise UsageError(f"`{kind(name)}` has no channel `{name}`", mend=mend)
    if not meant:
        raise UsageError("no notifier is configured", mend="name one, or set the option `notify`")
    return meant


def _listed(workspace: Workspace, name: str) -> Iterator[Channel]:
    """Those that are configured, and then others that had notices; or those of a name, even one that is not."""
    known = workspace.store.outbox.channels()
    configured = {each.name: each for each in chosen_notifiers(workspace)}
    names = [each for each in dict.fromkeys((*configured, *known)) if name in ("", kind(each), each)]
    for each in names or ([notifier.name for notifier in _meant(workspace, name)] if name else []):
        yield _channel(known.get(each, ChannelState(each)), configured.get(each), workspace)


def _channel(found: ChannelState, notifier: Notifier | None, workspace: Workspace) -> Channel:
    due = Carrying(notifier, workspace.store.outbox, time.time).due() if notifier else None
    return Channel(
        name=found.channel,
        state=found.state if notifier else "not configured",
        waiting=found.waiting,
        unsure=found.unsure,
        last=_time(found.sent),
        due=_time(due or 0.0),
        since=_time(found.since),
        problem=found.problem,
        mend=found.mend,
    )


def _tested(notifier: Notifier, workspace: Workspace) -> Channel:
    now = time.time()
    words = "This is a test: checkpoint can reach you here."
    plan = workspace.plan_path
    notice = Notice(f"test:{now:.3f}", plan, f"test notice of {plan}", words, kind="test", at=now)
    try:
        receipt = _carried_in_time(notifier, notice)
    except NotifyError as error:
        return Channel(notifier.name, "failed", problem=error.line, mend=error.mend)
    return Channel(notifier.name, "sent", last=_time(now), receipt=receipt)


def _carried_in_time(notifier: Notifier, notice: Notice) -> str:
    """The receipt; where a service asks for a moment's patience, of a second try."""
    try:
        return carried(notice, notifier.send)
    except NotifyError as error:
        if error.doubtful or not 0.0 < error.after <= _SHORT:
            raise
        time.sleep(error.after)
    return carried(notice, notifier.send)


def _time(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) if moment else ""


def _print(channels: tuple[Channel, ...], console: Console) -> None:
    for line, each in zip(columns([_row(each) for each in channels]), channels, strict=True):
        console.answer(line.replace(each.state, console.paint(_STYLES.get(each.state, "dim"), each.state), 1))
        if each.problem:
            console.answer(f"  {each.problem}")
        if each.mend:
            console.answer(f"  → {each.mend}")


def _row(each: Channel) -> tuple[str, ...]:
    notes = [each.receipt] if each.receipt else []
    if each.last and each.state != "sent":
        notes.append(f"last told {each.last}")
    if each.since:
        notes.append(f"since {each.since}")
    if each.waiting:
        notes.append(f"{each.waiting} to be sent{_next_try(each.due)}")
    if each.unsure:
        notes.append(f"{each.unsure} may not have arrived")
    return (each.state, each.name, ", ".join(notes))


def _next_try(due: str) -> str:
    """When it is, "now" where it could be; nothing where nobody tries, the channel not being configured."""
    if not due:
        return ""
    return f", next try {due if due > _time(time.time()) else 'now'}"
