"""One checkpoint is taken again and again, each time from the same state, and each time another operation of it fails:
the first, the second, and so on until it has no more. A failure strikes

- **git**: the n-th process fails, fails after it has done its work, is killed before or after it, or hangs;
- **SQLite**: the n-th read, write, sync, lock or opening of the journal gets an error, once or from there on (`strace`
  injects it into the program's own system calls);
- **files**: so does the n-th that is made, renamed, linked or removed, and the n-th process;
- **HTTP**: the n-th request to the git server or to Slack is reset, cut, left without an answer, or answered with 401,
  403, 404, 500, 503 or a page for people, before or after the server has done what was asked;
- **full disk**: the private state, the person's clone or the remote has so many bytes free, each time 12 KiB more.

Then the state is looked at: the plan on the remote, the journal, what people were told. *Before*: nothing published,
recorded or told, and the status is not 0. *After*: published whole, recorded, status 0. *Unrecorded*: published, and
status 7 says that nothing here knows of it yet. *Unknown*: the remote took the push and then never answered again,
which is what is said. Anything else is *between*. An error must be one line of cause and one of mend, of the right
class, within seconds. Then a checkpoint is taken without a failure, after which there must be one commit, recorded, and
people told once.

The naive way pulls, edits the file, commits, pushes, notes the commit in SQLite and posts to Slack; the same strikes
it.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.torture.failures_faults import disk_series, git_series, remote_series, slack_series
from benchmarks.torture.failures_full import full_cases, is_possible
from benchmarks.torture.failures_series import Case, Series, cases
from benchmarks.torture.failures_world import NAIVE, OURS, Way
from benchmarks.torture.promise import Outcome, Promise, Trial

PROMISE = Promise(
    3,
    "Whatever operation fails, the state is the one before or the one after, and the exit status says which.",
    "every n of git, SQLite, HTTP and full disks: 0 between, the next run right",
)
_AT_ONCE = 12
"""Worlds at a time: what is waited for takes no processor."""
STATES = ("before", "after", "unrecorded", "unknown", "between")


def run(trial: Trial) -> Outcome:
    left_out = [*([] if shutil.which("strace") else ["SQLite and files: there is no strace here"])]
    left_out += [] if is_possible() else ["full disks: none can be mounted here"]
    ours, naive = (every_case(way, trial, has_disks=is_possible()) for way in (OURS, NAIVE))
    broken = [f"{case.name}: {problem}" for case in ours for problem in case.problems]
    return Outcome(summary(ours), summary(naive), tuple(broken), details(ours, naive, left_out))


def every_case(way: Way, trial: Trial, *, has_disks: bool) -> list[Case]:
    """All that a way is put through, several worlds at a time: most of it is waiting."""
    chosen = [*git_series(), *(disk_series() if shutil.which("strace") else ()), *remote_series(), *slack_series()]
    groups = _shared(chosen, way) if trial.short else [[series] for series in chosen]
    jobs: list[Callable[[], Sequence[Case]]] = [
        partial(_all, alike, way, trial, trial.folder / way.name / str(number))
        for number, alike in sorted(enumerate(groups), key=lambda each: not each[1][0].only)
    ]
    if has_disks and not (trial.short and way is NAIVE):
        jobs.append(partial(full_cases, way, trial.folder / way.name / "full", short=trial.short))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(chain.from_iterable(pool.map(lambda job: job(), jobs)))


def _shared(chosen: Sequence[Series], way: Way) -> list[list[Series]]:
    """What the short form strikes, by the worlds that it shares; of the naive way only what takes least."""
    wanted = [series for series in chosen if series.few and (way is OURS or series.family in ("git", "SQLite"))]
    found = [[series for series in wanted if series.served == served] for served in (False, True)]
    return [alike for alike in found if alike]


def _all(alike: Sequence[Series], way: Way, trial: Trial, folder: Path) -> list[Case]:
    folder.mkdir(parents=True)
    found = []
    for case in cases(alike, way, folder, short=trial.short):
        trial.say(f"{way.name}: {case.name}"[:100])
        found.append(case)
    shutil.rmtree(folder)
    return found


def summary(found: Sequence[Case]) -> str:
    counted = Counter(case.state for case in found)
    states = ", ".join(f"{counted[name]} {name}" for name in STATES if counted[name] or name == "between")
    return f"{len(found)} failures: {states}; the next run right after {sum(map(is_followed, found))}"


def is_followed(case: Case) -> bool:
    """Whether the next run was right."""
    return not any(problem.startswith(("the next run", "after the next run")) for problem in case.problems)


def details(ours: Sequence[Case], naive: Sequence[Case], left_out: Iterable[str]) -> str:
    """The counts by family, ours and the naive way's."""
    head = "| family | " + " | ".join(("failures", *STATES)) + " | naive: failures | between | next run wrong |"
    lines = [head, "|---|" + "--:|" * (len(STATES) + 4)]
    for family in dict.fromkeys(case.family for case in (*ours, *naive)):
        mine, theirs = ([case for case in found if case.family == family] for found in (ours, naive))
        counted = Counter(case.state for case in mine)
        wrong = sum(not is_followed(case) for case in theirs)
        between = sum(case.state == "between" for case in theirs)
        cells = (len(mine), *(counted[name] for name in STATES), len(theirs), between, wrong)
        lines.append(f"| {family} | {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, *(f"\nNot tried: {each}." for each in left_out)])
