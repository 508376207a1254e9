"""Secrets of twenty kinds, on every way out: each is looked for wherever text leaves the machine or is shown.

Twenty teams deliver a log each, with one invented secret in it: whole, split by colour codes, in JSON, in a URL, in an
exported variable, in several lines. A validator of the repository's own, which was approved, quotes the log, and a
command prints all of them and fails. One checkpoint is taken, told everywhere, and asked about with each command. Then
every text that got out is searched for half of any secret, 12 characters or more: the plan; the commit's message, made
by an approved template that quotes what was found; all that Slack received; what the file and a terminal were told; and
what `show`, `status`, `next`, `check`, `log` and `now` print, also with `--json`. *Redacted* is a kind that is nowhere
to be read there. A way on which they did not all come out counts as leaked.

The time is that of the processor for one log of 10 MB (short: 1 MB) with all kinds in it, many times.

Beside it: the same findings as an f-string makes a message of them, and detect-secrets, with its own settings, which
reads a small log of the same lines; how many of the kinds it finds there, and how long it would take for all.
"""

import json
import os
import random
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from benchmarks.torture.promise import Outcome, Promise, Trial
from checkpoint.redaction import redact
from tests.helpers.homes import at_home
from tests.helpers.invented_secrets import Invented, invented, leaked
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene, published
from tests.helpers.slack_server import SlackServer
from tests.helpers.terminals import opened_terminal

PROMISE = Promise(
    11,
    "No secret of a known kind leaves the machine, or is shown, unless somebody asks for raw output.",
    "20 kinds × 5 sinks: 100/100 redacted; 10 MB in under 1 s of CPU",
)
SINKS = ("plan", "commit message", "Slack", "notice", "printed")
MEGABYTE = 1_000_000
BOUND = 1.0
"""Seconds of CPU, for 10 MB; the short form has as many for a tenth of it."""
SAMPLE = 169 * 1024
"""Bytes of the log that detect-secrets reads."""
QUOTES = '''
from collections.abc import Iterator
from checkpoint.validator import Artifact, Finding, validator

@validator("quotes")
def quotes(artifact: Artifact) -> Iterator[Finding]:
    """Quotes the whole text."""
    yield Finding("something else", artifact.text(), artifact.path, "write something else")
'''
COMMIT = """\
checkpoint: {{ headline }}

{% for team in report.teams %}{% for task in team.tasks %}{% for each in task.verdicts %}{% for f in each.findings %}
{{ task.id }}: {{ f.found }}
{% endfor %}{% endfor %}{% endfor %}{% endfor %}
"""
TEAM = """
## Team: t{number}

- folder: `out/t{number}`

- [x] **T{number}** Deploy
  - `log.txt` quotes
"""


class Timed(NamedTuple):
    """How many kinds were found, in how many seconds of CPU."""

    found: int
    seconds: float


def run(trial: Trial) -> Outcome:
    secrets = invented(trial.seed)
    trial.say("one checkpoint, on every way out")
    with at_home(trial.folder / "home"):
        sinks = texts(trial.folder, secrets)
    gone, naive = leaks(secrets, sinks), leaks(secrets, naively(secrets))
    trial.say("a long log")
    size = MEGABYTE if trial.short else 10 * MEGABYTE
    ours, theirs = ours_on(secrets, log(secrets, size, trial.seed)), theirs_on(trial.folder, secrets, trial.seed)
    pairs = len(secrets) * len(SINKS)
    slow = [f"{size // MEGABYTE} MB took {ours.seconds:.2f} s of CPU"] if ours.seconds >= BOUND else []
    missed = [f"{ours.found} of {len(secrets)} kinds found in the log"] if ours.found < len(secrets) else []
    all_of_it = theirs.seconds * 10 * MEGABYTE / SAMPLE
    return Outcome(
        f"{len(secrets)} kinds × {len(SINKS)} sinks: {pairs - len(gone)}/{pairs} redacted; "
        f"{size // MEGABYTE} MB in {ours.seconds:.2f} s of CPU",
        f"an f-string: {pairs - len(naive)}/{pairs}; detect-secrets {theirs.found}/{len(secrets)} kinds, "
        f"10 MB in {all_of_it:.0f} s ({theirs.seconds:.1f} s for {SAMPLE // 1024} KiB)",
        (*gone, *slow, *missed),
    )


def leaks(secrets: tuple[Invented, ...], sinks: dict[str, str]) -> list[str]:
    """Each kind that can be read in a sink; and each sink in which they did not all arrive: it would prove nothing."""
    read = [f"{each.kind}: {sink}" for sink, text in sinks.items() for each in secrets if leaked(each, text)]
    silent = [sink for sink, text in sinks.items() if text.count("redacted: ") + len(read) < len(secrets)]
    return read + [f"{each.kind}: did not get to {sink}" for sink in silent for each in secrets]


def texts(folder: Path, secrets: tuple[Invented, ...]) -> dict[str, str]:
    """All that got out, by sink."""
    plan = "---\ncheckpoint: 1\n---\n\n# Deploy\n" + "".join(TEAM.format(number=n) for n in range(len(secrets)))
    plan += "\n## Team: all\n\n- folder: `out`\n\n- [ ] **ALL** Print\n  - `$ cat */log.txt; exit 3` passes\n"
    with ExitStack() as stack:
        slack, terminal = stack.enter_context(SlackServer(pace=0.0)), stack.enter_context(opened_terminal())
        scene = published(folder, plan)
        scene.deliver({f"out/t{number}/log.txt": f"{each.text}\n" for number, each in enumerate(secrets)})
        scene.deliver({"validators/quotes.py": QUOTES, "templates/commit.txt.j2": COMMIT})
        _tell_everywhere(folder, slack, terminal.device)
        scene.approve()
        scene.now()
        told = Path(os.environ["CHECKPOINT_NOTICE_FOLDER"]).rglob("*.txt")
        said = [json.dumps([r.text, r.blocks], ensure_ascii=False) for each in slack.messages for r in each.revisions]
        return {
            "plan": scene.plan,
            "commit message": git(scene.where, "log", "-1", "--format=%B", "main"),
            "Slack": "\n".join(said),
            "notice": "\n".join((*(path.read_text() for path in told), terminal.received().decode())),
            "printed": "\n".join(printed(scene)),
        }


def _tell_everywhere(folder: Path, slack: SlackServer, device: str) -> None:
    token = folder / "token"
    token.touch(0o600)
    token.write_text(slack.token)
    os.environ |= {
        "CHECKPOINT_NOTIFY": "file, terminal, slack",
        "CHECKPOINT_NOTICE_FOLDER": str(folder / "notices"),
        "CHECKPOINT_TERMINALS": device,
        "CHECKPOINT_SLACK_CHANNEL": "#plans",
        "CHECKPOINT_SLACK_TOKEN": f"file:{token}",
        "CHECKPOINT_SLACK_API": slack.url,
    }


def printed(scene: Scene) -> list[str]:
    """What commands print of the last checkpoint, or of one more."""
    ran = [scene.run(name, *more) for name in ("show", "status", "next", "check", "log") for more in ((), ("--json",))]
    return [each.out + each.err for each in (*ran, scene.run("now", "--dry-run"), scene.run("now", "--json"))]


def naively(secrets: tuple[Invented, ...]) -> dict[str, str]:
    """What people write first: the output in a message."""
    found = "\n".join(f"T{number}: found {each.text}" for number, each in enumerate(secrets))
    return dict.fromkeys(SINKS, found)


def log(secrets: tuple[Invented, ...], size: int, seed: int) -> str:
    """A log of that many bytes, each secret in it many times, among lines as they are."""
    chance, lines, total = random.Random(seed), list[str](), 0
    while total < size:
        digest = f"{chance.getrandbits(160):040x}"
        plain = f"2026-11-21 10:00:03 INFO build: step {total} of {size}, commit {digest}, token cached, key ok"
        lines.append(plain if chance.random() < 0.95 else f"2026-11-21 10:00:03 WARN {chance.choice(secrets).text}")
        total += len(lines[-1]) + 1
    return "\n".join((*lines, *(each.text for each in secrets), ""))


def ours_on(secrets: tuple[Invented, ...], text: str) -> Timed:
    redact(text[:1000])  # compiles the patterns
    began = time.process_time()
    shown = redact(text)
    seconds = time.process_time() - began
    return Timed(sum(not leaked(each, shown) for each in secrets), seconds)


def theirs_on(folder: Path, secrets: tuple[Invented, ...], seed: int) -> Timed:
    """What detect-secrets finds: a kind counts where it names any of the lines that the secret stands in."""
    path = folder / "sample.log"
    path.write_text(log(secrets, SAMPLE, seed))
    found = SecretsCollection()
    began = time.process_time()
    with default_settings():
        found.scan_file(str(path))
    seconds = time.process_time() - began
    numbers = {each.line_number for each in found[str(path)]}
    lines = path.read_text().split("\n")
    named = "\n".join(lines[number - 1] for number in numbers)
    return Timed(sum(any(line in named for line in each.text.split("\n")) for each in secrets), seconds)
