"""Texts that would act are delivered, and everything that shows them is looked at.

60 payloads (15 of tmux's formats and commands, 20 of a terminal's controls, 10 of Slack's mentions, links and blocks,
10 of Markdown, HTML and our own markers, 5 that pretend to be next actions), each as the content of a file that a
finding quotes, the name of a file, the title of a task, the title of the plan, and the output of a command. After a
checkpoint of each: a real tmux server, whose status line, border and title show all our options in every form, must
have run nothing and changed no colour; a real terminal must have got nothing but printable text and ends of lines;
Slack, the tests' own, which expands what Slack would, must have nothing to expand; what was written into the plan
must be the same blocks to a Markdown viewer as with harmless words, without a link, a picture, HTML or a marker; and
`checkpoint next` and the notices must be the same but for what they quote. *Takes effect* is a payload that does
anything else, anywhere.

50 texts give a reader orders: hidden in comments or by invisible characters, in another speaker's tags, as next
actions, fences and links. They are delivered as content, as names and as output. No word of next actions, of the
plan's blocks or of the notice may differ from those with harmless words, outside of the field that is marked as
quoted.

The naive way puts the same text into an f-string: for tmux's status line, a terminal, Slack's `text`, a line of the
plan, and a next action; it is looked at in the same way, for a payload in the sink that it was made for.
"""

import shutil
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.torture.injection_checks import Shown, effects, outside
from benchmarks.torture.injection_world import HARMLESS, World, world
from benchmarks.torture.payloads import FAMILIES, PROMPTS
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.slack_expansions import expansions

PROMISE = Promise(
    10,
    "What teams deliver is shown, and does nothing where it is shown.",
    "60 payloads into tmux, terminals, Slack, the plan and next actions: 0 take effect; "
    "50 prompt injections: 0 change a word outside of what is quoted",
)
SHORT = 10
"""Each so many-th payload is what the short form delivers."""


class Counted(NamedTuple):
    """How many payloads there were, which had an effect, and how many had in the naive way."""

    number: int
    broken: tuple[str, ...]
    naive: int


def run(trial: Trial) -> Outcome:
    with world(trial.folder) as where:
        payloads, prompts = of_payloads(trial, where), of_prompts(trial, where)
    return Outcome(
        f"{payloads.number} payloads: {len(payloads.broken)} take effect; "
        f"{prompts.number} prompt injections: {len(prompts.broken)} change a word",
        f"{payloads.naive} of {payloads.number} take effect; {prompts.naive} of {prompts.number} change a word",
        (*payloads.broken, *prompts.broken),
    )


def chosen(trial: Trial, payloads: Sequence[str]) -> Sequence[str]:
    return payloads[trial.seed % SHORT :: SHORT] if trial.short else payloads


def of_payloads(trial: Trial, where: World) -> Counted:
    harmless, number, naive, broken = where.show(HARMLESS), 0, 0, list[str]()
    for sink, payloads in FAMILIES.items():
        for payload in chosen(trial, payloads):
            trial.say(f"{sink}: {payload!r}")
            found = list(effects(where.show(payload), harmless))
            broken += [f"{payload!r}: {', '.join(found)}"] if found else []
            naive += sink in effects(shown_naively(where, payload), shown_naively(where, HARMLESS))
            number += 1
    return Counted(number, tuple(broken), naive)


def of_prompts(trial: Trial, where: World) -> Counted:
    prompts, harmless = chosen(trial, PROMPTS), where.read(HARMLESS)
    broken, naive = list[str](), 0
    for payload in prompts:
        trial.say(f"{payload!r}")
        found = [each for each in effects(where.read(payload), harmless) if each in ("plan", "next actions")]
        broken += [f"{payload!r}: {', '.join(found)}"] if found else []
        naive += outside(naive_action(payload)) != outside(naive_action(HARMLESS))
    return Counted(len(prompts), tuple(broken), naive)


def shown_naively(where: World, payload: str) -> Shown:
    """The same text in f-strings, as everybody writes them."""
    text = f"F1 failed: {payload.replace('WITNESS', str(where.witness))}"
    ran = where.displayed(text) if shutil.which("tmux") else False
    plan = f"<!-- checkpoint:next frontend -->\n\n1. {text}\n\n<!-- /checkpoint:next -->\n"
    expanded = tuple(expansions({"text": text, "unfurl_media": False}))
    return Shown(ran, text.encode("utf-8", "replace"), expanded, plan, naive_action(payload))


def naive_action(payload: str) -> str:
    return f"1. F1: make this pass: {payload}"
