"""What has been proven is looked at again: nothing changed, or ten artifacts did, in commits or in the work tree."""

from collections.abc import Callable

from benchmarks.scale.bench import Bench, World, after_edits, check, large, take_checkpoint, world
from benchmarks.scale.model import Group, Limit, ratio
from benchmarks.scale.stamped import Stamped, stamped
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import git

_COMMITTED = """Teams have a `ref`, so what is committed counts. A checkpoint has proven everything; since then nothing
has happened, or {changes} artifacts got other content and were committed. ninja and make are up to date."""
_UNCHANGED = """Teams' folders on disk count. A checkpoint has proven everything, and nothing has happened since."""
_EDITED = """Teams' folders on disk count. A checkpoint has proven everything; before each turn {changes} artifacts get
other content, which nobody commits. ninja and make only name what they would do."""


def committed(bench: Bench) -> Group:
    """Nothing or little was committed since the last checkpoint, in a large and in a small repository."""
    place, few = large(bench), world(bench, "small", bench.size.small)
    place.clean()
    stamps = stamped(bench, place)
    peers, missing = stamps.subjects(bench, dry=False)
    changed = place.some(bench.size.changes)
    same, ten = "check, no change", f"check, {bench.size.changes} committed"
    small = f" of {few.shape.artifacts:,}"
    subjects = [
        place.status(),
        *(each._replace(prepare=lambda: stamps.touch(changed)) for each in peers),
        check(bench, place, same, "--plan", "committed.md"),
        check(bench, few, same + small, "--plan", "committed.md"),
        check(bench, place, ten, "--plan", "committed.md")._replace(prepare=commits(bench, place)),
        check(bench, few, ten + small, "--plan", "committed.md")._replace(prepare=commits(bench, few)),
    ]
    work = f"no change, committed, {place.shape.artifacts:,} artifacts"
    more = f"{bench.size.changes} changed and committed"
    limits = [
        Limit(work, "`git status`", 0.3, ratio(same, "git status"), prototype="0.07"),
        Limit(work, "`ninja`", 0.1, ratio(same, "ninja")),
        Limit(work, f"{few.shape.artifacts:,} artifacts", 1.3, ratio(same, same + small)),
        Limit(more, "`git status`", 0.4, ratio(ten, "git status"), prototype="0.11"),
        Limit(more, f"{few.shape.artifacts:,} artifacts", 1.3, ratio(ten, ten + small)),
    ]
    _sees(bench, place, "committed.md")
    take_checkpoint(bench, few, "committed.md")
    about = _COMMITTED.format(changes=bench.size.changes)
    return Group("committed", about, subjects, limits, "git status", bench.size.rounds, missing)


def unchanged(bench: Bench) -> Group:
    """The work tree is as it was at the last checkpoint."""
    place = large(bench)
    place.clean()
    return _of_work_tree("unchanged", _UNCHANGED, bench, stamped(bench, place), "check, 0 edits")


def edited(bench: Bench) -> Group:
    """A few files of the work tree have been written to since the last checkpoint."""
    place = large(bench)
    place.clean()
    name = f"check, {bench.size.changes} edits"
    group = _of_work_tree("edited", _EDITED, bench, stamped(bench, place), name)
    edits = after_edits(place, bench.size.changes)
    subjects = [each._replace(prepare=edits) for each in group.subjects]
    return group._replace(about=group.about.format(changes=bench.size.changes), subjects=subjects)


def _of_work_tree(name: str, about: str, bench: Bench, stamps: Stamped, ours: str) -> Group:
    place = stamps.place
    peers, missing = stamps.subjects(bench, dry=name == "edited")
    subjects = [place.status(), *peers, check(bench, place, ours)]
    _sees(bench, place, "plan.md")
    work = f"work tree, {ours.removeprefix('check, ')}"
    limits = [
        Limit(work, "`git status`", 1.5, ratio(ours, "git status"), prototype="1.17"),
        *(Limit(work, f"`{each.command}`", 0.5, ratio(ours, each.name)) for each in peers),
    ]
    return Group(name, about, subjects, limits, "git status", bench.size.rounds, missing)


def _sees(bench: Bench, place: World, plan: str) -> None:
    """Takes a checkpoint, and proves that a check fails where an artifact is gone: what is quick must not be blind."""
    take_checkpoint(bench, place, plan)
    (gone,) = place.some(1)
    git(place.work, place.env, "rm", "-q", "--", gone)
    git(place.work, place.env, "commit", "-q", "-m", "Take one away")
    program((bench.checkpoint, "check", "--quiet", "--plan", plan), place.work, place.env, (1,))()
    place.clean()
    take_checkpoint(bench, place, plan)


def commits(bench: Bench, place: World) -> Callable[[], None]:
    """Commits a few artifacts, each time with content that they never had."""
    changed = place.some(bench.size.changes)

    def commit() -> None:
        git(place.work, place.env, "add", "--", *changed)
        git(place.work, place.env, "commit", "-q", "-m", "Change some")

    return after_edits(place, bench.size.changes, commit)
