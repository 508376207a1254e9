"""Shows how the notifiers do and what waits to be sent (`list`), or sends a test notice through them (`test`).

A test goes to the notifiers that are configured, or to the one that is named, whether it is configured or not. Exit 6
where a test could not be sent.
"""

from __future__ import annotations

import argparse
import time

from checkpoint.console import Console, columns
from checkpoint.documents import Channel, Notify, to_json
from checkpoint.errors import Stalled, UsageError
from checkpoint.notify import Notice, Notifier, NotifyError
from checkpoint.notify.channel import carried
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.store.outbox import ChannelState
from checkpoint.workspace import Workspace

_STYLES = {"ok": "good", "sent": "good", "waiting": "warn", "degraded": "bad", "failed": "bad", "unused": "dim"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "test"))
    parser.add_argument("name", nargs="?", help="one notifier alone, as `slack`")


def run(options: argparse.Namespace) -> int:
    names = [options.name] if options.name else []
    with Workspace(options.directory, options.plan) as workspace:
        notifiers = chosen_notifiers(workspace, names)
        if options.action == "list":
            channels = _listed(workspace, notifiers, everything=not names)
        else:
            channels = tuple(_tested(each, workspace) for each in notifiers)
            if not channels:
                raise UsageError("no notifier is configured", mend="name one, or set the option `notify`")
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Notify(action=options.action, channels=channels)))
    else:
        _print(channels, console)
    return Stalled.exit_code if any(each.state == "failed" for each in channels) else 0


def _listed(workspace: Workspace, notifiers: tuple[Notifier, ...], *, everything: bool) -> tuple[Channel, ...]:
    known = workspace.store.outbox.channels()
    chosen = [notifier.name for notifier in notifiers]
    others = [name for name in known if name not in chosen] if everything else []
    return tuple(_channel(known.get(name, ChannelState(name))) for name in (*chosen, *others))


def _channel(found: ChannelState) -> Channel:
    return Channel(
        name=found.channel,
        state=found.state,
        waiting=found.waiting,
        unsure=found.unsure,
        last=_time(found.sent),
        due=_time(found.due),
        since=_time(found.since),
        problem=found.problem,
    )


def _tested(notifier: Notifier, workspace: Workspace) -> Channel:
    now = time.time()
    words = "This is a test: checkpoint can reach you here."
    plan = workspace.plan_path
    notice = Notice(f"test:{now:.3f}", plan, f"test notice of {plan}", words, kind="test", at=now)
    try:
        receipt = carried(notice, notifier.send)
    except NotifyError as error:
        return Channel(notifier.name, "failed", problem=error.line, mend=error.mend)
    return Channel(notifier.name, "sent", last=_time(now), receipt=receipt)


def _time(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) if moment else ""


def _print(channels: tuple[Channel, ...], console: Console) -> None:
    for line, each in zip(columns([_row(each) for each in channels]), channels, strict=True):
        console.answer(line.replace(each.state, console.paint(_STYLES[each.state], each.state), 1))
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
        notes.append(f"{each.waiting} to be sent, next try {each.due}")
    if each.unsure:
        notes.append(f"{each.unsure} may not have arrived")
    return (each.state, each.name, ", ".join(notes))
