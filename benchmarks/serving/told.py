"""What people were told, channel by channel, held against what was published: all of it once, in order.

A *telling* is what can be seen of one notice: its title, and how many earlier ones it says that it stands for.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from checkpoint.notify import Notice
from checkpoint.notify.plain import heading

_STANDS_FOR = re.compile(r"stands for (\d+) earlier checkpoints? too")
_BEFORE = re.compile(r"\d+ checkpoints? before this one:")
_LEFT_OUT = re.compile(r"… (\d+) more, and then")
_LEVEL = re.compile("[✓✗·] ")
_CUT = 148
"""Characters of a title by which it is known again: Slack shows 150 of an earlier one."""


class Telling(NamedTuple):
    """`earlier` is None where what was shown was cut off before it said so."""

    title: str
    earlier: int | None = 0


class Tally(NamedTuple):
    """How one channel did. `notices` were to be told in `tellings`; what is wrong is said in lines."""

    channel: str
    notices: int
    tellings: int
    lost: Sequence[str] = ()
    twice: Sequence[str] = ()

    @property
    def is_exact(self) -> bool:
        return not self.lost and not self.twice


def tally(channel: str, titles: Sequence[str], tellings: Sequence[Telling]) -> Tally:
    """Held against each other: each telling stands for the next ones of the titles, up to its own."""
    lost: list[str] = []
    twice: list[str] = []
    done = 0
    for title, earlier in tellings:
        at = _find(titles, done, title, earlier)
        if at is None:
            twice.append(f"{title} (+{earlier})")
            continue
        first = done if earlier is None else max(0, at - earlier)
        lost += titles[done:first]
        twice += [f"{each} (named as earlier)" for each in titles[first:done]]
        done = at + 1
    lost += titles[done:]
    return Tally(channel, len(titles), len(tellings), lost, twice)


def _find(titles: Sequence[str], done: int, title: str, earlier: int | None) -> int | None:
    """Which of the titles from there on a telling is: preferably the one up to which its number leads."""
    if earlier is not None and done + earlier < len(titles) and titles[done + earlier] == title:
        return done + earlier
    return next((at for at in range(done, len(titles)) if titles[at] == title), None)


def on_a_terminal(lines: Iterable[str], notices: Iterable[Notice]) -> Iterator[Telling]:
    """What stands on a terminal: each notice after an empty line, its title first."""
    known = {heading(notice)[:200].rstrip() for notice in notices}
    rows = list(lines)
    for before, line, after in zip(["", *rows], rows, [*rows[1:], ""], strict=False):
        if not before and line in known:
            yield Telling(line, _earlier(after))


def in_messages(messages: Iterable[str]) -> Iterator[Telling]:
    """What somebody was shown by tmux, oldest first; a message is cut at 200 characters."""
    for message in messages:
        head, *rest = _LEVEL.sub("", message, count=1).removesuffix(" |").split(" | ")
        is_cut = message.endswith("…")
        found = [number for number in map(_earlier, rest) if number]
        yield Telling(head, found[0] if found else None if is_cut else 0)


def in_files(contents: Iterable[str]) -> Iterator[Telling]:
    """What a file said, one state after the other."""
    for content in contents:
        title, _, rest = content.partition("\n")
        yield Telling(title, _earlier(rest.partition("\n")[0]))


def without_rewriting(titles: Sequence[str], tellings: Sequence[Telling]) -> list[Telling]:
    """Without those after which a file says what it said before, where nothing like it was to be told: it was only
    written again, which nobody can see."""
    kept: list[Telling] = []
    due = 0
    for telling in tellings:
        at = due + (telling.earlier or 0)
        if kept and kept[-1] == telling and (at >= len(titles) or titles[at] != telling.title):
            continue
        kept.append(telling)
        due = at + 1
    return kept


def _earlier(line: str) -> int:
    found = _STANDS_FOR.fullmatch(line)
    return int(found[1]) if found else 0


class Thread(NamedTuple):
    """A message of Slack's with its thread: as it stands at the end, and the keys that it ever had."""

    titles: list[str]
    left_out: int
    keys: frozenset[str]
    replies: int
    kind: str


def threads(revisions: Iterable[Mapping[str, Any]]) -> list[Thread]:
    """Slack's messages, oldest first, from all that was ever said."""
    last: dict[str, Mapping[str, Any]] = {}
    keys: dict[str, set[str]] = {}
    replies: Counter[str] = Counter()
    for revision in revisions:
        if revision["thread"]:
            replies[revision["thread"]] += revision["edits"] == 0
            continue
        last[revision["ts"]] = revision
        keys.setdefault(revision["ts"], set()).add(_key(revision))
    return [_thread(each, frozenset(keys[ts]), replies[ts]) for ts, each in last.items()]


def _thread(revision: Mapping[str, Any], keys: frozenset[str], replies: int) -> Thread:
    lines = revision["shown"].split("\n")
    start = next((number for number, line in enumerate(lines) if _BEFORE.fullmatch(line)), len(lines))
    earlier = [line.removeprefix("• ") for line in lines[start + 1 :] if line.startswith("• ")]
    left_out = sum(int(found[1]) for line in lines[start + 1 :] if (found := _LEFT_OUT.fullmatch(line)))
    own = revision["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    kind = "trouble" if _key(revision).startswith(("trouble:", "over:", "degraded:", "recovered:")) else "checkpoint"
    return Thread([*earlier, own], left_out, keys, replies, kind)


def _key(revision: Mapping[str, Any]) -> str:
    return str(revision["metadata"]["event_payload"]["key"])


def in_slack(found: Sequence[Thread], notices: Sequence[Notice]) -> Tally:
    """Each notice stands in one message: as its own, or among those that it names as earlier."""
    wanted = Counter(notice.title[:_CUT] for notice in notices)
    shown = Counter(title[:_CUT] for thread in found for title in thread.titles)
    spare = sum(thread.left_out for thread in found)
    lost = list((wanted - shown).elements())
    places = Counter(key for thread in found for key in thread.keys)
    twice = [f"the key {key} in {number} messages" for key, number in places.items() if number > 1]
    twice += [f"{thread.titles[-1]}: {thread.replies} replies" for thread in found if thread.replies > 1]
    twice += (shown - wanted).elements()
    return Tally("slack", len(notices), len(found), lost if len(lost) > spare else [], twice)
