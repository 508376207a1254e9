"""What has to be right after a run that was killed and the one that came next: nothing is left for a human to do."""

from collections import Counter
from collections.abc import Iterator

from benchmarks.torture.killed_scene import Scene, state, title
from benchmarks.torture.states import human, is_whole, spelt
from tests.helpers.killing import steps_in
from tests.helpers.repositories import GitError, content_at, git, head

_LAST_LINE = "It is agreed that nothing of this is lost, whatever happens to whom."


def wrong_with(scene: Scene, status: int) -> list[str]:
    """What is wrong after the next run, which ended with that status. Nothing is changed by looking."""
    try:
        return [*_of_run(scene, status), *_of_publication(scene), *_of_checkout(scene)]
    except (GitError, OSError, ValueError) as error:
        return [f"cannot be looked at: {error}"]


def wrong_with_notices(scene: Scene) -> list[str]:
    """Whether each channel was told of the step, and once."""
    told = [
        {step for each in root.revisions for step in steps_in(each.shown.splitlines())} for root in scene.slack.roots
    ]
    times = Counter(step for steps in told for step in steps)[scene.step]
    faults = [] if times == 1 else [f"Slack was told {times} times"]
    threads = Counter(each.thread for each in scene.slack.replies)
    faults += [f"a message has {threads[root.ts]} replies" for root in scene.slack.roots if threads[root.ts] != 1]
    try:
        lines = (scene.notices / "all.txt").read_text().splitlines()
    except OSError:
        return [*faults, "the file is not there"]
    return faults + ([] if lines and lines[0].startswith(title(scene.step)[2:]) else ["the file does not say it"])


def wrong_with_clone(scene: Scene) -> list[str]:
    """Whether the private clone, where there is one, has all that its commits need."""
    clone = scene.store / "clone.git"
    if not scene.has_remote:
        return []
    try:
        git(clone, "--git-dir", str(clone), "fsck", "--connectivity-only", "--no-dangling")
    except GitError as error:
        return [f"the private clone: {error}"]
    return []


def _of_run(scene: Scene, status: int) -> Iterator[str]:
    if status:
        said = scene.log.read_text(errors="replace").strip().splitlines()
        yield f"the next run ended with status {status}: {' / '.join(said[-3:])}"


def _of_publication(scene: Scene) -> Iterator[str]:
    plan = content_at(scene.where, "plan.md") + "\n"
    if human(plan) != human(content_at(scene.work, "plan.md", scene.before) + "\n"):
        yield "the published plan has lost or changed words of people"
    if not plan.rstrip().endswith(_LAST_LINE) or not is_whole(plan):
        yield "the published plan is not whole"
    if spelt(plan) != state(scene.step):
        yield "the published plan does not say what is on the disk"
    commits = git(scene.where, "rev-list", "--count", f"{scene.before}..main")
    if commits != "1":
        yield f"{commits} commits for one state"
    git(scene.where, "fsck", "--connectivity-only", "--no-dangling")


def _of_checkout(scene: Scene) -> Iterator[str]:
    for lock in sorted(scene.where.rglob("*.lock")):
        yield f"{lock.relative_to(scene.where)} is left where it is published"
    for lock in sorted(scene.work.rglob("*.lock")):
        yield f"{lock.relative_to(scene.work)} is left in the person's repository"
    if changed := git(scene.work, "--no-optional-locks", "status", "--porcelain"):
        yield f"the person's checkout is neither as before nor whole: {' '.join(changed.split())}"
    here = head(scene.work)
    if here not in (scene.before, head(scene.where, "main")):
        yield f"the person's checkout is at {here[:10]}"
