"""Two people at work on one plan: they deliver, edit, tick what is not done, commit and push, each in their time."""

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from tests.helpers.repositories import GitError, git, head

Kind: TypeAlias = Literal["delivery", "edit", "tick"]

TRIES = 60
TASKS = ("B1", "B2", "B3", "B4", "F1", "F2")
_LOCKED = (".lock", "cannot lock ref", "unable to update local ref", "would be overwritten by merge")
"""What git says when another git is at work in the same clone, at this moment."""
_BEHIND = ("rejected]", "fetch first", "non-fast-forward")
_TEST = (
    "import unittest\nfrom search import search_books\n\n\nclass T(unittest.TestCase):\n    def test(self):\n        "
)


class Work(NamedTuple):
    """A file that a team delivers: as it should be, and as it should not; `{0}` stands for a number of its own."""

    good: str
    bad: str


WORKS: Final[Mapping[str, Work]] = {
    "out/backend/openapi.json": Work('{"serial": {0}, "paths": {"/books": {}}}\n', '{"serial": {0}, "paths": {\n'),
    "out/backend/search.py": Work(
        "def search_books(books, title):  # {0}\n    return [b for b in books if title in b]\n",
        "def search_books(books, title):  # {0}\n    raise NotImplementedError\n",
    ),
    "out/backend/test_search.py": Work(
        f'# {{0}}\n{_TEST}self.assertEqual(search_books(["Emma"], "m"), ["Emma"])\n',
        f'# {{0}}\n{_TEST}self.assertEqual(search_books(["Emma"], "m"), ["{{0}}"])\n',
    ),
    "out/backend/CHANGELOG.md": Work("# Changelog {0}\n\n- Search\n- Publish\n", "# Changelog {0}\n"),
    "out/frontend/index.html": Work('<h1>{0}</h1>\n<ul id="books"></ul>\n', "<h1>{0}</h1>\n"),
    "out/frontend/about.html": Work("<h1>About {0}</h1>\n", "<h1>About nothing, {0}</h1>\n"),
    "out/frontend/export.csv": Work(
        "title,author,price\nEmma {0},Jane Austen,9.90\nDracula,Bram Stoker,7.50\n",
        "title,author,price\nEmma {0},Jane Austen,9.90\nDracula,Bram Stoker\n",
    ),
}


class Change(NamedTuple):
    """Something that a checkpoint has to see. `at` is from when on it can be: in seconds since the epoch.

    `commit` is the one that was pushed; `what` the file delivered, the line written, or the task ticked.
    """

    kind: Kind
    who: str
    what: str
    at: float
    commit: str = ""


class Diary:
    """All that was done, with its time, in memory and in a file."""

    def __init__(self, file: Path) -> None:
        self.changes: list[Change] = []
        self.stirs: list[float] = []
        """When something happened in the clone that is watched that is no change yet: a pull, a save, a commit."""
        self._file = file
        self._happened = threading.Condition()

    def note(self, happened: str, **more: object) -> None:
        """Something that no checkpoint has to see."""
        with self._happened, self._file.open("a") as file:
            file.write(json.dumps({"at": round(time.time(), 3), "happened": happened} | more) + "\n")

    def add(self, change: Change) -> None:
        self.note("change", **change._asdict())
        with self._happened:
            self.changes.append(change)
            self._happened.notify_all()

    def wait_for_another(self, seconds: float) -> None:
        """Waits until the next change, for so long at most."""
        with self._happened:
            known = len(self.changes)
            self._happened.wait_for(lambda: len(self.changes) > known, seconds)


class Person:
    """Somebody with a clone. Everything that they choose follows from the seed; `pace` is the mean of their pauses."""

    def __init__(
        self,
        name: str,
        clone: Path,
        env: Mapping[str, str],
        diary: Diary,
        *,
        seed: int,
        pace: float,
        is_watched: bool,
    ) -> None:
        self.name = name
        self.written: list[str] = []
        """The lines that were pushed."""
        self.collisions = 0
        """How often another git was at work in the same clone, so that theirs had to be run again."""
        self._clone = clone
        self._env = env
        self._diary = diary
        self._random = random.Random(f"{seed} {name}")
        self._pace = pace
        self._is_watched = is_watched
        self._number = 0
        self._stopped = threading.Event()

    def work(self, deeds: Mapping[Kind, int]) -> None:
        """Does one of the deeds after the other, each as often as its weight says, until they are told to stop."""
        does: dict[Kind, Callable[[], None]] = {"delivery": self.deliver, "edit": self.edit, "tick": self.tick}
        while not self._stopped.wait(self._random.expovariate(1 / self._pace)):
            does[self._random.choices(list(deeds), list(deeds.values()))[0]]()

    def stop(self) -> None:
        self._stopped.set()

    def deliver(self) -> None:
        """A file of a team: mostly as it should be, sometimes not, sometimes no more."""
        path = self._random.choice(list(WORKS))
        state = self._random.choices(("good", "bad", "gone"), (6, 3, 1))[0]
        target = self._clone / path
        if state == "gone":
            target.unlink(missing_ok=True)
        else:
            self._put(target, getattr(WORKS[path], state).replace("{0}", str(self._next())))
        self._diary.add(Change("delivery", self.name, f"{path} {state}", time.time()))

    def edit(self) -> None:
        """A line of their own in the plan; sometimes a new title as well."""
        number = self._next()
        line = f"- {self.name} {number}: {self._random.getrandbits(64):016x}"
        renames = self._random.random() < 0.5

        def edited(text: str) -> str:
            heading = f"## Notes of {self.name}\n\n"
            if renames:
                text = "\n".join(
                    f"# Bookshop {self.name[0]}{number}" if row.startswith("# ") else row for row in text.split("\n")
                )
            return text.replace(heading, f"{heading}{line}\n")

        self._publish("edit", line, edited)
        self.written.append(line)

    def tick(self) -> None:
        """The box of a task that nobody has proven."""
        open_tasks = [task for task in TASKS if f"[ ] **{task}**" in (self._clone / "plan.md").read_text()]
        if open_tasks:
            task = self._random.choice(open_tasks)
            self._publish("tick", task, lambda text: text.replace(f"[ ] **{task}**", f"[x] **{task}**"))

    def _stir(self) -> None:
        if self._is_watched:
            self._diary.stirs.append(time.time())

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, target: Path, text: str) -> None:
        """Writes a file in one of the two ways in which programs do: in place, or beside it and renamed."""
        if self._random.random() < 0.5:
            target.write_text(text)
            return
        beside = target.with_name(f".{target.name}.new")
        beside.write_text(text)
        beside.replace(target)

    def _publish(self, kind: Kind, what: str, edited: Callable[[str], str]) -> None:
        """Edits the newest plan and pushes it; where somebody was faster and wrote in the same place, once more."""
        plan = self._clone / "plan.md"
        for _ in range(TRIES):
            self._git("pull", "-q", "--rebase")
            before = plan.read_text()
            after = edited(before)
            if after == before:
                return
            plan.write_text(after)
            self._stir()
            self._stopped.wait(self._random.uniform(0.0, 1.5))
            try:
                self._git("commit", "-q", "-m", f"{self.name}: {kind}", "--", "plan.md")
                commit, began = self._push()
            except GitError as error:
                self._diary.note("again", who=self.name, why=str(error))
                self._give_up_this_time()
                continue
            self._diary.add(Change(kind, self.name, what, began, commit))
            return
        raise RuntimeError(f"{self.name} could not push")

    def _push(self) -> tuple[str, float]:
        """Pushes, after pulling what others have pushed meanwhile: the commit, and when that push began.

        Afterwards the branch may be further on: the server brings the first person's clone up to its checkpoints.
        """
        for _ in range(TRIES):
            commit, began = head(self._clone), time.time()
            try:
                self._git("push", "-q")
                return commit, began
            except GitError as error:
                if not any(word in str(error) for word in _BEHIND):
                    raise
            self._git("pull", "-q", "--rebase")
        raise RuntimeError(f"{self.name} could not push")

    def _give_up_this_time(self) -> None:
        if (self._clone / ".git/rebase-merge").exists() or (self._clone / ".git/rebase-apply").exists():
            self._git("rebase", "--abort")
        self._git("reset", "-q", "--hard", "@{upstream}")

    def _git(self, *words: str) -> None:
        """Runs git, again and again where another one is in its way, as people do."""
        for attempt in range(TRIES):
            now = f"{int(time.time())} +0000"
            me = {"NAME": self.name, "EMAIL": f"{self.name.lower()}@example.org", "DATE": now}
            mine = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in me.items()}
            try:
                git(self._clone, *words, env={**self._env, **mine})
                self._stir()
                return
            except GitError as error:
                if attempt == TRIES - 1 or not any(word in str(error) for word in _LOCKED):
                    raise
                self.collisions += 1
                self._diary.note("locked", who=self.name, why=str(error))
                time.sleep(self._random.uniform(0.02, 0.2))
