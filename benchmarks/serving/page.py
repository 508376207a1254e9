"""The page of results: what was held against which limit, and whether it was kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.floor import machine
from benchmarks.serving.busy import Chosen, Outcome
from benchmarks.serving.idle import Idle
from benchmarks.serving.reckoning import AFTER_AN_EVENT, WITHOUT_ONE, Waited, spread


class CatchUp(NamedTuple):
    """The minutes that passed while the server was down for long, and the scheduled checkpoints that came then."""

    minutes: int
    checkpoints: int


class Results(NamedTuple):
    chosen: Chosen
    outcome: Outcome
    unheard: Mapping[str, Sequence[Waited]]
    """Changes of which no event told, by what they were."""
    catch_up: CatchUp
    idle: Sequence[Idle]


class Part(NamedTuple):
    """A table of the page, and whether all limits in it were kept."""

    text: str
    is_met: bool


def page(about: str, results: Results) -> tuple[str, bool]:
    """The text, and whether every limit was kept."""
    parts = [_acted_on(results), _told(results.outcome), _slots(results), _remote(results.outcome), _idle(results.idle)]
    texts = (about.strip(), *(part.text for part in parts), f"{machine()}.")
    return "\n\n".join(texts), all(part.is_met for part in parts)


def _acted_on(results: Results) -> Part:
    waits = results.outcome.waits
    with_event = [each for each in waits if each.had_event]
    without = [each for each in waits if not each.had_event]
    rows = [
        _wait("with an event, from the last thing that stirred", (each.settled for each in with_event), AFTER_AN_EVENT),
        _wait("the same, each from its own moment", (each.seconds for each in with_event), None),
        _wait("made while the server was down, from its start", (each.seconds for each in without), WITHOUT_ONE),
        *(_wait(name, (each.seconds for each in found), WITHOUT_ONE) for name, found in results.unheard.items()),
    ]
    kinds = Counter(each.change.kind for each in waits)
    ticks = Counter(_verdict(each) for each in waits if each.change.kind == "tick")
    head = (
        f"**Acted on.** {kinds['delivery']} deliveries, {kinds['edit']} edits and {kinds['tick']} ticks by two people,"
        f" in {results.outcome.seconds / 60:.1f} minutes with {results.outcome.kills} kills; in seconds. Of the ticks"
        f" {ticks['false']} were found to be false, {ticks['proven']} true by then, {ticks['killed']} were judged by a"
        f" checkpoint that was killed before its record; {ticks['overlooked']} were overlooked."
    )
    columns = "| changes | number | least | median | 95 % | most | at most | |\n|---|--:|--:|--:|--:|--:|--:|---|"
    return Part(
        "\n".join((head, "", columns, *(text for text, _ in rows))),
        not ticks["overlooked"] and all(is_met for _, is_met in rows),
    )


def _wait(name: str, figures: Iterable[float | None], limit: float | None) -> tuple[str, bool]:
    every = list(figures)
    found = spread(each for each in every if each is not None)
    never = every.count(None)
    is_met = not never and (limit is None or found.most <= limit)
    row = f"{found.least:.2f} | {found.middle:.2f} | {found.most_of_them:.2f} | {found.most:.2f}"
    number = f"{len(every)}, {never} never" if never else len(every)
    return f"| {name} | {number} | {row} | {_limit(limit, 'g')} | {_word(is_met, limit)} |", is_met


def _verdict(tick: Waited) -> str:
    """What became of a ticked box."""
    if tick.by is None or tick.by.false is None:
        return "killed"
    if tick.change.what in tick.by.false:
        return "false"
    return "proven" if tick.change.what in tick.by.proven else "overlooked"


def _told(outcome: Outcome) -> Part:
    is_met = all(each.is_exact for each in outcome.tallies) and not outcome.untold and outcome.shows_the_last
    rows = [
        f"| {each.channel} | {each.notices} | {each.tellings} | {len(each.lost)} | {len(each.twice)} |"
        f" {_word(each.is_exact, 0.0)} |"
        for each in outcome.tallies
    ]
    published = sum(bool(commit.run) for commit in outcome.remote.commits)
    head = (
        f"**Told.** {published} published states, of which {len(outcome.left_to_the_next)} had their checkpoint killed"
        f" between its push and its record, so that the next one told of them; {len(outcome.untold)} were never told."
        " What waits while a channel cannot be reached is told as one."
    )
    columns = "| channel | notices | tellings | lost | told twice | |\n|---|--:|--:|--:|--:|---|"
    return Part("\n".join((head, "", columns, *rows)), is_met)


def _slots(results: Results) -> Part:
    found, catch_up = results.outcome.minutes, results.catch_up
    late = spread(found.late)
    is_met = not found.twice and not found.missed and catch_up.checkpoints == 1
    every = found.kept + len(found.made_up) + len(found.missed)
    text = (
        f"**The schedule.** Of {every} minutes {found.kept} had their scheduled checkpoint, {len(found.twice)} had two;"
        f" {len(found.made_up)} came while the server was down, and the checkpoint after its start stands for them;"
        f" {len(found.missed)} have none. It came {late.middle:.2f} s after the minute or the start (median;"
        f" {late.most:.2f} at most). After {catch_up.minutes} minutes of downtime, {catch_up.checkpoints} was made up"
        f" for: {_word(is_met, 0.0)}."
    )
    return Part(text, is_met)


def _remote(outcome: Outcome) -> Part:
    remote = outcome.remote
    is_met = not remote.fsck and not remote.merges and not remote.missing
    people = sum(not commit.run for commit in remote.commits)
    fsck = f"`{remote.fsck}`" if remote.fsck else "nothing"
    text = (
        f"**The remote.** {len(remote.commits)} commits, {people} of them by people; {remote.merges} merges;"
        f" {len(remote.missing)} lines of people lost; `git fsck --strict` says {fsck}; people's git met a lock"
        f" {outcome.collisions} times: {_word(is_met, 0.0)}."
    )
    return Part(text, is_met)


def _idle(idle: Sequence[Idle]) -> Part:
    rows = [
        f"| {each.name} | {each.cpu:.2f} | {100 * each.share:.3f} % | {_limit(each.limit and 100 * each.limit, 'g')} |"
        f" {_word(each.is_met, each.limit)} |"
        for each in idle
    ]
    seconds = idle[0].wall if idle else 0.0
    head = f"**Idle** for {seconds:.0f} s, all at once; seconds of CPU, children included, and the share of one core."
    columns = "| what | CPU | share | at most, % | |\n|---|--:|--:|--:|---|"
    return Part("\n".join((head, "", columns, *rows)), all(each.is_met for each in idle))


def _limit(limit: float | None, form: str) -> str:
    return "" if limit is None else format(limit, form)


def _word(is_met: bool, limit: float | None) -> str:
    return "" if limit is None else "met" if is_met else "**missed**"
